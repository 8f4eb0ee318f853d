//! I1: header inspection decodes no pixel and allocates little.

use std::{fs, io::Cursor};

use expect_test::{Expect, expect};
use safelight_alloc::Span;
use safelight_core::ByteSize;
use safelight_imaging::{Color, Info, Layout, Rules, Source, Target, inspect};

use crate::support::{self, JPEG, clean, exif, file, jpeg, photo, png, webp};

fn summary(info: &Info) -> String {
    let (width, height) = info.upright_size();
    format!(
        "{} {} x {}, shown {width} x {height}, {} of {} bits{}{}, icc {:?}, frames {:?}, {} of pixels",
        info.format,
        info.width,
        info.height,
        info.color,
        info.bit_depth,
        if info.has_alpha { ", alpha" } else { "" },
        if info.is_progressive { ", progressive" } else { "" },
        info.icc.map(ByteSize::bytes),
        info.n_frames,
        info.pixel_bytes,
    )
}

#[track_caller]
fn check(bytes: &[u8], expected: &Expect) {
    let info = inspect(Source::from_slice(bytes)).expect("a valid header");
    expected.assert_eq(&summary(&info));
    let reader = Source::from_reader(Cursor::new(bytes));
    assert_eq!(inspect(reader).expect("a valid header"), info);
}

#[test]
fn i01_reads_what_the_header_says() {
    check(
        &clean(JPEG),
        &expect![
            "JPEG 320 x 256, shown 320 x 256, RGB of 8 bits, icc None, frames None, 240 KiB of pixels"
        ],
    );
    check(
        &file(&photo(31, 7, Layout::GrayAlpha16), Target::Png),
        &expect![
            "PNG 31 x 7, shown 31 x 7, gray + alpha of 16 bits, alpha, icc None, frames None, 868 B of pixels"
        ],
    );
    check(
        &file(&photo(31, 7, Layout::Rgba8), Target::WebPLossless),
        &expect![
            "WebP 31 x 7, shown 31 x 7, RGBA of 8 bits, alpha, icc None, frames None, 868 B of pixels"
        ],
    );
    check(
        webp::LOSSY,
        &expect![
            "WebP 1 x 1, shown 1 x 1, RGB of 8 bits, icc None, frames None, 3 B of pixels"
        ],
    );
}

#[test]
fn i01_reads_orientation_profile_and_frames() {
    let mut block = b"Exif\0\0".to_vec();
    block.extend(exif(6));
    check(
        &jpeg::with_segment(&clean(JPEG), 0xe1, &block),
        &expect![
            "JPEG 320 x 256, shown 256 x 320, RGB of 8 bits, icc None, frames None, 240 KiB of pixels"
        ],
    );
    let still = file(&photo(20, 10, Layout::Rgba8), Target::WebPLossless);
    check(
        &webp::animated(&still, 20, 10, 3),
        &expect![
            "WebP 20 x 10, shown 20 x 10, RGBA of 8 bits, alpha, icc None, frames Some(3), 800 B of pixels"
        ],
    );
    let wide = photo(9, 9, Layout::Rgb8).with_icc(Some(support::wide_profile()));
    let n_icc = support::wide_profile().len() as u64;
    for target in [JPEG, Target::WebPLossless] {
        let info = inspect(Source::from_slice(&file(&wide, target))).unwrap();
        assert_eq!(info.icc.map(ByteSize::bytes), Some(n_icc), "{target:?}");
    }
    let info = inspect(Source::from_slice(&file(&wide, Target::Png))).unwrap();
    assert!(info.icc.is_some());
}

#[test]
fn i01_reads_palettes_and_inks() {
    let palette = png::file(&[
        png::ihdr(4, 2, 2, 3),
        png::chunk(b"PLTE", &[0; 12]),
        png::chunk(b"tRNS", &[0]),
        png::chunk(b"IDAT", &[]),
    ]);
    check(
        &palette,
        &expect![
            "PNG 4 x 2, shown 4 x 2, palette of 2 bits, alpha, icc None, frames None, 32 B of pixels"
        ],
    );
    for (transform, color) in
        [(Some(0), Color::Cmyk), (Some(2), Color::Ycck), (None, Color::Cmyk)]
    {
        let inks = jpeg::Flat {
            width: 8,
            height: 8,
            samples: &[1, 2, 3, 4],
            adobe: transform,
            restart_interval: 0,
        };
        let info = inspect(Source::from_slice(&inks.baseline())).unwrap();
        assert_eq!(info.color, color, "{transform:?}");
    }
}

#[test]
fn i01_allocates_less_than_64_kib_whatever_the_size() {
    let folder = tempfile::tempdir().unwrap();
    let image = photo(1200, 900, Layout::Rgb8);
    let lossless = file(&image, Target::WebPLossless);
    let mut seen = Vec::new();
    for (name, bytes) in [
        ("a.jpg", file(&image, JPEG)),
        ("a.png", file(&image, Target::Png)),
        ("animated.webp", webp::animated(&lossless, 1200, 900, 2)),
        ("lossless.webp", lossless),
        ("lossy.webp", webp::lossy_head(1200, 900, 200_000)),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, &bytes).unwrap();
        let source = Source::open(&path).unwrap();
        let (info, usage) = Span::measure(|| inspect(source));
        let info = info.unwrap();
        assert_eq!(info.width, 1200, "{name}");
        seen.push(info.format);
        assert!(usage.allocated_bytes < 64 * 1024, "{name}: {usage:?}");
        assert!(bytes.len() > 64 * 1024);
    }
    let supported = Rules::default().formats;
    assert!(supported.iter().all(|format| seen.contains(format)), "{seen:?}");
}
