//! I5: conversions lose nothing that the target can hold, and say what it cannot.

use std::io;

use safelight_imaging::{
    ConvertOptions, Converted, Icc, Layout, Limits, Metadata, Orientation, Pixels,
    Source, Target, convert, decode, encode, inspect,
};

use crate::support::{
    self, JPEG, clean, decoded, exif, file, jpeg, max_difference, photo, png,
};

const LAYOUTS: [Layout; 8] = [
    Layout::Gray8,
    Layout::GrayAlpha8,
    Layout::Rgb8,
    Layout::Rgba8,
    Layout::Gray16,
    Layout::GrayAlpha16,
    Layout::Rgb16,
    Layout::Rgba16,
];

#[track_caller]
fn converted(
    bytes: &[u8],
    target: Target,
    options: &ConvertOptions,
) -> (Converted, Vec<u8>) {
    let mut made = Vec::new();
    let report = convert(Source::from_slice(bytes), target, options, &mut made);
    let report = report.expect("a valid image");
    assert_eq!(report.written.bytes(), made.len() as u64);
    (report, made)
}

#[test]
fn i05_png_to_png_is_lossless_in_every_layout() {
    for layout in LAYOUTS {
        let pixels = photo(67, 41, layout);
        let first = file(&pixels, Target::Png);
        let (report, second) = converted(&first, Target::Png, &ConvertOptions::default());
        assert!(!report.reduced_depth && !report.flattened);
        assert_eq!(decoded(&second), pixels, "{layout:?}");
        let small = file(&pixels, Target::PngSmall);
        assert_eq!(decoded(&small), pixels, "{layout:?}");
        assert!(small.len() <= first.len(), "{layout:?}");
    }
}

#[test]
fn i05_the_small_png_is_never_longer_than_the_fast_one() {
    let len = |pixels: &Pixels, target| file(pixels, target).len();
    // A picture that repeats is much shorter.
    let tile = (0..200 * 200).map(|idx| (idx % 200 % 17 * (idx / 200 % 13)) as u8);
    let tiles = Pixels::new(200, 200, Layout::Gray8, tile.collect()).unwrap();
    assert!(2 * len(&tiles, Target::PngSmall) < len(&tiles, Target::Png));
    // In this noise there is nothing to find, and the search alone makes it longer.
    let noisy = photo(67, 41, Layout::Rgb8);
    assert_eq!(len(&noisy, Target::PngSmall), len(&noisy, Target::Png));
}

#[test]
fn i05_the_small_png_keeps_metadata_as_the_fast_one_does() {
    let wide = photo(40, 30, Layout::Rgb16).with_icc(Some(support::wide_profile()));
    let block = png::chunk(b"eXIf", &exif(6));
    let bytes = png::with_chunk(&file(&wide, Target::PngSmall), &block);
    let options =
        ConvertOptions { metadata: Metadata::KeepExif, ..ConvertOptions::default() };
    let (report, made) = converted(&bytes, Target::PngSmall, &options);
    assert!(report.has_icc && !report.reduced_depth);
    assert!(made.windows(8).any(|window| window == &exif(1)[..8]));
    assert_eq!(decoded(&made), decoded(&bytes));
}

#[test]
fn i05_lossless_webp_keeps_8_bits_and_reports_the_loss_of_16() {
    for layout in LAYOUTS {
        let pixels = photo(67, 41, layout);
        let first = file(&pixels, Target::Png);
        let (report, webp) =
            converted(&first, Target::WebPLossless, &ConvertOptions::default());
        assert_eq!(report.reduced_depth, layout.is_deep());
        let back = decoded(&webp);
        assert_eq!(back.layout().has_alpha(), layout.has_alpha());
        if layout == Layout::Rgb8 || layout == Layout::Rgba8 {
            assert_eq!(back, pixels);
        }
        assert!(
            layout.is_deep() || encode(&pixels, Target::WebPLossless, io::sink()).is_ok()
        );
    }
}

#[test]
fn i05_a_palette_keeps_its_colors() {
    let bytes = png::file(&[
        png::ihdr(4, 1, 2, 3),
        png::chunk(b"PLTE", &[1, 2, 3, 40, 50, 60, 7, 8, 9, 255, 0, 255]),
        png::chunk(b"tRNS", &[255, 0]),
        // One row, stored: filter 0, then the indices 0, 1, 2, 3.
        png::chunk(b"IDAT", &[0x78, 1, 1, 2, 0, 0xfd, 0xff, 0, 0x1b, 0, 0x1d, 0, 0x1c]),
        png::chunk(b"IEND", b""),
    ]);
    let (_, made) = converted(&bytes, Target::Png, &ConvertOptions::default());
    let wanted = [[1, 2, 3, 255], [40, 50, 60, 0], [7, 8, 9, 255], [255, 0, 255, 255]];
    assert_eq!(decoded(&made).data(), wanted.as_flattened());
}

#[test]
fn i05_a_higher_quality_never_gives_a_smaller_jpeg() {
    for (width, height) in [(320, 240), (129, 257)] {
        let pixels = photo(width, height, Layout::Rgb8);
        let mut last = 0;
        for quality in [1, 5, 10, 25, 40, 50, 60, 70, 75, 80, 85, 90, 95, 98, 100] {
            let len = file(&pixels, Target::Jpeg { quality }).len();
            assert!(last <= len, "quality {quality}: {len} after {last}");
            last = len;
        }
        let best = decoded(&file(&pixels, Target::Jpeg { quality: 100 }));
        assert!(max_difference(&best, &pixels) < 40);
    }
    let same = |quality| file(&photo(50, 50, Layout::Gray8), Target::Jpeg { quality });
    assert_eq!((same(0), same(255)), (same(1), same(100)));
}

#[test]
fn i05_alpha_to_jpeg_is_laid_over_the_stated_background() {
    let clear = Pixels::new(16, 16, Layout::Rgba8, vec![0; 16 * 16 * 4]).unwrap();
    let bytes = file(&clear, Target::Png);
    for background in [[255; 3], [0; 3], [200, 30, 90]] {
        let options = ConvertOptions { background, ..ConvertOptions::default() };
        let (report, made) = converted(&bytes, Target::Jpeg { quality: 100 }, &options);
        assert!(report.flattened);
        for pixel in decoded(&made).data().as_chunks::<3>().0 {
            for (sample, wanted) in pixel.iter().zip(background) {
                assert!(sample.abs_diff(wanted) <= 3, "{pixel:?} {background:?}");
            }
        }
    }
    assert_eq!(ConvertOptions::default().background, [255; 3]);
    assert!(encode(&clear, JPEG, io::sink()).unwrap_err().is_unsupported());
}

#[test]
fn i05_profiles_are_kept_or_converted_and_never_dropped() {
    let profile = support::wide_profile();
    let wide = photo(40, 30, Layout::Rgb8).with_icc(Some(profile.clone()));
    for from in [JPEG, Target::Png, Target::WebPLossless] {
        let bytes = file(&wide, from);
        for to in [JPEG, Target::Png, Target::WebPLossless] {
            let (report, made) = converted(&bytes, to, &ConvertOptions::default());
            assert!(report.has_icc);
            assert_eq!(decoded(&made).icc(), Some(&profile[..]), "{from:?} to {to:?}");
            let to_srgb =
                ConvertOptions { icc: Icc::ToSrgb, ..ConvertOptions::default() };
            let (report, made) = converted(&bytes, to, &to_srgb);
            assert!(!report.has_icc);
            let (back, before) = (decoded(&made), decoded(&bytes));
            assert_eq!(back.icc(), None);
            assert_ne!(back.data(), before.data(), "{from:?} to {to:?}");
        }
    }
}

#[test]
fn i05_a_gray_profile_is_converted_where_gray_becomes_rgb() {
    let gray = photo(40, 30, Layout::Gray8).with_icc(Some(support::gray_profile()));
    let bytes = file(&gray, Target::Png);
    let (report, made) = converted(&bytes, Target::Png, &ConvertOptions::default());
    assert!(report.has_icc);
    assert_eq!(decoded(&made), gray);
    let (report, made) =
        converted(&bytes, Target::WebPLossless, &ConvertOptions::default());
    assert!(!report.has_icc);
    let back = decoded(&made);
    // Gamma 1.8 is brighter than sRGB in the middle: the sample itself must go up.
    let (before, after) = (gray.data()[600], back.data()[1800]);
    assert!(before < after, "{before} became {after}");
}

#[test]
fn i05_a_profile_that_does_not_fit_is_an_error_not_a_guess() {
    let options = ConvertOptions { icc: Icc::ToSrgb, ..ConvertOptions::default() };
    for profile in [support::gray_profile(), b"none at all".to_vec()] {
        let wrong = photo(8, 8, Layout::Rgb8).with_icc(Some(profile));
        let bytes = file(&wrong, Target::Png);
        let error = convert(Source::from_slice(&bytes), JPEG, &options, io::sink());
        let error = error.unwrap_err();
        assert!(error.is_corrupt() && error.to_string().contains("ICC"), "{error}");
        let kept = convert(
            Source::from_slice(&bytes),
            JPEG,
            &ConvertOptions::default(),
            io::sink(),
        );
        assert!(kept.unwrap().has_icc);
    }
}

#[test]
fn i05_orientation_is_baked_in_and_exif_says_so() {
    let block = [b"Exif\0\0", &exif(6)[..]].concat();
    let turned = jpeg::with_segment(&clean(JPEG), 0xe1, &block);
    let limits = Limits::default();
    let upright = decode(Source::from_slice(&turned), &limits).unwrap();
    assert_eq!((upright.width(), upright.height()), (256, 320));
    let keep =
        ConvertOptions { metadata: Metadata::KeepExif, ..ConvertOptions::default() };
    for target in [JPEG, Target::Png, Target::WebPLossless] {
        for options in [ConvertOptions::default(), keep] {
            let (report, made) = converted(&turned, target, &options);
            assert_eq!((report.width, report.height), (256, 320));
            let info = inspect(Source::from_slice(&made)).unwrap();
            assert_eq!(info.orientation, Orientation::Upright);
            let has_exif = made.windows(8).any(|window| window == &exif(1)[..8]);
            assert_eq!(has_exif, options.metadata == Metadata::KeepExif, "{target:?}");
            assert_eq!(decoded(&made).width(), 256);
        }
    }
}

#[test]
fn i05_nothing_is_written_for_an_image_that_is_cut() {
    let bytes = clean(JPEG);
    let mut made = Vec::new();
    let cut = Source::from_slice(&bytes[..bytes.len() / 2]);
    let error = convert(cut, Target::Png, &ConvertOptions::default(), &mut made);
    assert!(error.unwrap_err().is_truncated());
    assert!(made.is_empty());
}
