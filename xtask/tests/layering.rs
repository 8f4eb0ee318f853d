//! The crates see one another only as `docs/architecture.md` has it.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// Who may depend on whom, to the left only; what is not named here may not exist.
const MAY_SEE: [(&str, &[&str]); 13] = [
    ("safelight-core", &[]),
    ("safelight-stats", &[]),
    ("safelight-alloc", &[]),
    ("safelight-native", &[]),
    ("safelight-probe", &["safelight-core"]),
    ("safelight-imaging", &["safelight-core", "safelight-stats", "safelight-native"]),
    (
        "safelight-profiler",
        &["safelight-core", "safelight-stats", "safelight-probe", "safelight-alloc"],
    ),
    ("safelight-cache", &["safelight-core", "safelight-stats", "safelight-probe"]),
    (
        "safelight-memory-manager",
        &["safelight-core", "safelight-stats", "safelight-probe"],
    ),
    (
        "safelight-progress-monitor",
        &["safelight-core", "safelight-stats", "safelight-probe"],
    ),
    ("safelight", PARTS),
    ("safelight-benches", EVERYTHING),
    ("xtask", EVERYTHING),
];

const PARTS: &[&str] = &[
    "safelight-core",
    "safelight-stats",
    "safelight-alloc",
    "safelight-probe",
    "safelight-imaging",
    "safelight-profiler",
    "safelight-cache",
    "safelight-memory-manager",
    "safelight-progress-monitor",
];

const EVERYTHING: &[&str] = &[
    "safelight",
    "safelight-core",
    "safelight-stats",
    "safelight-alloc",
    "safelight-probe",
    "safelight-imaging",
    "safelight-profiler",
    "safelight-cache",
    "safelight-memory-manager",
    "safelight-progress-monitor",
    "safelight-benches",
];

/// Crates that bind libraries of C, which nothing may build unless it is asked for.
const BOUND: [&str; 1] = ["safelight-native"];

/// Crates that promise to have no dependency at all.
const ALONE: [&str; 3] = ["safelight-core", "safelight-stats", "safelight-alloc"];

/// Arrows that exist only while a feature is on.
const OPTIONAL: [(&str, &str); 5] = [
    ("safelight-imaging", "safelight-native"),
    ("safelight-progress-monitor", "safelight-probe"),
    ("safelight-memory-manager", "safelight-probe"),
    ("safelight-profiler", "safelight-probe"),
    ("safelight-profiler", "safelight-alloc"),
];

fn packages() -> Vec<Package> {
    let mut command = MetadataCommand::new();
    let metadata = command.no_deps().other_options(["--offline".to_owned()]).exec();
    metadata.expect("cargo metadata runs in the workspace").packages
}

fn seen(package: &Package) -> BTreeSet<&str> {
    let normal = package.dependencies.iter().filter(|dependency| {
        dependency.kind == DependencyKind::Normal && dependency.path.is_some()
    });
    normal.map(|dependency| dependency.name.as_str()).collect()
}

#[test]
fn arrows_go_left_only() {
    for package in packages() {
        let rule = MAY_SEE.iter().find(|(name, _)| *name == package.name.as_str());
        let (_, allowed) = rule.unwrap_or_else(|| panic!("no rule for {}", package.name));
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        let forbidden: Vec<_> = seen(&package).difference(&allowed).copied().collect();
        assert!(forbidden.is_empty(), "{} must not see {forbidden:?}", package.name);
    }
}

#[test]
fn the_lowest_crates_have_no_dependency() {
    for package in packages().iter().filter(|p| ALONE.contains(&p.name.as_str())) {
        let normal =
            package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal);
        let without_loom: Vec<_> = normal.map(|dependency| &dependency.name).collect();
        assert!(without_loom.is_empty(), "{} depends on {without_loom:?}", package.name);
    }
}

#[test]
fn arrows_of_features_are_optional() {
    for package in packages() {
        for (_, to) in OPTIONAL.iter().filter(|(from, _)| *from == package.name.as_str())
        {
            let arrow = package.dependencies.iter().find(|d| d.name == *to);
            assert!(
                arrow.is_some_and(|arrow| arrow.optional),
                "{} -> {to}",
                package.name
            );
        }
    }
}

#[test]
fn libraries_of_c_are_optional() {
    for package in packages().iter().filter(|p| BOUND.contains(&p.name.as_str())) {
        let normal =
            package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal);
        let always: Vec<_> = normal.filter(|d| !d.optional).map(|d| &d.name).collect();
        assert!(always.is_empty(), "{} always builds {always:?}", package.name);
        let default = package.features.get("default");
        assert!(default.is_none_or(Vec::is_empty), "{} by default", package.name);
    }
}

#[test]
fn folders_are_named_after_their_packages() {
    let is_crate = |package: &Package| {
        package.manifest_path.components().any(|part| part.as_str() == "crates")
    };
    for package in packages().iter().filter(|package| is_crate(package)) {
        let folder = package.manifest_path.parent().and_then(|dir| dir.file_name());
        assert_eq!(folder, Some(package.name.as_str()));
        for file in ["README.md", "CHANGELOG.md", "examples"] {
            let path = package.manifest_path.with_file_name(file);
            assert!(path.exists(), "{path} is missing");
        }
    }
}
