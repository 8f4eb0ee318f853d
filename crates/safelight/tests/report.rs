//! One report of all parts.

use std::{fs, io, path::Path, sync::mpsc};

use expect_test::expect_file;
use safelight::{
    ByteSize, Capacity, Config, Memory, Operation, Safelight,
    progress_monitor::Frame,
    report::{Report, SCHEMA_VERSION},
};
use serde_json::Value;

const WORK: Operation = Operation::new("work", 1);

/// The committed schema; `UPDATE_EXPECT=1 cargo test -p safelight --all-features` writes it
/// anew.
const SCHEMA: &str = include_str!("../../../docs/schema/report.v1.json");

/// A report that must parse forever.
const GOLDEN: &str = include_str!("report/golden.v1.json");

fn config() -> Config {
    let memory =
        Memory { capacity: Capacity::Bytes(ByteSize::mib(512)), ..Memory::default() };
    Config { memory: Some(memory), ..Config::default() }
}

fn off() -> Config {
    let config = config();
    Config { profiler: None, cache: None, memory: None, progress: None, ..config }
}

/// Starts one, does eight jobs, and waits until its threads have seen them.
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
            .job(WORK)
            .pixels(64, 64)
            .run(n, || vec![0_u8; 4096])
            .expect("there is room");
    }
    while frames.recv().expect("frames come") < 8 {}
    let level =
        |safelight: &Safelight| safelight.report().memory.expect("it is on").level;
    while level(&safelight).is_none() {
        std::thread::yield_now();
    }
    safelight
}

#[test]
fn x01_the_report_and_its_summary_equal_the_figures_of_the_parts() {
    let safelight = busy();
    let report = safelight.report();

    let stats = safelight.cache().unwrap().stats();
    let cache = report.cache.as_ref().unwrap();
    assert_eq!((cache.n_hits, cache.n_misses), (stats.n_hits, stats.n_misses));
    assert_eq!((cache.n_loads, cache.n_hits + cache.n_misses), (4, 8));
    assert_eq!(u128::from(cache.time_saved_ns), stats.time_saved.as_nanos());
    assert_eq!(u128::from(cache.load_time_ns), stats.load_time.as_nanos());
    assert_eq!(cache.held_bytes, stats.usage.bytes.bytes());
    assert_eq!(cache.bulk_limits.bytes, ByteSize::mib(256).bytes());
    assert_eq!((cache.policy.as_str(), cache.hit_share), ("cost aware", Some(0.5)));

    let recording = safelight.profiler().unwrap().recording();
    let operations = &report.profile.as_ref().unwrap().operations;
    assert_eq!(operations.len(), 2);
    for operation in operations {
        assert_eq!(operation.n_runs, recording.n_runs(&operation.name));
    }
    assert_eq!((operations[0].n_runs, operations[1].n_runs), (8, 4));

    let usage = safelight.permits().unwrap().usage();
    let permits = report.memory.as_ref().unwrap().permits;
    assert_eq!(permits.n_granted, usage.n_granted);
    assert_eq!(permits.capacity_bytes, usage.capacity.bytes());
    assert_eq!(permits.allotted_bytes, usage.allotted.bytes());
    assert_eq!(report.progress.as_ref().unwrap().summary.n_done, 8);
    let jobs = &report.jobs.operations[0];
    assert_eq!((jobs.n_computed, jobs.n_reused, jobs.n_jobs()), (4, 4, 8));

    let summary = report.to_string();
    let held = stats.usage.bytes;
    for told in [
        "jobs: 8 ended, 4 computed, 4 reused; 0 at work, 0 waiting".to_owned(),
        "  work: 8 runs in ".to_owned(),
        "  work work: 4 runs in ".to_owned(),
        format!("cache: {} of {} requests hit (50 %)", stats.n_hits, stats.n_requests()),
        format!("{held} in {} entries", stats.usage.n_entries),
        format!("; {} granted, {} allotted", usage.granted, usage.allotted),
        "progress: 8 done; 0 alerts, 0 of them open".to_owned(),
    ] {
        assert!(summary.contains(&told), "{told:?} is not in {summary}");
    }
}

#[test]
fn x01_every_key_of_the_configuration_is_in_the_report() {
    let safelight = busy();
    let report = safelight.report();
    let config = safelight.config();
    assert_eq!(report.config.len(), Config::keys().len());
    for (setting, key) in report.config.iter().zip(Config::keys()) {
        assert_eq!(setting.key, key.name());
        assert_eq!(setting.value, key.value(&config));
    }
    let of_cache = off();
    let report = Safelight::builder().config(of_cache).start().unwrap().report();
    let value = |key| &report.config.iter().find(|s| s.key == key).unwrap().value;
    assert_eq!(value("cache.enabled").as_deref(), Some("false"));
    assert_eq!(*value("cache.bytes"), None);
}

/// A part that is off is `null` with the reason, and what was not measured is never 0.
#[test]
fn x04_what_is_null_says_why() {
    let safelight = busy();
    let watched = safelight.report();
    safelight.stop();
    let off = Safelight::builder().config(off()).start().unwrap();
    for report in [watched, safelight.report(), off.report()] {
        let json = serde_json::to_value(&report).unwrap();
        let is_told = |field: &str| report.missing.iter().any(|m| m.what == field);
        for part in ["profile", "cache", "memory", "progress"] {
            assert_eq!(json[part].is_null(), is_told(part), "{part}");
        }
        for (section, group) in [("host", "host.binding"), ("overhead", "")] {
            for (name, value) in json[section].as_object().unwrap() {
                let field = format!("{section}.{name}");
                let is_told = is_told(&field)
                    || !group.is_empty() && field.starts_with(group) && is_told(group);
                assert_eq!(value.is_null(), is_told, "{field}");
            }
        }
        assert!(report.missing.iter().all(|missing| !missing.why.is_empty()));
    }
    let report = off.report();
    assert_eq!((report.profile, report.cache, report.memory), (None, None, None));
    assert_eq!(report.overhead.per_run_ns, None);
}

#[test]
fn x04_after_the_end_it_has_what_was_known_last() {
    let safelight = busy();
    safelight.stop();
    safelight.stop();
    let report = safelight.report();
    let memory = report.memory.unwrap();
    assert_eq!(memory.permits.n_granted, 4);
    assert_eq!(memory.level.as_deref(), Some("normal"));
    // The last look came after the last job.
    assert_eq!(report.progress.unwrap().summary.n_done, 8);
}

#[cfg(feature = "schemars")]
#[test]
fn x04_the_committed_schema_is_that_of_the_code() {
    let schema = schemars::schema_for!(Report);
    let json = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    expect_file!["../../../docs/schema/report.v1.json"].assert_eq(&json);
}

#[test]
fn x04_reports_of_real_runs_follow_the_committed_schema() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let off = Safelight::builder().config(off()).start().unwrap();
    for safelight in [busy(), off] {
        let report = safelight.report();
        let json = report.to_json();
        let value: Value = serde_json::from_str(&json).unwrap();
        jsonschema::validate(&schema, &value).expect("it follows the schema");
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    }
}

#[test]
fn x04_the_golden_report_parses_and_is_valid() {
    let value: Value = serde_json::from_str(GOLDEN).unwrap();
    let schema = serde_json::from_str(SCHEMA).unwrap();
    jsonschema::validate(&schema, &value).expect("the golden report follows the schema");
    let report: Report = serde_json::from_str(GOLDEN).unwrap();
    assert_eq!(report.schema_version, SCHEMA_VERSION);
    assert_eq!(serde_json::to_value(&report).unwrap(), value);
    expect_file!["report/golden.v1.txt"].assert_eq(&(report.to_string() + "\n"));
}

#[test]
fn the_summary_fits_a_screen() {
    let mut report: Report = serde_json::from_str(GOLDEN).unwrap();
    let row = report.profile.as_ref().unwrap().operations[0].clone();
    report.profile.as_mut().unwrap().operations = vec![row; 20];
    report.changes = vec![report.changes[0].clone(); 20];
    report.recommendations = vec![report.recommendations[0].clone(); 20];
    let progress = report.progress.as_mut().unwrap();
    progress.open_alerts = vec![progress.open_alerts[0].clone(); 20];
    let summary = report.to_string();
    assert!(summary.lines().count() <= 30, "{summary}");
    assert_eq!(summary.matches("more\n").count(), 4, "{summary}");
}

#[test]
fn x04_the_file_is_one_whole_and_takes_the_place_of_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.json");
    let safelight = busy();
    for _ in 0..2 {
        safelight.write_report(&path).unwrap();
        let report: Report =
            serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(report.cache, safelight.report().cache);
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left");
}

#[cfg(unix)]
#[test]
fn x04_the_permissions_of_an_old_report_stay() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.json");
    fs::write(&path, "secret").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    Safelight::builder().config(off()).start().unwrap().write_report(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn x04_behind_a_link_the_file_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let (path, link) = (dir.path().join("report.json"), dir.path().join("latest"));
    fs::write(&path, "old").unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    Safelight::builder().config(off()).start().unwrap().write_report(&link).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&path).unwrap().starts_with("{\n"));
}

#[track_caller]
fn assert_names(safelight: &Safelight, path: &Path) -> io::ErrorKind {
    let error = safelight.write_report(path).expect_err("it cannot be written");
    let wanted = format!("cannot write the report \"{}\"", path.display());
    assert_eq!(error.to_string(), wanted);
    let source = std::error::Error::source(&error).expect("it has a cause");
    source.downcast_ref::<io::Error>().expect("it is of I/O").kind()
}

#[test]
fn x04_an_error_names_the_path() {
    let dir = tempfile::tempdir().unwrap();
    let safelight = Safelight::builder().config(off()).start().unwrap();
    let missing = dir.path().join("missing/report.json");
    assert_eq!(assert_names(&safelight, &missing), io::ErrorKind::NotFound);
    assert_eq!(assert_names(&safelight, dir.path()), io::ErrorKind::IsADirectory);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    if cfg!(target_os = "linux") {
        let full = assert_names(&safelight, Path::new("/dev/full"));
        assert_eq!(full, io::ErrorKind::StorageFull);
        assert!(!fs::metadata("/dev/full").unwrap().is_file(), "it was not replaced");
    }
}

/// Writes where files must be tiny; run by the test below only.
#[test]
#[ignore = "it is run by another test, in a process with a limit"]
fn child_that_may_write_little() {
    let safelight = Safelight::builder().config(off()).start().unwrap();
    assert_eq!(
        assert_names(&safelight, Path::new("report.json")),
        io::ErrorKind::FileTooLarge
    );
}

#[cfg(target_os = "linux")]
#[test]
fn x04_where_the_disk_is_full_the_old_file_stays() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.json");
    fs::write(&path, "old").unwrap();
    let limited = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
    let output = std::process::Command::new("sh")
        .args(["-c", limited])
        .arg(std::env::current_exe().unwrap())
        .args(["child_that_may_write_little", "--exact", "--ignored"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left");
}
