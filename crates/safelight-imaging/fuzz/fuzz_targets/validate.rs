//! What is acceptable can be decoded, and what is not can be said.

#![no_main]

use libfuzzer_sys::fuzz_target;
use safelight_imaging::{Depth, Rules, Source, decode, validate};
use safelight_imaging_fuzz::limits;

fuzz_target!(|bytes: &[u8]| {
    let rules = Rules { limits: limits(), side: 1..=4096, ..Rules::default() };
    let validation = validate(Source::from_slice(bytes), &rules, Depth::Full);
    let validation = validation.expect("a slice can be read");
    assert!(!validation.to_string().is_empty());
    if validation.is_acceptable() {
        let decoded = decode(Source::from_slice(bytes), &rules.limits);
        decoded.expect("what is acceptable can be decoded");
    }
});
