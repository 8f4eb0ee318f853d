//! The header of anything: an answer or an error.

#![no_main]

use libfuzzer_sys::fuzz_target;
use safelight_imaging::{Source, inspect};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(info) = inspect(Source::from_slice(bytes)) {
        assert!(0 < info.width && 0 < info.height);
    }
});
