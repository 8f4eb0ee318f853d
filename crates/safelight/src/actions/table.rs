use std::fmt::Write;

use safelight_core::Pressure;
use safelight_progress_monitor::AlertKind;

use super::{Bound, Cause, Effect, Knob, Repeats, Rule};

/// What leads to what: one row for each kind of alert, and the others.
pub const TABLE: &[Rule] = &[
    Rule {
        cause: Cause::Alert(AlertKind::SlowUpdate),
        knob: Knob::Jobs,
        effect: Effect::Less(1),
        bound: Bound::At(1),
        repeats: Repeats::Never,
        why: "most likely too many run at once",
    },
    Rule {
        cause: Cause::Alert(AlertKind::StuckUpdate),
        knob: Knob::Patience,
        effect: Effect::ToBound,
        bound: Bound::OfBase(1, 4),
        repeats: Repeats::Never,
        why: "callers hear early that it is busy, and do not pile up",
    },
    Rule {
        cause: Cause::Alert(AlertKind::Stall),
        knob: Knob::Patience,
        effect: Effect::ToBound,
        bound: Bound::OfBase(1, 4),
        repeats: Repeats::Never,
        why: "callers hear early that it is busy, and do not pile up",
    },
    Rule {
        cause: Cause::Alert(AlertKind::Queue),
        knob: Knob::Patience,
        effect: Effect::ToBound,
        bound: Bound::OfBase(1, 2),
        repeats: Repeats::Never,
        why: "a queue that is too long should take in less",
    },
    Rule {
        cause: Cause::Alert(AlertKind::Memory),
        knob: Knob::CacheBytes,
        effect: Effect::Times(1, 2),
        bound: Bound::OfBase(1, 4),
        repeats: Repeats::EachCoolDown,
        why: "what a cache holds can be computed again",
    },
    Rule {
        cause: Cause::Alert(AlertKind::Cpu),
        knob: Knob::Interval,
        effect: Effect::ToBound,
        bound: Bound::Configured,
        repeats: Repeats::Never,
        why: "the processors are for the work; the monitor does it itself",
    },
    Rule {
        cause: Cause::Alert(AlertKind::LateFrame),
        knob: Knob::Interval,
        effect: Effect::ToBound,
        bound: Bound::Configured,
        repeats: Repeats::Never,
        why: "fewer frames come in time; the monitor does it itself",
    },
    Rule {
        cause: Cause::Pressure(Pressure::High),
        knob: Knob::Jobs,
        effect: Effect::Times(1, 2),
        bound: Bound::At(1),
        repeats: Repeats::EachCoolDown,
        why: "each job needs memory of its own",
    },
    Rule {
        cause: Cause::Pressure(Pressure::Critical),
        knob: Knob::Purge,
        effect: Effect::More(1),
        bound: Bound::None,
        repeats: Repeats::EachCoolDown,
        why: "what was let go of may still be retained by the allocator",
    },
    Rule {
        cause: Cause::Evictions,
        knob: Knob::CacheBytes,
        effect: Effect::Times(5, 4),
        bound: Bound::Configured,
        repeats: Repeats::EachCoolDown,
        why: "what is asked for again is cheaper to hold, while memory is plenty",
    },
    Rule {
        cause: Cause::GpuFull(0),
        knob: Knob::GpuBatch(0),
        effect: Effect::Times(4, 5),
        bound: Bound::At(1),
        repeats: Repeats::EachCoolDown,
        why: "a batch that does not fit fails as a whole",
    },
];

/// Returns the [`TABLE`] in Markdown, as the documentation has it.
///
/// ```
/// let table = safelight::actions::markdown();
/// assert!(table.contains("| `memory` | `cache_bytes` | times 1/2 | 1/4 of the base | yes |"));
/// ```
pub fn markdown() -> String {
    let mut text = "| Cause | Knob | Step | Bound | Repeated | Why |\n".to_owned();
    text.push_str("|---|---|---|---|---|---|\n");
    for Rule { cause, knob, effect, bound, repeats, why } in TABLE {
        let (cause, knob) = (cause.name(), knob.name());
        let repeats = if *repeats == Repeats::Never { "no" } else { "yes" };
        let row =
            format!("| `{cause}` | `{knob}` | {effect} | {bound} | {repeats} | {why} |");
        writeln!(text, "{row}").expect("a string takes everything");
    }
    text
}
