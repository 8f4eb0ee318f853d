//! What was converted can be read back, in its size.

#![no_main]

use libfuzzer_sys::fuzz_target;
use safelight_imaging::{ConvertOptions, Source, Target, convert, decode};
use safelight_imaging_fuzz::limits;

fuzz_target!(|bytes: &[u8]| {
    let options = ConvertOptions { limits: limits(), ..ConvertOptions::default() };
    for target in [Target::Jpeg { quality: 80 }, Target::Png, Target::WebPLossless] {
        let mut file = Vec::new();
        if let Ok(written) = convert(Source::from_slice(bytes), target, &options, &mut file) {
            let pixels = decode(Source::from_slice(&file), &limits());
            let pixels = pixels.expect("what was written can be read");
            assert_eq!((pixels.width(), pixels.height()), (written.width, written.height));
        }
    }
});
