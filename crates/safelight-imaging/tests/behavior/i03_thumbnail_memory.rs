//! I3: what a thumbnail takes is known from the header, and little where rows are small.

use std::io::{Cursor, Read, Seek, SeekFrom};

use jpeg_encoder::SamplingFactor;
use safelight_alloc::Span;
use safelight_core::ByteSize;
use safelight_imaging::{
    Fit, Icc, Layout, Light, Limits, Pixels, Source, Target, ThumbnailOptions, inspect,
    thumbnail,
};

use crate::{
    i04_small_rows::sampled,
    support::{self, exif, file, jpeg, photo, png, webp},
};

/// A file, as far as memory is concerned: its bytes are nobody's heap.
struct OnDisk<'a>(Cursor<&'a [u8]>);

impl Read for OnDisk<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buf)
    }
}

impl Seek for OnDisk<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

pub(crate) fn peak(bytes: &[u8], fit: Fit, options: &ThumbnailOptions) -> u64 {
    let source = Source::from_reader(OnDisk(Cursor::new(bytes)));
    let (made, usage) = Span::measure(|| thumbnail(source, fit, options));
    made.expect("a valid image");
    usage.peak_bytes
}

/// Repeats a small photo until it fills a large one.
pub(crate) fn large(width: u32, height: u32, layout: Layout) -> Pixels {
    let tile = photo(256, 256, layout);
    let row_len = 256 * layout.pixel_len();
    let wanted = width as usize * layout.pixel_len();
    let mut data = Vec::with_capacity(wanted * height as usize);
    for row in tile.data().chunks(row_len).cycle().take(height as usize) {
        data.extend(row.iter().cycle().take(wanted));
    }
    Pixels::new(width, height, layout, data).expect("as many samples")
}

const FITS: [Fit; 4] = [
    Fit::inside(256, 256),
    Fit::inside(512, 512),
    Fit::cover(512, 512),
    Fit::cover(512, 64),
];

#[test]
fn i03_rows_made_small_take_4_mib_at_most() {
    let most = 4 << 20;
    let options = ThumbnailOptions::default();
    let mut files = Vec::new();
    for (width, height, layout) in [
        (4096, 1500, Layout::Rgb8),
        (1030, 2000, Layout::Rgba8),
        (1023, 1023, Layout::Rgba16),
        (2047, 700, Layout::Rgba16),
        (40_000, 40, Layout::Rgb8),
    ] {
        let bytes = file(&large(width, height, layout), Target::Png);
        files.push((format!("PNG {width} x {height} {layout:?}"), bytes));
    }
    let color = large(4096, 2200, Layout::Rgb8);
    let narrow = large(2047, 1100, Layout::Rgb8);
    let small = large(1023, 1023, Layout::Rgb8);
    let samplings = [SamplingFactor::F_1_1, SamplingFactor::F_2_2];
    // The native way holds the file and a reduced image, which it has tests of its own for.
    let samplings = if cfg!(feature = "native") { &[][..] } else { &samplings };
    for &sampling in samplings {
        for pixels in [&color, &narrow, &small] {
            let name = format!("JPEG {} {sampling:?}", pixels.width());
            files.push((name, sampled(pixels, sampling, 0)));
        }
    }
    for (name, bytes) in &files {
        for fit in FITS {
            let peak = peak(bytes, fit, &options);
            assert!(peak <= most, "{name} {fit:?}: {peak}");
            let info = inspect(Source::from_slice(bytes)).unwrap();
            let bound = info.thumbnail_bytes(fit, &options).bytes();
            // What is admitted for it is not much more.
            assert!(bound <= 2 * most, "{name} {fit:?}: {bound}");
        }
    }
}

#[test]
fn i03_a_thumbnail_stays_under_what_its_header_tells() {
    let rgb = photo(701, 467, Layout::Rgb8).with_icc(Some(support::wide_profile()));
    let deep = photo(701, 467, Layout::Rgba16);
    let turned = [b"Exif\0\0", &exif(6)[..]].concat();
    let inks = jpeg::Flat {
        width: 701,
        height: 467,
        samples: &[1, 2, 3, 4],
        adobe: Some(2),
        restart_interval: 0,
    };
    let gray = jpeg::Flat { samples: &[100], adobe: None, ..inks };
    let still = file(&photo(600, 500, Layout::Rgba8), Target::WebPLossless);
    let files = [
        file(&rgb, support::JPEG),
        jpeg::with_segment(&sampled(&rgb, SamplingFactor::F_2_2, 5), 0xe1, &turned),
        sampled(&photo(701, 467, Layout::Gray8), SamplingFactor::F_1_1, 0),
        inks.baseline(),
        gray.progressive(),
        gray.baseline(),
        file(&rgb, Target::Png),
        png::with_chunk(&file(&deep, Target::Png), &png::chunk(b"eXIf", &exif(7))),
        file(&photo(701, 467, Layout::Gray8), Target::Png),
        file(&large(65_000, 12, Layout::Rgba16), Target::Png),
        file(&rgb, Target::WebPLossless),
        webp::animated(&still, 600, 500, 2),
    ];
    for (idx, bytes) in files.iter().enumerate() {
        let info = inspect(Source::from_slice(bytes)).unwrap();
        for (light, enlarge, icc) in [
            (Light::Encoded, false, Icc::Keep),
            (Light::Linear, true, Icc::Keep),
            (Light::Encoded, true, Icc::Keep),
        ] {
            let options =
                ThumbnailOptions { light, enlarge, icc, ..ThumbnailOptions::default() };
            for fit in [
                Fit::inside(10, 10),
                Fit::inside(128, 128),
                Fit::inside(400, 400),
                Fit::inside(2_000, 2_000),
                Fit::cover(300, 300),
                Fit::cover(900, 40),
            ] {
                let bound = info.thumbnail_bytes(fit, &options).bytes();
                let peak = peak(bytes, fit, &options);
                assert!(peak <= bound, "{idx} {fit:?} {options:?}: {peak} over {bound}");
            }
        }
    }
}

#[test]
fn i03_the_limit_of_memory_is_compared_with_what_is_needed() {
    let bytes = file(&large(3_000, 2_000, Layout::Rgb8), Target::Png);
    let info = inspect(Source::from_slice(&bytes)).unwrap();
    let fit = Fit::inside(256, 256);
    let needed = info.thumbnail_bytes(fit, &ThumbnailOptions::default());
    assert!(needed < ByteSize::mib(4) && ByteSize::mib(17) < info.decoding_bytes);
    let with_limit = |max_decoded| {
        let limits = Limits { max_decoded, ..Limits::default() };
        let options = ThumbnailOptions { limits, ..ThumbnailOptions::default() };
        thumbnail(Source::from_slice(&bytes), fit, &options)
    };
    assert_eq!(with_limit(needed).expect("just enough").width(), 256);
    let error = with_limit(needed - ByteSize::from_bytes(1)).unwrap_err();
    assert!(error.is_over_limit());
    assert!(error.to_string().contains("the memory for the thumbnail"), "{error}");
}
