//! GPUs as a stand-in for the driver's library tells them; nothing here needs one.

use std::{
    env::{
        self,
        consts::{DLL_PREFIX, DLL_SUFFIX},
    },
    error::Error as _,
    fmt::Write as _,
    fs,
    path::PathBuf,
    process,
    sync::{Mutex, MutexGuard, PoisonError},
};

use expect_test::{Expect, expect};
use safelight_core::Share;
use safelight_probe::{Gpus, Reading};

/// The library has one script for the process, so that tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// What the library shall say, as long as it is held.
struct Script {
    path: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

impl Script {
    fn new(text: &str) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let path = env::temp_dir().join(format!("fake-nvml-{}", process::id()));
        fs::write(&path, text).expect("the folder for temporary files can be written");
        Self { path, _turn: turn }
    }

    fn rewrite(&self, text: &str) {
        fs::write(&self.path, text).expect("it was written before");
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // Best effort: it is a small file among temporary ones.
        fs::remove_file(&self.path).ok();
    }
}

/// Returns where cargo has put the stand-in, beside this test.
fn library() -> PathBuf {
    let own = env::current_exe().expect("the test has a path");
    let target = own.ancestors().nth(2).expect("it lies in a folder of the target");
    let name = format!("{DLL_PREFIX}fake_nvml{DLL_SUFFIX}");
    let path = target.join("examples").join(name);
    let build =
        "cargo build --package safelight-probe --features nvml --example fake_nvml";
    assert!(path.exists(), "{} is not built: {build}", path.display());
    path
}

fn open() -> Gpus {
    Gpus::open_library(library()).expect("the stand-in loads")
}

fn show<T>(reading: Reading<T>, show: impl Fn(T) -> String) -> String {
    match reading {
        Ok(value) => show(value),
        Err(error) => {
            let kind = match (error.is_unavailable(), error.is_denied()) {
                (true, false) => "unavailable",
                (false, true) => "denied",
                (false, false) => "failed",
                (true, true) => "both",
            };
            let source = error.source().map(ToString::to_string).unwrap_or_default();
            format!("{kind}: {error}: {source}")
        }
    }
}

fn describe(gpus: &Gpus) -> String {
    let gpus = gpus.read().expect("the stand-in counts");
    let mut text = String::new();
    for gpu in gpus {
        let memory = show(gpu.memory, |memory| {
            format!("{} of {}, {}", memory.used, memory.total, memory.used_share())
        });
        let processes = show(gpu.processes, |processes| {
            let process = |process: &safelight_probe::GpuProcess| {
                let used = process.used.map_or("unknown".into(), |used| used.to_string());
                format!("{} has {used}", process.pid)
            };
            let processes: Vec<_> = processes.iter().map(process).collect();
            if processes.is_empty() { "nobody".into() } else { processes.join(", ") }
        });
        let utilization = show(gpu.utilization, |share| share.to_string());
        let name = show(gpu.name, |name| name);
        let parts = [name, memory, utilization, processes];
        let _ = writeln!(text, "{}:", gpu.idx);
        for part in parts {
            let _ = writeln!(text, "  {part}");
        }
    }
    text
}

/// Compares what a script leads to.
#[track_caller]
fn check(script: &str, expected: &Expect) {
    let _script = Script::new(script);
    expected.assert_eq(&describe(&open()));
}

#[test]
fn m09_two_gpus_are_told_apart_one_of_them_at_85_percent() {
    check(
        "gpu name=Alpha total=1000 used=850 utilization=97 compute=42:12,43:?\n\
         gpu name=Beta total=24000 used=0 utilization=0",
        &expect![[r"
            0:
              Alpha
              850 MiB of 1000 MiB, 85 %
              97 %
              42 has 12 MiB, 43 has unknown
            1:
              Beta
              0 B of 23.4 GiB, 0 %
              0 %
              nobody
        "]],
    );
}

#[test]
fn m09_a_lost_gpu_does_not_hide_the_other() {
    let lost_at_once = "gpu fails=handle:15\ngpu name=Beta total=10 used=5 utilization=1";
    check(
        lost_at_once,
        &expect![[r"
            0:
              unavailable: cannot read GPU: device fell off the bus or has otherwise become inacessible
              unavailable: cannot read GPU: device fell off the bus or has otherwise become inacessible
              unavailable: cannot read GPU: device fell off the bus or has otherwise become inacessible
              unavailable: cannot read GPU: device fell off the bus or has otherwise become inacessible
            1:
              Beta
              5 MiB of 10 MiB, 50 %
              1 %
              nobody
        "]],
    );
    let lost_later = "gpu name=Beta total=10 used=5 utilization=1\ngpu fails=all:15";
    check(
        lost_later,
        &expect![[r"
            0:
              Beta
              5 MiB of 10 MiB, 50 %
              1 %
              nobody
            1:
              unavailable: cannot read GPU: device fell off the bus or has otherwise become inacessible
              unavailable: cannot read GPU: device fell off the bus or has otherwise become inacessible
              unavailable: cannot read GPU: device fell off the bus or has otherwise become inacessible
              unavailable: cannot read GPU: device fell off the bus or has otherwise become inacessible
        "]],
    );
}

#[test]
fn m09_readings_fail_one_by_one() {
    let memory = "gpu name=Alpha total=10 utilization=7 compute=1:1 fails=memory:999";
    check(
        memory,
        &expect![[r"
        0:
          Alpha
          failed: cannot read memory of the GPU: an internal driver error occurred
          7 %
          1 has 1 MiB
    "]],
    );
    let none = "gpu name=Alpha compute=1:1 fails=graphics:3";
    check(
        none,
        &expect![[r"
        0:
          Alpha
          unavailable: memory of the GPU is not told by this platform: 
          unavailable: cannot read utilization of the GPU: the requested operation is not available on the target device
          1 has 1 MiB
    "]],
    );
    let denied = "gpu name=Alpha total=10 fails=compute:4";
    check(
        denied,
        &expect![[r"
        0:
          Alpha
          0 B of 10 MiB, 0 %
          unavailable: cannot read utilization of the GPU: the requested operation is not available on the target device
          denied: cannot read processes of the GPU: the current user does not have permission to perform this operation
    "]],
    );
}

#[test]
fn m09_what_the_driver_keeps_cannot_be_had() {
    let _script = Script::new("gpu total=100 used=60 reserved=25");
    let gpus = open().read().expect("the stand-in counts");
    let memory = gpus[0].memory.as_ref().expect("the stand-in tells");
    assert_eq!(memory.used_share(), Share::new(0.85));
}

#[test]
fn m09_a_process_that_computes_and_draws_is_one() {
    let script = "gpu name=Alpha total=10 compute=7:3,8:1 graphics=7:3,9:?";
    check(
        script,
        &expect![[r"
        0:
          Alpha
          0 B of 10 MiB, 0 %
          unavailable: cannot read utilization of the GPU: the requested operation is not available on the target device
          7 has 3 MiB, 8 has 1 MiB, 9 has unknown
    "]],
    );
}

#[test]
fn m09_a_gpu_may_be_lost_and_come_back_between_readings() {
    let script = Script::new("gpu name=Alpha total=10 used=5");
    let gpus = open();
    let memory = || gpus.read().map(|gpus| gpus[0].memory.clone());
    assert!(memory().expect("it counts").is_ok());
    script.rewrite("gpu fails=all:15");
    let lost = memory().expect("it still counts").expect_err("it is lost");
    assert!(lost.is_unavailable(), "{lost}");
    script.rewrite("gpu name=Alpha total=10 used=6");
    assert!(memory().expect("it counts").is_ok());
}

#[test]
fn m09_missing_driver_is_unavailable() {
    let no_library = Gpus::open_library("/nonexistent/libnvidia-ml.so.1");
    assert!(no_library.is_err_and(|error| error.is_unavailable()));

    let _script = Script::new("driver=9");
    let not_loaded = Gpus::open_library(library());
    assert!(not_loaded.is_err_and(|error| error.is_unavailable()));
}

#[test]
fn m09_missing_right_is_denied_and_not_unavailable() {
    let _script = Script::new("driver=4");
    let denied = Gpus::open_library(library()).expect_err("the stand-in refuses");
    assert!(denied.is_denied() && !denied.is_unavailable(), "{denied}");
}

#[test]
fn m09_this_machine_has_gpus_or_a_reason() {
    match Gpus::open().and_then(|gpus| gpus.read()) {
        Ok(gpus) => eprintln!("GPUs of this machine: {gpus:#?}"),
        Err(error) => eprintln!("no GPUs on this machine: {error}: {:?}", error.source()),
    }
}
