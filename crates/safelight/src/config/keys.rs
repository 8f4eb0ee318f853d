//! All keys of the configuration, in one table.

use std::{num::NonZeroUsize, time::Duration};

use safelight_cache::{Limits, Policy};
use safelight_core::{ByteSize, Cores, Share};
use safelight_imaging::{Opacity, Presence, Reshape, Resolution};
use safelight_memory_manager::Rule;
use safelight_progress_monitor::Rate;
use toml::de::DeValue;

use super::{
    Capacity, Config,
    word::{self, Color, Word},
};
use crate::actions::Mode;

/// A key of the configuration.
#[derive(Debug)]
pub struct Key {
    name: &'static str,
    what: &'static str,
    like: &'static str,
    read: fn(&mut Config, &DeValue<'_>) -> Result<(), String>,
    show: fn(&Config) -> Option<String>,
}

impl Key {
    /// Returns its name, with its section: `cache.bytes`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns what it means.
    pub fn what(&self) -> &'static str {
        self.what
    }

    /// Returns what its values look like.
    pub fn like(&self) -> &'static str {
        self.like
    }

    /// Returns its value as it is written in TOML, if its part is on.
    pub fn value(&self, config: &Config) -> Option<String> {
        (self.show)(config)
    }

    pub(super) fn read(
        &self,
        config: &mut Config,
        value: &DeValue<'_>,
    ) -> Result<(), String> {
        (self.read)(config, value)
    }
}

pub(super) fn find(name: &str) -> Option<&'static Key> {
    ALL.iter().find(|key| key.name == name)
}

pub(super) fn is_section(name: &str) -> bool {
    sections().contains(&name)
}

/// Returns the names before the point, in the order of the table.
pub(super) fn sections() -> Vec<&'static str> {
    let names = ALL.iter().filter_map(|key| key.name.split_once('.'));
    let mut sections: Vec<_> = names.map(|(section, _)| section).collect();
    sections.dedup();
    sections
}

/// Returns the full name of a key that the progress monitor names.
pub(super) fn of_progress(name: &str) -> &'static str {
    let mut known = ALL.iter().map(Key::name);
    known.find(|full| full.strip_prefix("progress.") == Some(name)).unwrap_or("progress")
}

/// A part, switched on with its defaults if it is off.
macro_rules! on {
    ($config:ident.$part:ident) => {
        $config.$part.get_or_insert_with(|| Config::default().$part.unwrap_or_default())
    };
}

/// A key whose value `$get` returns and `$set` sets.
macro_rules! key {
    ($name:literal: $word:ty, $what:literal, $get:expr, $set:expr) => {
        Key {
            name: $name,
            what: $what,
            like: <$word as Word>::LIKE,
            read: |config, value| {
                let set: fn(&mut Config, $word) = $set;
                set(config, word::read(value)?);
                Ok(())
            },
            show: |config| {
                let get: fn(&Config) -> Option<$word> = $get;
                get(config).as_ref().map(Word::show)
            },
        }
    };
}

/// A key for a field of a part that may be off.
macro_rules! part {
    ($name:literal: $word:ty, $part:ident, $($field:ident).+, $what:literal) => {
        key!(
            $name: $word,
            $what,
            |config| Some(config.$part.as_ref()?.$($field).+),
            |config, value| on!(config.$part).$($field).+ = value
        )
    };
}

/// A key for a field of a section that is always there.
macro_rules! field {
    ($name:literal: $word:ty, $($field:ident).+, $what:literal) => {
        key!(
            $name: $word,
            $what,
            |config| Some(config.$($field).+),
            |config, value| config.$($field).+ = value
        )
    };
}

/// The key that switches a part on and off.
macro_rules! switch {
    ($name:literal, $part:ident, $what:literal) => {
        key!(
            $name: bool,
            $what,
            |config| Some(config.$part.is_some()),
            |config, value| {
                if value {
                    on!(config.$part);
                } else {
                    config.$part = None;
                }
            }
        )
    };
}

/// In the order of the reference.
pub(super) static ALL: &[Key] = &[
    switch!("profiler.enabled", profiler, "Whether operations are measured."),
    part!("profiler.slow": Duration, profiler, slow, "An operation whose median takes longer is a finding."),
    part!("profiler.heap_peak": ByteSize, profiler, heap_peak, "An operation whose median peak of heap is larger is a finding."),
    part!("profiler.cpu": Cores, profiler, cpu, "An operation that uses more cores is a finding."),
    part!("profiler.least_share": Share, profiler, min_share, "An operation with a smaller part of the time is not called bound by the CPU."),
    part!("profiler.exponent": f64, profiler, exponent, "An operation that grows faster than pixels to this power is a finding."),
    part!("profiler.level": Share, profiler, level, "How sure a finding is."),
    switch!("cache.enabled", cache, "Whether results are kept."),
    part!("cache.bytes": ByteSize, cache, limits.bytes, "What images and other large results may take."),
    part!("cache.entries": Option<usize>, cache, limits.entries, "How many of them there may be."),
    key!("cache.small_bytes": ByteSize, "What small results may take beside that; 0 B puts them with the others.", |config| Some(config.cache?.small.map_or(ByteSize::ZERO, |small| small.bytes)), |config, bytes| { let small = (ByteSize::ZERO < bytes).then_some(Limits { bytes, entries: None }); config.cache.get_or_insert_default().small = small; }),
    part!("cache.policy": Policy, cache, policy, "Who leaves when there is no room."),
    part!("cache.ttl": Option<Duration>, cache, ttl, "How long a result may be given out."),
    switch!(
        "memory.enabled",
        memory,
        "Whether jobs wait for memory and the cache follows it."
    ),
    part!("memory.capacity": Capacity, memory, capacity, "What jobs and the cache may take together: a size, or a part of the limit that binds less what is used at the start."),
    part!("memory.elevated": Share, memory, control.elevated, "From this part of the limit used on, pressure is elevated and caches do not grow."),
    part!("memory.high": Share, memory, control.high, "From this part on it is high and caches give memory back."),
    part!("memory.critical": Share, memory, control.critical, "From this part on it is critical and caches give back all they can."),
    part!("memory.gap": Share, memory, control.gap, "How far below the line where a level begins it ends."),
    part!("memory.floor": ByteSize, memory, control.floor, "With less available than this, pressure is critical."),
    part!("memory.dwell": Duration, memory, control.dwell, "How long use must stay below where a level ends, before it does."),
    part!("memory.cool_down": Duration, memory, control.cool_down, "How soon caches are asked again at the earliest while a level lasts."),
    part!("memory.longest_hold": Duration, memory, control.longest_hold, "How long a level lasts at most while use is below where it began."),
    key!("memory.cache_share": Share, "The part of what is available that caches may hold.", |config| match config.memory?.control.rule { Rule::Available(part) => Some(part), _ => None }, |config, part| config.memory.get_or_insert_default().control.rule = Rule::Available(part)),
    part!(
        "memory.cache_most": Option<ByteSize>,
        memory,
        cache_most,
        "Up to what the cache may grow by itself where it is too small and memory is plenty."
    ),
    part!("memory.regrow": Duration, memory, control.regrow, "How long caches take to grow from nothing to what they may hold."),
    part!("memory.journal": usize, memory, control.n_journal, "How many actions are remembered."),
    part!("memory.quiet": Duration, memory, control.quiet, "How often to look while pressure is normal."),
    part!("memory.alert": Duration, memory, control.alert, "How often to look while it is not."),
    field!("jobs.at_once": NonZeroUsize, jobs.at_once, "How many jobs work at once."),
    field!("jobs.patience": Duration, jobs.patience, "How long a job waits for its turn, and then for memory."),
    field!("jobs.bytes": ByteSize, jobs.bytes, "What a job takes that does not say."),
    switch!("progress.enabled", progress, "Whether jobs are watched."),
    part!("progress.latency": Duration, progress, latency, "A job that took longer is an alert, and so is a frame that comes later by more."),
    part!("progress.latency_window": Duration, progress, latency_window, "How long a slow job is an alert."),
    part!("progress.in_flight": Duration, progress, in_flight, "A job that goes on for longer is an alert."),
    part!("progress.rss": ByteSize, progress, rss, "More resident memory of the process is an alert."),
    part!("progress.rss_for": Duration, progress, rss_for, "How long it must be more."),
    part!("progress.cpu": Cores, progress, cpu, "More CPU use of the process is an alert; 1 is one core."),
    part!("progress.cpu_for": Duration, progress, cpu_for, "How long it must be more."),
    part!("progress.queue": u64, progress, queue, "More in a queue is an alert."),
    part!("progress.queue_for": Duration, progress, queue_for, "How long it must be more."),
    part!("progress.rate": Rate, progress, rate, "Fewer updates a second are an alert, of a tracker that has work."),
    part!("progress.rate_for": Duration, progress, rate_for, "How long a tracker may be silent beyond the time that the rate allows."),
    part!("progress.own_cpu": Cores, progress, own_cpu, "If the monitor uses more CPU it looks less often."),
    part!("progress.hysteresis": Share, progress, hysteresis, "How far below its threshold a value must be for its alert to end."),
    part!("progress.start": Duration, progress, start, "The time between the first two frames."),
    part!("progress.shortest": Duration, progress, shortest, "The time between two frames is never shorter, but for the first update after idleness."),
    part!("progress.longest": Duration, progress, longest, "The time between two frames is never longer."),
    part!("progress.stressed": Duration, progress, stressed, "The time between two frames is not shorter under stress."),
    part!("progress.sink_share": Share, progress, sink_share, "If sinks take a larger part of the time, frames come less often."),
    part!("progress.n_history": usize, progress, n_history, "How many looks are remembered."),
    part!("progress.n_journal": usize, progress, n_journal, "How many measures and notices are remembered."),
    part!("progress.n_notices": usize, progress, n_notices, "How many notices and messages a frame holds."),
    field!("actions.mode": Mode, actions.mode, "Whether alerts lead to actions, or to entries in the journal only, or to nothing."),
    field!("actions.cool_down": Duration, actions.cool_down, "How soon a cause takes its next step, and a setting goes back again."),
    field!("actions.journal": usize, actions.n_journal, "How many changes are remembered."),
    field!("images.most_pixels": u64, images.limits.max_pixels, "The most pixels an image may have."),
    field!("images.most_decoded": ByteSize, images.limits.max_decoded, "The most memory that decoding may take."),
    field!("images.most_input": ByteSize, images.limits.max_input, "The longest source."),
    field!("images.most_frames": u32, images.limits.max_frames, "The most frames of an animation."),
    field!("images.most_metadata": ByteSize, images.limits.max_metadata, "The most memory for a profile or for EXIF."),
    key!("images.least_side": u32, "The least pixels a side of an acceptable image.", |config| Some(*config.images.side.start()), |config, least| config.images.side = least..=*config.images.side.end()),
    key!("images.most_side": u32, "The most pixels a side of an acceptable image.", |config| Some(*config.images.side.end()), |config, most| config.images.side = *config.images.side.start()..=most),
    field!("images.most_file": ByteSize, images.max_file, "The longest acceptable file."),
    field!("frames.start": Presence, frames.start, "Whether a pair of frames has a start frame."),
    field!("frames.end": Presence, frames.end, "Whether it has an end frame."),
    key!("frames.resolutions": Vec<Resolution>, "The sizes that a video may have; with none, the end frame has to be like the start frame.", |config| Some(config.frames.resolutions.clone()), |config, list| config.frames.resolutions = list),
    field!("frames.tolerance": Share, frames.tolerance, "How far a frame may be stretched to get its aspect right."),
    field!("frames.opacity": Opacity, frames.opacity, "Whether frames may be transparent."),
    field!("frames.reshape": Reshape, frames.reshape, "What is proposed first where the aspect is another."),
    field!("frames.background": Color, frames.background, "The color behind transparent pixels that are flattened."),
    field!("frames.bars": Color, frames.bars, "The color of the bars beside a padded frame."),
];
