//! A thumbnail fits its box, whatever it is made of.

#![no_main]

use libfuzzer_sys::fuzz_target;
use safelight_imaging::{Fit, Source, ThumbnailOptions, thumbnail};
use safelight_imaging_fuzz::limits;

fuzz_target!(|bytes: &[u8]| {
    let options = ThumbnailOptions { limits: limits(), ..ThumbnailOptions::default() };
    for fit in [Fit::inside(48, 32), Fit::cover(16, 16)] {
        if let Ok(small) = thumbnail(Source::from_slice(bytes), fit, &options) {
            assert!(small.width() <= 48 && small.height() <= 48);
        }
    }
});
