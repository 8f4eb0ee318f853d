//! I5, of JPEG: what quality means, which colors stay, and what cannot be written.

use std::io::{self, Write};

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use proptest::prelude::*;
use safelight_imaging::{
    ConvertOptions, Fit, Layout, Limits, Metadata, Pixels, Source, Target,
    ThumbnailOptions, convert, decode, encode, thumbnail,
};

use crate::support::{self, JPEG, decoded, exif, file, max_difference, photo, png};

#[test]
fn i05_no_step_of_quality_gives_a_smaller_jpeg() {
    for layout in [Layout::Gray8, Layout::Rgb8] {
        let pixels = photo(160, 113, layout);
        let len = |quality| file(&pixels, Target::Jpeg { quality }).len();
        let lens: Vec<_> = (1..=100).map(len).collect();
        for (step, pair) in lens.windows(2).enumerate() {
            assert!(pair[0] <= pair[1], "{layout:?}, from {} on: {pair:?}", step + 1);
        }
        assert!(3 * lens[0] < lens[99]);
    }
}

#[test]
fn i05_gray_stays_gray() {
    let gray = photo(50, 30, Layout::Gray8).with_icc(Some(support::gray_profile()));
    let back = decoded(&file(&gray, Target::Jpeg { quality: 100 }));
    assert_eq!((back.layout(), back.icc()), (Layout::Gray8, gray.icc()));
    assert!(max_difference(&back, &gray) <= 3);
}

/// Columns of pure red and pure blue.
fn columns() -> Pixels {
    let pair = [255, 0, 0, 0, 0, 255];
    let data = pair.into_iter().cycle().take(64 * 64 * 3).collect();
    Pixels::new(64, 64, Layout::Rgb8, data).expect("as many samples as there must be")
}

/// Returns the mean of each color.
fn mean(pixels: &Pixels) -> [u64; 3] {
    let (colors, _) = pixels.data().as_chunks::<3>();
    let sum = |idx: usize| colors.iter().map(|color| u64::from(color[idx])).sum::<u64>();
    [0, 1, 2].map(|idx| sum(idx) / colors.len() as u64)
}

#[test]
fn i05_halved_colors_are_those_of_all_pixels() {
    let [red, _, blue] = mean(&decoded(&file(&columns(), JPEG)));
    assert!(red.abs_diff(blue) < 16, "the mean of red is {red}, of blue {blue}");
}

#[test]
fn i05_colors_are_whole_from_a_quality_of_90_on() {
    let difference = |quality| {
        let made = decoded(&file(&columns(), Target::Jpeg { quality }));
        max_difference(&made, &columns())
    };
    assert!(difference(90) < 48 && 100 < difference(89));
}

/// Takes some bytes, then fails.
struct Narrow(usize);

impl Write for Narrow {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::other("the disk is full"));
        }
        let n = buf.len().min(self.0);
        self.0 -= n;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn i05_a_sink_that_fails_anywhere_is_an_io_error(share in 0.0f64..1.0) {
        let pixels = photo(120, 80, Layout::Rgb8).with_icc(Some(support::wide_profile()));
        for target in [JPEG, Target::Png, Target::PngSmall, Target::WebPLossless] {
            let len = file(&pixels, target).len();
            let room = (share * len as f64) as usize;
            let error = encode(&pixels, target, Narrow(room)).unwrap_err();
            prop_assert!(error.is_io(), "{target:?} after {room} bytes: {error:?}");
            prop_assert_eq!(encode(&pixels, target, Narrow(len)).unwrap(), len as u64);
        }
    }
}

#[test]
fn i05_metadata_that_jpeg_has_no_room_for_is_an_error_not_a_loss() {
    // One segment holds 65 533 bytes, six of which say that it is EXIF.
    let made = |len: usize| {
        let mut block = exif(1);
        block.resize(len, 0);
        let image = file(&photo(8, 8, Layout::Rgb8), Target::Png);
        let bytes = png::with_chunk(&image, &png::chunk(b"eXIf", &block));
        let options =
            ConvertOptions { metadata: Metadata::KeepExif, ..ConvertOptions::default() };
        convert(Source::from_slice(&bytes), JPEG, &options, io::sink())
    };
    assert!(made(65_527).is_ok());
    let error = made(65_528).unwrap_err();
    assert!(error.is_unsupported(), "{error:?}");
    assert_eq!(error.to_string(), "unsupported: JPEG an EXIF block of 65534 bytes");
}

#[test]
fn i05_jpeg_takes_every_size_and_no_longer_side() {
    for (width, height) in [(1, 1), (7, 9), (16, 17), (65_535, 1), (1, 65_535)] {
        let data = vec![77; (width * height * 3) as usize];
        let flat = Pixels::new(width, height, Layout::Rgb8, data).unwrap();
        for quality in [85, 95] {
            let back = decoded(&file(&flat, Target::Jpeg { quality }));
            assert_eq!((back.width(), back.height()), (width, height));
            assert!(max_difference(&back, &flat) <= 3);
        }
    }
    let long = Pixels::new(65_536, 1, Layout::Gray8, vec![0; 65_536]).unwrap();
    assert!(encode(&long, JPEG, io::sink()).unwrap_err().is_unsupported());
}

/// Encodes with each color component in a scan of its own.
fn in_scans(pixels: &Pixels, factor: SamplingFactor) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 95);
    encoder.set_sampling_factor(factor);
    encoder.set_optimized_huffman_tables(true);
    let (width, height) = (pixels.width() as u16, pixels.height() as u16);
    encoder.encode(pixels.data(), width, height, ColorType::Rgb).expect("it is small");
    file
}

/// The decoder in Rust puts colors of half the height that come in scans of their own in the
/// wrong places, up to 242 of 255 away.
#[test]
fn i05_scans_of_components_are_decoded_right_or_refused() {
    let pixels = photo(97, 61, Layout::Rgb8);
    let (refused, difference) = (!cfg!(feature = "native"), 150);
    for (factor, is_refused) in [
        (SamplingFactor::F_1_1, false),
        (SamplingFactor::F_2_1, false),
        (SamplingFactor::F_2_2, refused),
        (SamplingFactor::F_1_2, refused),
        (SamplingFactor::F_2_4, refused),
    ] {
        let file = in_scans(&pixels, factor);
        let options = ThumbnailOptions::default();
        let made = decode(Source::from_slice(&file), &Limits::default());
        let small = thumbnail(Source::from_slice(&file), Fit::inside(16, 16), &options);
        if is_refused {
            assert!(made.unwrap_err().is_unsupported(), "{factor:?}");
            assert!(small.unwrap_err().is_unsupported(), "{factor:?}");
        } else {
            let found = max_difference(&made.unwrap(), &pixels);
            assert!(small.is_ok() && found < difference, "{factor:?}: {found}");
        }
    }
}
