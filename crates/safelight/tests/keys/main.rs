//! Each key of the configuration changes something that can be seen, and is documented.

use std::{collections::BTreeSet, fmt::Write};

use expect_test::expect_file;
use safelight::{
    Capacity, Config, Key, Operation, Safelight,
    actions::Mode,
    alloc::TrackingAlloc,
    memory_manager::{ByteSize, Reading},
};

mod actions;
mod frames;
mod images;
mod jobs;
mod memory;
mod page;
mod profiler;
mod progress;
mod results;

/// For the heap of operations.
#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

pub(crate) const WORK: Operation = Operation::new("work", 1);

/// A key, a value that is not its default, and a scene that must end differently with it.
///
/// A scene may set other keys than its own; both configurations get these.
type Row = (&'static str, &'static str, fn(&Config) -> String);

const ROWS: &[Row] = &[
    ("profiler.enabled", "false", profiler::runs_measured),
    ("profiler.slow", "'2 s'", profiler::findings),
    ("profiler.heap_peak", "'1 MB'", profiler::findings),
    ("profiler.cpu", "0.95", profiler::findings),
    ("profiler.least_share", "0", profiler::findings),
    ("profiler.exponent", "2.5", profiler::findings),
    ("profiler.level", "'40 %'", profiler::findings),
    ("cache.enabled", "false", results::times_done),
    ("cache.bytes", "'1 MiB'", results::images_kept),
    ("cache.entries", "'none'", results::images_kept),
    ("cache.small_bytes", "'0 B'", results::small_kept),
    ("cache.policy", "'lru'", results::dear_result_in_a_full_cache),
    ("cache.ttl", "'1 s'", results::result_of_two_seconds_ago),
    ("memory.enabled", "false", jobs::far_too_much),
    ("memory.capacity", "'8 MiB'", jobs::ten_mib),
    ("memory.elevated", "'80 %'", memory::levels),
    ("memory.high", "'90 %'", memory::levels),
    ("memory.critical", "'98 %'", memory::levels),
    ("memory.gap", "'0 %'", memory::levels),
    ("memory.floor", "'100 MiB'", memory::levels),
    ("memory.dwell", "'5 s'", memory::levels),
    ("memory.cool_down", "'2 s'", memory::actions_while_it_lasts),
    ("memory.longest_hold", "'30 s'", memory::levels),
    ("memory.cache_share", "'50 %'", memory::budgets),
    ("memory.cache_most", "'1 GiB'", jobs::growth_of_a_small_cache),
    ("memory.regrow", "'20 s'", memory::budgets),
    ("memory.journal", "2", memory::actions_remembered),
    ("memory.quiet", "'1 ms'", memory::who_looks_first_while_quiet),
    ("memory.alert", "'1 h'", memory::who_looks_first_while_not),
    ("jobs.at_once", "100000", jobs::one_more_than_cores),
    ("jobs.patience", "'2 s'", jobs::told_patience),
    ("jobs.bytes", "'1 GiB'", jobs::no_size_given),
    ("progress.enabled", "false", progress::trackers_shown),
    ("progress.latency", "'5 s'", progress::alerts_of_jobs),
    ("progress.latency_window", "'20 s'", progress::alerts_of_jobs),
    ("progress.in_flight", "'5 s'", progress::alerts_of_jobs),
    ("progress.rss", "'1 GB'", progress::alerts_of_memory),
    ("progress.rss_for", "'3 s'", progress::alerts_of_memory),
    ("progress.cpu", "1.5", progress::alerts_of_cpu),
    ("progress.cpu_for", "'5 s'", progress::alerts_of_cpu),
    ("progress.queue", "200", progress::alerts_of_queues),
    ("progress.queue_for", "'2 s'", progress::alerts_of_queues),
    ("progress.rate", "0.1", progress::stalls),
    ("progress.rate_for", "'3 s'", progress::stalls),
    ("progress.own_cpu", "1", progress::intervals_of_costly_looks),
    ("progress.hysteresis", "'1 %'", progress::alerts_of_memory),
    ("progress.start", "'1 s'", progress::intervals_without_news),
    ("progress.shortest", "'200 ms'", progress::intervals_with_news),
    ("progress.longest", "'2 s'", progress::intervals_without_news),
    ("progress.stressed", "'2 s'", progress::intervals_under_stress),
    ("progress.sink_share", "'10 %'", progress::intervals_of_slow_sinks),
    ("progress.n_history", "3", progress::what_is_remembered),
    ("progress.n_journal", "2", progress::what_is_remembered),
    ("progress.n_notices", "1", progress::what_is_remembered),
    ("actions.mode", "'dry run'", actions::turns),
    ("actions.cool_down", "'2 s'", actions::turns),
    ("actions.journal", "1", actions::turns),
    ("images.most_pixels", "1000", images::limits),
    ("images.most_decoded", "'10 KiB'", images::limits),
    ("images.most_input", "'100 B'", images::limits),
    ("images.most_frames", "1", images::limits),
    ("images.most_metadata", "'100 B'", images::limits),
    ("images.least_side", "400", images::rules),
    ("images.most_side", "280", images::rules),
    ("images.most_file", "'100 B'", images::rules),
    ("frames.start", "'optional'", frames::no_pair),
    ("frames.end", "'required'", frames::no_pair),
    ("frames.resolutions", "['640 x 480']", frames::pair),
    ("frames.tolerance", "0.5", frames::pair),
    ("frames.opacity", "'same'", frames::pair),
    ("frames.reshape", "'pad'", frames::pair),
    ("frames.background", "'#0000ff'", frames::pair),
    ("frames.bars", "'#ff0000'", frames::pair),
];

/// Returns the defaults but for this key.
fn with(key: &str, value: &str) -> Config {
    let (section, name) = key.split_once('.').expect("keys have sections");
    let toml = format!("[{section}]\n{name} = {value}");
    Config::from_toml(&toml).expect("the value is possible")
}

/// Returns it without threads, and without what the machine has a say in.
pub(crate) fn bare(config: &Config) -> Config {
    let mut config = Config { memory: None, progress: None, ..config.clone() };
    config.actions.mode = Mode::Off;
    config
}

/// Returns it with a capacity that does not depend on the machine, and nothing to act upon.
pub(crate) fn with_capacity(config: &Config, bytes: ByteSize) -> Config {
    let mut config = Config { progress: None, ..config.clone() };
    if let Some(memory) = &mut config.memory {
        memory.capacity = Capacity::Bytes(bytes);
    }
    config
}

pub(crate) fn start(config: Config) -> Safelight {
    let builder = Safelight::builder().config(config).memory_reading(|| Some(calm()));
    builder.start().expect("the configuration is possible")
}

/// Plenty of memory.
pub(crate) fn calm() -> Reading {
    Reading { limit: ByteSize::mib(1000), used: ByteSize::mib(100) }
}

#[test]
fn x03_each_key_has_a_row_and_each_row_a_key() {
    let known: BTreeSet<_> = Config::keys().iter().map(Key::name).collect();
    let tested: BTreeSet<_> = ROWS.iter().map(|(key, ..)| *key).collect();
    let untested: Vec<_> = known.difference(&tested).collect();
    let unknown: Vec<_> = tested.difference(&known).collect();
    assert!(untested.is_empty(), "no row shows what these change: {untested:?}");
    assert!(unknown.is_empty(), "there are no such keys: {unknown:?}");
    assert_eq!(ROWS.len(), tested.len(), "a key has two rows");
}

#[test]
fn x03_each_row_changes_its_key_and_no_other() {
    let default = Config::default();
    for (name, value, _) in ROWS {
        let changed = with(name, value);
        for key in Config::keys() {
            let (before, after) = (key.value(&default), key.value(&changed));
            // A part that is off has no values.
            let is_same = before == after || after.is_none();
            assert_eq!(is_same, key.name() != *name, "{name}: {}", key.name());
        }
    }
}

#[test]
fn x03_each_key_changes_something_observable() {
    let default = Config::default();
    let mut effects = String::new();
    let mut without = Vec::new();
    for (key, value, scene) in ROWS {
        let (before, after) = (scene(&default), scene(&with(key, value)));
        if before == after {
            without.push(*key);
        }
        let text = writeln!(effects, "{key} = {value}\n  - {before}\n  + {after}");
        text.expect("a string takes everything");
    }
    assert!(without.is_empty(), "these change nothing: {without:?}\n{effects}");
    expect_file!["golden/effects.txt"].assert_eq(&effects);
}
