//! What must hold, by the numbers of the behavior list.

#![expect(
    clippy::needless_raw_string_hashes,
    reason = "what rewrites snapshots adds them"
)]

mod batch;
mod corpus;
mod i01_inspect;
mod i02_validate;
mod i03_limits;
mod i03_thumbnail_memory;
mod i04_small_rows;
mod i04_thumbnail;
mod i05_animation;
mod i05_convert;
mod i05_jpeg;
mod i06_frame_pair;
mod i07_damage;
mod i07_small_rows;
mod jpeg_integrity;
#[cfg(feature = "native")]
mod native;
mod sources;
mod support;

/// Counts what every operation allocates; the spans are of one thread and exact.
#[global_allocator]
static ALLOC: safelight_alloc::TrackingAlloc = safelight_alloc::TrackingAlloc::system();
