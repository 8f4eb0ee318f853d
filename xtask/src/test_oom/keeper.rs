//! What the arms do about memory: the one thing in which they differ.

use std::time::{Duration, Instant};

use anyhow::Result;
use safelight_alloc::purge;
use safelight_cache::{Cache, Class, Limits, Policy, Weigh};
use safelight_core::{ByteSize, Consumer, Share, Traits};
use safelight_imaging::Pixels;
use safelight_memory_manager::{
    Config, Control, Permit, Permits, Reading, Registration, Rule,
};
use safelight_probe::Sampler;

use super::{arm::Arm, scenario::cache_limit};

/// The cache of the program, by the number of the preview.
pub(super) type Previews = Cache<u64, Preview>;

/// A small picture.
pub(super) struct Preview(pub(super) Pixels);

impl Weigh for Preview {
    fn heap(&self) -> ByteSize {
        self.0.byte_size()
    }
}

/// The part of the limit that the program plans with.
///
/// The rest is for what nobody declares: stacks, tables of the kernel, and above all what the
/// allocator keeps though it is free. glibc keeps up to 64 MiB at the top of its heap before
/// it gives back by itself: twice the largest block that it takes from there, which is 32 MiB
/// at most. That is an eighth of 512 MiB, and a part of it is kept in other places too.
/// It is also the part of the rule for programs with permits, as the memory manager has it.
pub(super) fn usable() -> Share {
    Share::new(0.8)
}

/// How often memory is looked at.
pub(super) const STEP: Duration = Duration::from_millis(50);

/// How often the arm with thresholds does something.
const THRESHOLDS_EVERY: Duration = Duration::from_secs(5);

/// Below this the cache is never cut.
const FLOOR: ByteSize = ByteSize::mib(16);

/// What a job needs beside what decoding takes: its stack, which is 2 MiB at most, and the
/// buffers of the encoder, which are some KiB.
const JOB: ByteSize = ByteSize::mib(2);

/// The cache, and permits where the arm has them.
pub(super) struct Keeper {
    pub(super) previews: Previews,
    permits: Permits,
    arm: Arm,
    _registration: Option<Registration>,
}

/// What looks at memory every [`STEP`].
pub(super) struct Watch {
    sampler: Sampler,
    rule: Watching,
}

enum Watching {
    Thresholds { previews: Previews, looked_at: Option<Instant> },
    Control(Box<Control>),
}

impl Keeper {
    /// Sets the arm up, for a program that holds only what it does at its start.
    pub(super) fn new(arm: Arm, limit: ByteSize) -> (Self, Watch) {
        let configured = cache_limit(limit);
        let previews = Cache::builder()
            .limits(Limits { bytes: configured, entries: None })
            .small(None)
            .policy(Policy::Lru)
            .build();
        let mut sampler = Sampler::open();
        let held = reading(&mut sampler).map_or(ByteSize::ZERO, |reading| reading.used);
        let usable = (limit.bytes() as f64 * usable().get()) as u64;
        let permits = Permits::new(ByteSize::from_bytes(usable) - held);
        let (rule, registration) = if arm == Arm::Thresholds {
            let previews = previews.clone();
            (Watching::Thresholds { previews, looked_at: None }, None)
        } else {
            let traits = Traits { floor: FLOOR, ..Traits::default() };
            let purging = Purging(previews.clone());
            let registration = permits.register(purging, traits, configured);
            let control = Control::new(permits.clone(), config());
            (Watching::Control(Box::new(control)), Some(registration))
        };
        let keeper = Self { previews, permits, arm, _registration: registration };
        (keeper, Watch { sampler, rule })
    }

    /// Waits until a job that takes so much for decoding may begin.
    pub(super) fn admit(
        &self,
        label: &'static str,
        decoding: ByteSize,
    ) -> Result<Option<Permit>> {
        if self.arm != Arm::Permits {
            return Ok(None);
        }
        Ok(Some(self.permits.reserve(label, decoding + JOB, Duration::MAX)?))
    }
}

/// The levels begin above what the rule aims at, so that they are the alarm.
fn config() -> Config {
    Config {
        elevated: Share::new(0.85),
        high: Share::new(0.90),
        critical: Share::new(0.95),
        rule: Rule::Headroom(usable()),
        ..Config::default()
    }
}

impl Watch {
    /// Looks at memory, and does what the arm does then.
    pub(super) fn step(&mut self, now: Instant) {
        match &mut self.rule {
            Watching::Control(control) => {
                if let Some(reading) = reading(&mut self.sampler) {
                    control.step(&reading, now);
                }
            }
            Watching::Thresholds { previews, looked_at } => {
                if looked_at.is_some_and(|at| now - at < THRESHOLDS_EVERY) {
                    return;
                }
                *looked_at = Some(now);
                if let Some(reading) = reading(&mut self.sampler) {
                    cut(previews, &reading);
                }
            }
        }
    }
}

/// Cuts the limit by a fifth, for good, where more than three quarters are used.
fn cut(previews: &Previews, reading: &Reading) {
    if reading.share() <= Share::new(0.75) {
        return;
    }
    let limits = previews.limits(Class::Bulk);
    let bytes = ByteSize::from_bytes(limits.bytes.bytes() / 5 * 4);
    previews.set_limits(Class::Bulk, Limits { bytes, ..limits });
    purge();
}

fn reading(sampler: &mut Sampler) -> Option<Reading> {
    let headroom = sampler.sample().headroom.as_ref().ok()?;
    Some(Reading { limit: headroom.limit, used: headroom.used? })
}

/// A cache behind which the allocator gives back what the cache let go of.
///
/// Who asks for room needs memory, and not memory that the allocator keeps.
struct Purging(Previews);

impl Consumer for Purging {
    fn usage(&self) -> ByteSize {
        Consumer::usage(&self.0)
    }

    fn set_budget(&self, budget: ByteSize) {
        let before = self.usage();
        self.0.set_budget(budget);
        if self.usage() < before {
            purge();
        }
    }

    fn reclaim(&self, wanted: ByteSize) -> ByteSize {
        let freed = self.0.reclaim(wanted);
        if ByteSize::ZERO < freed {
            purge();
        }
        freed
    }
}
