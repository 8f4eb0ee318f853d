use std::{num::NonZeroUsize, sync::Arc};

use safelight_core::ByteSize;

use super::{Costs, Synthetic, Trace};

/// What a cache may hold; both limits apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The sizes of all that it holds together.
    pub bytes: ByteSize,
    /// How many objects it holds.
    pub entries: NonZeroUsize,
}

/// A trace, and the limits of the caches that it is played to.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The trace's name and the limits, as in `synthetic 256 MiB/50`.
    pub name: String,
    /// What is asked for.
    pub trace: Arc<Trace>,
    /// What may be held.
    pub limits: Limits,
}

impl Setting {
    /// Puts a trace under limits.
    pub fn new(trace: Arc<Trace>, limits: Limits) -> Self {
        let name = format!("{} {}/{}", trace.name, limits.bytes, limits.entries);
        Self { name, trace, limits }
    }
}

/// Returns the settings that caches are compared in.
pub fn settings() -> Vec<Setting> {
    const SCARCE: Limits = limits(256, 50);
    const USUAL: Limits = limits(256, 400);
    // With one limit that matters, a cache that knows but one is at its best.
    const BYTES_ALONE: Limits = limits(256, 1_000_000);
    const ENTRIES_ALONE: Limits = limits(65_536, 400);
    let main = Synthetic::default();
    let (per_byte, constant) = (Costs::PerByte, Costs::Constant);
    let traces: [(_, _, &[Limits]); _] = [
        (
            "synthetic",
            main,
            &[
                SCARCE,
                USUAL,
                limits(64, 400),
                limits(1024, 500),
                BYTES_ALONE,
                ENTRIES_ALONE,
            ],
        ),
        ("no scans", Synthetic { scan_len: 0, ..main }, &[SCARCE, USUAL]),
        ("cost by the byte", Synthetic { costs: per_byte, ..main }, &[SCARCE, USUAL]),
        ("constant cost", Synthetic { costs: constant, ..main }, &[SCARCE, USUAL]),
        ("skew 0.6", Synthetic { skew: 0.6, ..main }, &[USUAL]),
        ("skew 1.1", Synthetic { skew: 1.1, ..main }, &[USUAL]),
        ("fast drift", Synthetic { drift: 200, ..main }, &[USUAL]),
    ];
    let mut settings = Vec::new();
    for (name, synthetic, limits) in traces {
        let trace = Arc::new(synthetic.trace(name));
        settings.extend(
            limits.iter().map(|limits| Setting::new(Arc::clone(&trace), *limits)),
        );
    }
    settings
}

const fn limits(mib: u64, n_entries: usize) -> Limits {
    match NonZeroUsize::new(n_entries) {
        Some(entries) => Limits { bytes: ByteSize::mib(mib), entries },
        None => panic!("a setting has room for an entry"),
    }
}
