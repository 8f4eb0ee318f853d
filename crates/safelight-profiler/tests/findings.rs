//! Thresholds, scaling, repeats and advice, on given samples.

use std::{num::NonZeroUsize, time::Duration};

use expect_test::{Expect, expect};
use safelight_core::{ManualClock, Share};
use safelight_profiler::{
    AdviceKind, Analysis, FindingKind, Profiler, Quantity, Rules, Scaling,
};

const MS: Duration = Duration::from_millis(1);

/// A profiler to which runs are told instead of made.
struct Script {
    profiler: Profiler,
    clock: ManualClock,
    cpu: ManualClock,
}

impl Script {
    fn new() -> Self {
        let (clock, cpu) = (ManualClock::new(), ManualClock::new());
        let origin = safelight_core::Clock::now(&cpu);
        let builder = Profiler::builder().clock(clock.clone());
        let spent = cpu.clone();
        let spent = move || Some(safelight_core::Clock::now(&spent) - origin);
        Self { profiler: builder.cpu_clock(spent).build(), clock, cpu }
    }

    /// A run of `name` on a square image.
    fn run(&self, name: &str, side: u32, wall: Duration, cpu: Duration) {
        self.profiler.operation(name).pixels(side, side).measure(|| {
            self.clock.advance(wall);
            self.cpu.advance(cpu);
        });
    }

    fn analyze(&self, rules: &Rules) -> Analysis {
        Analysis::new(&self.profiler.recording(), rules)
    }

    fn kinds(&self) -> Vec<FindingKind> {
        let analysis = self.analyze(&Rules::default());
        analysis.findings.iter().map(|finding| finding.kind).collect()
    }
}

#[test]
fn p04_time_at_the_threshold_is_not_flagged_and_a_step_above_is() {
    let script = Script::new();
    (0..10).for_each(|_| script.run("at", 64, 500 * MS, MS));
    assert_eq!(script.kinds(), []);
    let step = Duration::from_nanos(1);
    (0..10).for_each(|_| script.run("above", 64, 500 * MS + step, MS));
    assert_eq!(script.kinds(), [FindingKind::Slow]);
}

#[test]
fn p04_cpu_at_the_threshold_is_not_flagged_and_a_step_above_is() {
    let script = Script::new();
    (0..10).for_each(|_| script.run("at", 64, 100 * MS, 80 * MS));
    assert_eq!(script.kinds(), []);
    (0..10).for_each(|_| script.run("above", 64, 100 * MS, 81 * MS));
    assert_eq!(script.kinds(), [FindingKind::CpuBound]);
}

#[test]
fn p04_a_wide_interval_flags_only_when_all_of_it_is_above() {
    let script = Script::new();
    // The median is over the threshold, but the interval is not.
    for wall in [400, 450, 499, 502, 560, 580, 590, 600, 610] {
        script.run("unsure", 64, wall * MS, MS);
    }
    assert_eq!(script.kinds(), []);
    for wall in [501, 505, 520, 540, 560, 580, 590, 600, 610] {
        script.run("sure", 64, wall * MS, MS);
    }
    assert_eq!(script.kinds(), [FindingKind::Slow]);
}

#[test]
fn p04_one_run_says_how_little_it_is_worth() {
    let script = Script::new();
    script.run("once", 64, 700 * MS, MS);
    let analysis = script.analyze(&Rules::default());
    expect!["once 64x64 is slow: median 700 ms (0 % interval 700 ms to 700 ms, 1 runs), over 500 ms"]
        .assert_eq(&analysis.findings[0].to_string());
}

/// Runs an operation ten times at each of these sides, with a noise of 2 %.
fn run_sizes(script: &Script, name: &str, sides: &[u32], nanos: impl Fn(f64) -> f64) {
    for &side in sides {
        let mean = nanos(f64::from(side) * f64::from(side));
        for idx in 0..10 {
            let noise = 0.98 + 0.004 * f64::from((idx * 7 + side) % 11);
            let wall = Duration::from_nanos((mean * noise) as u64);
            script.run(name, side, wall, Duration::ZERO);
        }
    }
}

#[track_caller]
fn exponent(analysis: &Analysis, name: &str) -> f64 {
    let cost = analysis.operations.iter().find(|cost| cost.name == name);
    match &cost.expect("the operation ran").scaling {
        Scaling::Fitted(fit) => fit.exponent.value.number(),
        other => panic!("no exponent: {other}"),
    }
}

#[test]
fn p05_linear_is_not_flagged_quadratic_is() {
    let script = Script::new();
    let sides = [512, 1024, 2048, 4096];
    run_sizes(&script, "linear", &sides, |pixels| 10.0 * pixels);
    run_sizes(&script, "fixed", &sides, |pixels| 20e6 + 10.0 * pixels);
    run_sizes(&script, "quadratic", &sides, |pixels| 2e-6 * pixels * pixels);
    let analysis = script.analyze(&Rules { slow: Duration::MAX, ..Rules::default() });
    assert!((exponent(&analysis, "linear") - 1.0).abs() <= 0.1);
    assert!((exponent(&analysis, "fixed") - 1.0).abs() <= 0.1);
    assert!((exponent(&analysis, "quadratic") - 2.0).abs() <= 0.15);

    let badly: Vec<_> =
        analysis.findings.iter().map(|f| (f.kind, f.operation.as_str())).collect();
    assert_eq!(badly, [(FindingKind::ScalesBadly, "quadratic")]);
}

#[test]
fn p05_what_does_not_grow_has_no_exponent() {
    let script = Script::new();
    run_sizes(&script, "header", &[512, 1024, 2048, 4096], |_| 3_000.0);
    let analysis = script.analyze(&Rules::default());
    assert_eq!(analysis.operations[0].scaling, Scaling::Flat);
    assert_eq!(analysis.findings, []);
}

#[test]
fn bound_by_the_cpu_is_said_once_for_the_size_that_took_most_time() {
    let script = Script::new();
    (0..9).for_each(|_| script.run("op", 512, 10 * MS, 10 * MS));
    (0..9).for_each(|_| script.run("op", 1024, 40 * MS, 40 * MS));
    (0..9).for_each(|_| script.run("op", 2048, 160 * MS, 16 * MS));
    let analysis = script.analyze(&Rules::default());
    let sizes: Vec<_> =
        analysis.findings.iter().map(|f| f.dimensions.map(|d| d.largest)).collect();
    assert_eq!(sizes, [Some((1024, 1024))]);
}

#[test]
fn a_thousandth_of_the_time_is_not_worth_a_cpu_finding() {
    let script = Script::new();
    (0..9).for_each(|_| script.run("small", 64, MS, MS));
    (0..9).for_each(|_| script.run("large", 64, 999 * MS / 2, Duration::ZERO));
    assert_eq!(script.kinds(), []);
    let all = Rules { min_share: Share::ZERO, ..Rules::default() };
    assert_eq!(script.analyze(&all).findings.len(), 1);
}

#[test]
fn p05_two_sizes_are_insufficient_and_operations_are_not_mixed() {
    let script = Script::new();
    run_sizes(&script, "two", &[512, 1024], |pixels| pixels);
    run_sizes(&script, "other two", &[2048, 4096], |pixels| pixels * pixels);
    let analysis = script.analyze(&Rules::default());
    for cost in &analysis.operations {
        assert_eq!(cost.scaling, Scaling::InsufficientData { n_sizes: 2 });
        assert_eq!(
            cost.scaling.to_string(),
            "insufficient data (2 of 3 sizes with 5 runs)"
        );
    }
}

/// Runs on contents with these keys, 10 ms each; a hit costs as told.
#[track_caller]
fn check_caching(keys: &[u64], hit: Option<Duration>, expected: &Expect) {
    let script = Script::new();
    let operation = script.profiler.operation("thumbnail");
    for key in keys {
        let call = operation.pixels(512, 512).key(*key);
        call.measure(|| script.clock.advance(10 * MS));
    }
    let hit_costs = hit.map(|hit| ("thumbnail".to_owned(), hit)).into_iter().collect();
    let analysis = script.analyze(&Rules { hit_costs, ..Rules::default() });
    let findings = analysis.findings.iter().map(ToString::to_string);
    let advice = analysis.advice.iter().map(ToString::to_string);
    let lines: Vec<_> = findings.chain(advice).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn p10_advice_to_cache_names_saving_and_hit() {
    let repeated = [7, 7, 7, 8, 7];
    check_caching(
        &repeated,
        Some(MS),
        &expect![[r"
            thumbnail was repeated on the same content: 3 of 5 runs
            thumbnail: cache the results (a hit costs 1.00 ms): 50.0 ms become 23.0 ms, 2.2x"]],
    );
}

#[test]
fn p10_where_a_hit_costs_more_do_not_cache() {
    check_caching(
        &[7, 7],
        Some(25 * MS),
        &expect![[r"
            thumbnail was repeated on the same content: 1 of 2 runs
            thumbnail: do not cache: a hit costs 25.0 ms, the work 10.0 ms, 2.5x as much"]],
    );
}

#[test]
fn p10_two_different_images_of_one_size_are_no_repeat() {
    check_caching(&[1, 2, 3], Some(MS), &expect![""]);
}

#[test]
fn p10_without_a_measured_hit_there_is_no_advice_to_cache() {
    check_caching(
        &[7, 7],
        None,
        &expect!["thumbnail was repeated on the same content: 1 of 2 runs"],
    );
}

#[test]
fn p10_p99_is_shown_from_100_runs_up() {
    let script = Script::new();
    let p99 = || script.analyze(&Rules::default()).operations[0].sizes[0].wall?.p99;
    (0..99).for_each(|_| script.run("op", 8, MS, MS));
    assert_eq!(p99(), None);
    script.run("op", 8, 3 * MS, MS);
    let p99 = p99().expect("there are 100 runs").as_secs_f64() * 1e3;
    assert!((p99 - 1.0).abs() < 0.001, "{p99} ms");
}

#[test]
fn advice_says_what_to_set_and_what_it_brings() {
    let script = Script::new();
    let sides = [512, 1024, 2048, 4096];
    run_sizes(&script, "convert", &sides, |pixels| 4e6 + 40.0 * pixels);
    let rules =
        Rules { n_cores: NonZeroUsize::new(4).expect("4 is not 0"), ..Rules::default() };
    let analysis = script.analyze(&rules);
    let limit = analysis.advice.iter().find_map(|advice| match advice.kind {
        AdviceKind::LimitPixels { max_pixels } => Some((max_pixels, advice)),
        _ => None,
    });
    let (max_pixels, advice) = limit.expect("the largest size takes 675 ms");
    // (500 ms - 4 ms) / 40 ns.
    let wanted = 12_400_000.0;
    assert!((max_pixels as f64 / wanted - 1.0).abs() < 0.05, "{max_pixels}");
    assert!((advice.after.number() - 500e6).abs() < 1e6, "{}", advice.after);
}

#[test]
fn advice_to_parallelize_needs_one_busy_core_and_others_that_are_free() {
    let advice = |n_cores, cpu| {
        let script = Script::new();
        (0..10).for_each(|_| script.run("op", 64, 100 * MS, cpu));
        let n_cores = NonZeroUsize::new(n_cores).expect("the test gives cores");
        let analysis = script.analyze(&Rules { n_cores, ..Rules::default() });
        let first = analysis.advice.first().cloned();
        first.map(|advice| (advice.kind, advice.before, advice.after))
    };
    let wanted = (
        AdviceKind::Parallelize { n_workers: 4 },
        Quantity::Time(1000 * MS),
        Quantity::Time(250 * MS),
    );
    assert_eq!(advice(1, 100 * MS), None);
    assert_eq!(advice(4, 200 * MS), None);
    assert_eq!(advice(4, Duration::ZERO), None);
    assert_eq!(advice(4, 100 * MS), Some(wanted));
}
