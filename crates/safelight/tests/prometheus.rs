//! Figures for those who collect them from many programs.

use std::{
    collections::HashSet,
    fs::File,
    io::{Seek, SeekFrom, Write},
    path::Path,
    process::{Command, Output, Stdio},
    sync::{Arc, OnceLock, mpsc},
};

use expect_test::expect;
use safelight::{
    ByteSize, Capacity, Config, Memory, Operation, Safelight, progress_monitor::Frame,
};

const BLUR: Operation = Operation::new("blur", 1);

fn config() -> Config {
    let memory =
        Memory { capacity: Capacity::Bytes(ByteSize::mib(512)), ..Memory::default() };
    Config { memory: Some(memory), ..Config::default() }
}

/// Starts one, does some jobs of all kinds, and waits until its threads have seen them.
fn busy() -> Safelight {
    let (shown, frames) = mpsc::channel();
    let sink = move |frame: &Frame| {
        let counts = frame.trackers.iter().map(|tracker| tracker.n_done);
        // Nobody may wait for it any more.
        let _ = shown.send(counts.sum::<u64>());
    };
    let safelight =
        Safelight::builder().config(config()).sink(sink).start().expect("it starts");
    for n in [1_u32, 2, 1, 3, 2, 1, 4, 1] {
        safelight
            .job(BLUR)
            .pixels(64, 64)
            .run(n, || vec![0_u8; 4096])
            .expect("there is room");
    }
    safelight.try_run(BLUR, 9_u32, || Err::<u32, _>("no light")).expect_err("it fails");
    safelight
        .job(BLUR)
        .memory(ByteSize::gib(1))
        .run(10_u32, || 1_u32)
        .expect_err("it is too large");
    safelight
        .run(BLUR, 11_u32, || -> u32 { panic!("the lamp broke") })
        .expect_err("it panics");
    let odd = safelight.monitor().expect("it is on").tracker("two\nlines \"and\" a \\");
    odd.add(5);
    while frames.recv().expect("frames come") < 16 {}
    while safelight.prometheus().find("safelight_memory_level").is_none() {
        std::thread::yield_now();
    }
    safelight
}

/// Returns the value of a sample, which must be there once.
#[track_caller]
fn value(text: &str, sample: &str) -> String {
    let mut found = text.lines().filter_map(|line| line.strip_prefix(sample));
    let value = found.next().unwrap_or_else(|| panic!("no {sample} in {text}"));
    assert_eq!(found.next(), None, "{sample}");
    value.trim_start().to_owned()
}

#[test]
fn x01_the_figures_are_those_of_the_parts() {
    let safelight = busy();
    let text = safelight.prometheus();
    let stats = safelight.cache().unwrap().stats();
    assert_eq!(value(&text, "safelight_cache_hits_total"), stats.n_hits.to_string());
    assert_eq!(value(&text, "safelight_cache_misses_total"), stats.n_misses.to_string());
    let saved = stats.time_saved.as_secs_f64().to_string();
    assert_eq!(value(&text, "safelight_cache_saved_seconds_total"), saved);
    let usage = safelight.permits().unwrap().usage();
    assert_eq!(
        value(&text, "safelight_permits_granted_total"),
        usage.n_granted.to_string()
    );
    let of_blur = |name: &str| value(&text, &format!("{name}{{operation=\"blur\"}}"));
    assert_eq!(of_blur("safelight_operation_runs_total"), "11");
    assert_eq!(of_blur("safelight_operation_duration_seconds_count"), "11");
    let outcome = |outcome: &str| {
        let labels = format!("{{operation=\"blur\",outcome=\"{outcome}\"}}");
        value(&text, &format!("safelight_jobs_total{labels}"))
    };
    let outcomes = ["computed", "reused", "refused", "failed", "panicked"].map(outcome);
    assert_eq!(outcomes, ["4", "4", "1", "1", "1"]);
    assert_eq!(value(&text, "safelight_progress_done{tracker=\"blur\"}"), "11");
    let odd = r#"safelight_progress_done{tracker="two\nlines \"and\" a \\"}"#;
    assert_eq!(value(&text, odd), "5");
}

#[test]
fn x01_the_names_are_these() {
    let text = busy().prometheus();
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    // Not each machine tells these.
    let is_told = |name: &&str| {
        !name.starts_with("safelight_process") && !name.contains("monitor_cpu")
    };
    let names: Vec<&str> = types.filter(is_told).collect();
    expect![[r"
        safelight_info gauge
        safelight_uptime_seconds gauge
        safelight_jobs_total counter
        safelight_contained_panics_total counter
        safelight_jobs_inside gauge
        safelight_jobs_waiting gauge
        safelight_jobs_at_once gauge
        safelight_jobs_patience_seconds gauge
        safelight_operation_runs_total counter
        safelight_operation_errors_total counter
        safelight_operation_panics_total counter
        safelight_operation_duration_seconds summary
        safelight_operation_unrecorded_runs_total counter
        safelight_cache_hits_total counter
        safelight_cache_misses_total counter
        safelight_cache_coalesced_total counter
        safelight_cache_resurrected_total counter
        safelight_cache_loads_total counter
        safelight_cache_failed_loads_total counter
        safelight_cache_oversize_total counter
        safelight_cache_refused_total counter
        safelight_cache_evictions_total counter
        safelight_cache_load_seconds_total counter
        safelight_cache_saved_seconds_total counter
        safelight_cache_held_bytes gauge
        safelight_cache_entries gauge
        safelight_cache_limit_bytes gauge
        safelight_cache_limit_entries gauge
        safelight_permits_capacity_bytes gauge
        safelight_permits_granted_bytes gauge
        safelight_permits_allotted_bytes gauge
        safelight_permits_most_granted_bytes gauge
        safelight_permits_waiting gauge
        safelight_permits_granted_total counter
        safelight_permits_waited_total counter
        safelight_permits_reclaimed_bytes_total counter
        safelight_memory_level gauge
        safelight_memory_limit_bytes gauge
        safelight_memory_used_bytes gauge
        safelight_memory_journal_entries gauge
        safelight_progress_done gauge
        safelight_progress_in_flight gauge
        safelight_progress_updates_total counter
        safelight_alerts_open gauge
        safelight_alerts_raised_total counter
        safelight_monitor_footprint_bytes gauge"]]
    .assert_eq(&names.join("\n"));
}

#[test]
fn x01_names_are_legal_and_samples_differ() {
    let text = busy().prometheus();
    let is_name = |name: &str| {
        let is_letter = |c: char| c.is_ascii_lowercase() || c == '_';
        name.starts_with(is_letter)
            && name.chars().all(|c| is_letter(c) || c.is_ascii_digit())
    };
    let mut seen = HashSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (sample, number) = line.rsplit_once(' ').unwrap();
        assert!(number.parse::<f64>().is_ok(), "{line}");
        assert!(seen.insert(sample), "twice: {line}");
        let name = sample.split('{').next().unwrap();
        assert!(is_name(name) && name.starts_with("safelight_"), "{line}");
    }
    let is_whole =
        |line: &str| line.starts_with("# HELP ") || line.starts_with("# TYPE ");
    let comments = text.lines().filter(|line| line.starts_with('#'));
    assert!(comments.clone().all(is_whole));
    assert!(40 < comments.count());
}

#[test]
fn a_part_that_is_off_has_no_figures() {
    let off = Config {
        profiler: None,
        cache: None,
        memory: None,
        progress: None,
        ..Config::default()
    };
    let safelight = Safelight::builder().config(off).start().unwrap();
    let text = safelight.prometheus();
    let names = text.lines().filter(|line| !line.starts_with('#'));
    let is_own = |line: &str| {
        ["safelight_info", "safelight_uptime_", "safelight_jobs_", "safelight_contained_"]
            .iter()
            .any(|own| line.starts_with(own))
    };
    assert!(names.clone().all(is_own), "{text}");
    assert_eq!(names.count(), 7, "{text}");
}

#[test]
fn a_sink_may_ask_for_figures() {
    let (asked, answers) = mpsc::channel();
    let own: Arc<OnceLock<Safelight>> = Arc::default();
    let theirs = Arc::clone(&own);
    let sink = move |_: &Frame| {
        if let Some(safelight) = theirs.get() {
            let report = safelight.report();
            let _ = asked.send((safelight.prometheus().len(), report.jobs.at_once));
        }
    };
    let safelight = Safelight::builder().config(config()).sink(sink).start().unwrap();
    own.set(safelight.clone()).unwrap();
    safelight.run(BLUR, 1_u32, || 1_u32).unwrap();
    assert!(0 < answers.recv().unwrap().0);
    safelight.stop();
}

/// Runs promtool, if it is installed.
fn promtool(arguments: &[&str], input: Stdio) -> Option<Output> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts");
    let mut command = Command::new("promtool");
    let output = command.args(arguments).current_dir(folder).stdin(input).output();
    if output.is_err() {
        eprintln!("SKIPPED: promtool is not installed (Debian's package `prometheus`)");
    }
    output.ok()
}

#[track_caller]
fn assert_passed(output: &Output) {
    let said = [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said));
    assert!(output.status.success(), "{}{}", said[0], said[1]);
}

#[test]
fn promtool_accepts_the_metrics() {
    let mut file = tempfile::tempfile().unwrap();
    let mut check = |text: &str| {
        file.set_len(0).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        let input: File = file.try_clone().unwrap();
        promtool(&["check", "metrics"], input.into())
    };
    let Some(output) = check(&busy().prometheus()) else { return };
    assert_passed(&output);
    // It would say so if there were something to complain of.
    let output = check("safelight_broken_total{a=\"b} 1\n").unwrap();
    assert!(!output.status.success());
}

#[test]
fn promtool_passes_the_tests_of_the_alert_rules() {
    let rules = ["check", "rules", "safelight.rules.yml"];
    let Some(output) = promtool(&rules, Stdio::null()) else { return };
    assert_passed(&output);
    let tests = ["test", "rules", "safelight.rules.test.yml"];
    assert_passed(&promtool(&tests, Stdio::null()).unwrap());
}

#[test]
fn the_alert_rules_name_figures_that_there_are() {
    let rules = include_str!("../alerts/safelight.rules.yml");
    let text = busy().prometheus();
    let words = rules.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let names: HashSet<&str> =
        words.filter(|word| word.starts_with("safelight_")).collect();
    assert_eq!(names.len(), 3);
    for name in names {
        assert!(text.contains(&format!("# TYPE {name} ")), "{name}");
    }
    for label in ["kind=\"stall\"", "kind=\"stuck_update\"", "outcome=\"refused\""] {
        assert!(text.contains(label), "{label}");
    }
}
