//! What `cargo xtask ci` runs, in its order.

/// A step: its name, and the cargo command that must succeed.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) arguments: &'static [&'static str],
    pub(super) environment: &'static [(&'static str, &'static str)],
    pub(super) expect: Expect,
    /// Programs that it or a part of it needs; where one is absent, that is said.
    pub(super) needs: &'static [&'static str],
    /// Arguments that then leave out the part; without any, nothing is run.
    pub(super) reduced: &'static [&'static str],
}

/// What a step must do.
#[derive(PartialEq)]
pub(super) enum Expect {
    Success,
    /// The step checks that a broken variant is found out.
    Failure,
}

const fn step(name: &'static str, arguments: &'static [&'static str]) -> Step {
    Step {
        name,
        arguments,
        environment: &[],
        expect: Expect::Success,
        needs: &[],
        reduced: &[],
    }
}

/// A step that builds the feature `native`, or leaves out the crates which have it.
const fn step_with_native(
    name: &'static str,
    arguments: &'static [&'static str],
) -> Step {
    Step {
        needs: &["cmake", "nasm", "cc"],
        reduced: &["--exclude", "safelight-imaging", "--exclude", "safelight-native"],
        ..step(name, arguments)
    }
}

/// Builds hand-made synchronization with a fault in it, which its checker must find.
const WEAKENED: (&str, &str) = ("WEAKENED", "1");

/// What checks figures and alert rules, of Debian's package `prometheus`.
pub(super) const PROMTOOL: &str = "promtool";

/// The model checker's arguments; it checks production code of hand-made synchronization.
const LOOM: &[&str] = &[
    "test",
    "--profile",
    "threads",
    "--package",
    "safelight-profiler",
    "--no-default-features",
    "--lib",
    "--target-dir",
    "target/loom",
    "--",
    "loom_tests",
];

/// The same for the crates whose checker tries schedules at random.
const SHUTTLE: [&[&str]; 3] = [
    &[
        "test",
        "--profile",
        "threads",
        "--package",
        "safelight-cache",
        "--lib",
        "--target-dir",
        "target/shuttle",
        "--",
        "shuttle_tests",
    ],
    &[
        "test",
        "--profile",
        "threads",
        "--package",
        "safelight-memory-manager",
        "--lib",
        "--target-dir",
        "target/shuttle",
        "--",
        "shuttle_tests",
    ],
    &[
        "test",
        "--profile",
        "threads",
        "--package",
        "safelight-progress-monitor",
        "--no-default-features",
        "--lib",
        "--target-dir",
        "target/shuttle",
        "--",
        "shuttle_tests",
    ],
];

pub(super) const STEPS: &[Step] = &[
    step("format", &["fmt", "--all", "--check"]),
    step("clippy", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    step_with_native(
        "clippy, every feature of the crates",
        &[
            "clippy",
            "--workspace",
            "--exclude",
            "safelight-benches",
            "--exclude",
            "xtask",
            "--all-targets",
            "--all-features",
            "--",
            "-D",
            "warnings",
        ],
    ),
    step(
        "clippy, peers",
        &[
            "clippy",
            "--package",
            "safelight-benches",
            "--all-targets",
            "--features",
            "peers",
            "--",
            "-D",
            "warnings",
        ],
    ),
    Step {
        needs: &["c++"],
        ..step(
            "clippy, fuzz targets",
            &[
                "clippy",
                "--locked",
                "--manifest-path",
                "crates/safelight-imaging/fuzz/Cargo.toml",
                "--target-dir",
                "target/fuzz",
                "--",
                "-D",
                "warnings",
            ],
        )
    },
    // The README's test command; doc tests and the layering test are in it.
    step("test", &["test", "--workspace"]),
    step_with_native(
        "test, every feature of the crates",
        &[
            "test",
            "--workspace",
            "--exclude",
            "safelight-benches",
            "--exclude",
            "xtask",
            "--all-features",
        ],
    ),
    Step { environment: &[("RUSTFLAGS", "--cfg loom")], ..step("loom", LOOM) },
    Step {
        environment: &[("RUSTFLAGS", "--cfg loom"), WEAKENED],
        expect: Expect::Failure,
        ..step("loom finds a weakened ordering", LOOM)
    },
    Step {
        environment: &[("RUSTFLAGS", "--cfg shuttle")],
        ..step("shuttle, cache", SHUTTLE[0])
    },
    Step {
        environment: &[("RUSTFLAGS", "--cfg shuttle")],
        ..step("shuttle, permits", SHUTTLE[1])
    },
    Step {
        environment: &[("RUSTFLAGS", "--cfg shuttle")],
        ..step("shuttle, progress", SHUTTLE[2])
    },
    Step {
        environment: &[("RUSTFLAGS", "--cfg shuttle"), WEAKENED],
        expect: Expect::Failure,
        ..step("shuttle finds a dropped check in the cache", SHUTTLE[0])
    },
    Step {
        environment: &[("RUSTFLAGS", "--cfg shuttle"), WEAKENED],
        expect: Expect::Failure,
        ..step("shuttle finds a dropped check in the permits", SHUTTLE[1])
    },
    Step {
        environment: &[("RUSTFLAGS", "--cfg shuttle"), WEAKENED],
        expect: Expect::Failure,
        ..step("shuttle finds a dropped check in the progress monitor", SHUTTLE[2])
    },
    Step {
        environment: &[("RUSTDOCFLAGS", "-D warnings")],
        ..step_with_native(
            "documentation",
            &[
                "doc",
                "--workspace",
                "--no-deps",
                "--exclude",
                "safelight-benches",
                "--all-features",
            ],
        )
    },
    step(
        "deny",
        &["deny", "--log-level", "error", "check", "bans", "licenses", "sources"],
    ),
    step(
        "features",
        &[
            "hack",
            "check",
            "--workspace",
            "--feature-powerset",
            "--depth",
            "2",
            "--no-dev-deps",
            "--exclude-features",
            "native,peers,jpeg,webp",
        ],
    ),
    step(
        "short stress of the cache",
        &[
            "run",
            "--release",
            "--package",
            "xtask",
            "--",
            "stress",
            "cache",
            "--operations",
            "200000",
            "--seconds",
            "20",
        ],
    ),
    // They are in `test` too; here it is seen where promtool was missing.
    step(
        "promtool: metrics and rules",
        &["test", "--workspace", "--test", "prometheus", "--", "--nocapture", PROMTOOL],
    ),
    // Where no control group can be made it says so, and is no failure.
    step(
        "permits in a real control group",
        &["run", "--release", "--package", "xtask", "--", "test-oom", "--runs", "3"],
    ),
    step(
        "quick profile",
        &[
            "run",
            "--release",
            "--package",
            "xtask",
            "--",
            "profile",
            "--sizes",
            "256,384,512",
            "--time-budget",
            "8s",
        ],
    ),
];
