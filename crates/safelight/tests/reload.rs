//! Settings that change while it runs.

use std::time::Duration;

use safelight::{ByteSize, Capacity, Config, Memory, Operation, Safelight, cache::Class};

const WORK: Operation = Operation::new("work", 1);

fn config() -> Config {
    let capacity = Capacity::Bytes(ByteSize::mib(512));
    let memory = Memory { capacity, ..Memory::default() };
    Config { memory: Some(memory), ..Config::default() }
}

#[test]
fn x03_limits_change_while_it_runs_and_nothing_is_lost() {
    let safelight = Safelight::builder().config(config()).start().unwrap();
    for n in 0..20_u32 {
        safelight.run(WORK, n, || vec![0_u8; 100_000]).unwrap();
    }
    let mut changed = config();
    changed.cache.as_mut().unwrap().limits.entries = Some(5);
    changed.cache.as_mut().unwrap().limits.bytes = ByteSize::mib(32);
    changed.memory.as_mut().unwrap().capacity = Capacity::Bytes(ByteSize::mib(64));
    changed.jobs.patience = Duration::from_millis(1);
    safelight.reload(changed.clone()).unwrap();
    assert_eq!(safelight.config(), changed);
    let cache = safelight.cache().unwrap();
    assert_eq!(cache.limits(Class::Bulk).bytes, ByteSize::mib(32));
    assert_eq!(cache.stats().usage.n_entries, 5);
    assert_eq!(safelight.permits().unwrap().usage().capacity, ByteSize::mib(64));
    let error = safelight.job(WORK).memory(ByteSize::mib(100)).run(99_u32, || 1_u8);
    assert!(error.unwrap_err().is_too_large());
    // Back again: what is there stays.
    safelight.reload(config()).unwrap();
    assert_eq!(cache.stats().usage.n_entries, 5);
    assert_eq!(cache.limits(Class::Bulk).bytes, ByteSize::mib(256));
}

#[test]
fn x03_what_is_read_at_the_start_only_is_an_error_that_names_it() {
    let safelight = Safelight::builder().config(config()).start().unwrap();
    for (toml, key) in [
        ("[profiler]\nenabled = false", "profiler.enabled"),
        ("[cache]\nenabled = false", "cache.enabled"),
        ("[cache]\nttl = '1 s'", "cache.ttl"),
        ("[memory]\nenabled = false", "memory.enabled"),
        ("[memory]\ncapacity = '50 %'", "memory.capacity"),
        ("[progress]\nenabled = false", "progress.enabled"),
        ("[progress]\nn_history = 3", "progress.n_history"),
        ("[actions]\nmode = 'off'", "actions.mode"),
    ] {
        let toml = if toml.starts_with("[memory]") {
            toml.to_owned()
        } else {
            format!("{toml}\n[memory]\ncapacity = '512 MiB'")
        };
        let before = safelight.config();
        let error = safelight.reload(Config::from_toml(&toml).unwrap()).unwrap_err();
        assert_eq!(error.key(), Some(key), "{error}");
        assert_eq!(safelight.config(), before);
    }
    let changed = Config {
        progress: config().progress.map(|mut progress| {
            progress.latency = Duration::from_millis(20);
            progress
        }),
        ..config()
    };
    safelight.reload(changed).unwrap();
}
