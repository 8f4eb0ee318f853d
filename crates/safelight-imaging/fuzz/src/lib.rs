//! What the targets share.

use safelight_core::ByteSize;
use safelight_imaging::Limits;

/// Limits that keep a run short.
///
/// The fuzzer itself ends a run that takes more than its `-rss_limit_mb`.
pub fn limits() -> Limits {
    Limits {
        max_pixels: 1 << 20,
        max_decoded: ByteSize::mib(32),
        max_input: ByteSize::mib(1),
        max_frames: 100,
        max_metadata: ByteSize::kib(256),
    }
}
