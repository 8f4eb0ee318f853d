//! What the feature `native` must hold beyond what holds without it.

use std::io;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use proptest::{prelude::*, sample::Index};
use safelight_core::ByteSize;
use safelight_imaging::{
    ConvertOptions, Fit, Layout, Light, Limits, Metadata, Orientation, Pixels, Source,
    Target, ThumbnailOptions, convert, decode, encode, inspect, thumbnail,
};

use crate::{
    i03_thumbnail_memory::{large, peak},
    i04_small_rows::sampled,
    i04_thumbnail::disc,
    i07_damage,
    support::{
        self, JPEG, decoded, exif, file, jpeg, photo, png,
        reference::{lanczos, ssim},
    },
};

const LOSSY: Target = Target::WebPLossy { quality: 80 };

fn progressive(pixels: &Pixels) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_progressive(true);
    let color = if pixels.layout().is_gray() { ColorType::Luma } else { ColorType::Rgb };
    let (width, height) = (pixels.width() as u16, pixels.height() as u16);
    encoder.encode(pixels.data(), width, height, color).expect("a valid image");
    bytes
}

/// Returns the light of samples, with the weights of ITU-R BT.601.
fn luma(samples: &[f64], n_channels: usize) -> Vec<f64> {
    if n_channels == 1 {
        return samples.to_vec();
    }
    let light = |pixel: &[f64]| 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
    samples.chunks(n_channels).map(light).collect()
}

#[track_caller]
fn check_likeness(name: &str, bytes: &[u8], fit: Fit) {
    let options = ThumbnailOptions::default();
    let made =
        thumbnail(Source::from_slice(bytes), fit, &options).expect("a valid image");
    let full = decoded(bytes);
    let part = [0.0, 0.0, f64::from(full.width()), f64::from(full.height())];
    let wanted = lanczos(&full, part, made.width(), made.height());
    let samples: Vec<_> = made.data().iter().map(|&sample| f64::from(sample)).collect();
    let n_channels = made.layout().n_channels();
    let (made_luma, wanted) = (luma(&samples, n_channels), luma(&wanted, n_channels));
    let like = ssim(&made_luma, &wanted, made.width(), 1);
    assert!(0.998 <= like, "{name} {fit:?}: {like}");
}

/// Reduced by 1 1/2 to 20, among them just enough and just too little for each scale.
const FITS: [Fit; 9] = [
    Fit::inside(600, 600),
    Fit::inside(300, 300),
    Fit::inside(251, 251),
    Fit::inside(249, 249),
    Fit::inside(126, 126),
    Fit::inside(124, 124),
    Fit::inside(63, 63),
    Fit::inside(62, 62),
    Fit::inside(45, 45),
];

#[test]
fn i04_native_jpegs_are_like_a_full_decode_and_a_lanczos_filter() {
    let color = photo(901, 623, Layout::Rgb8);
    let gray = photo(901, 623, Layout::Gray8);
    for (name, bytes) in [
        ("4:4:4", sampled(&color, SamplingFactor::F_1_1, 0)),
        ("4:2:2", sampled(&color, SamplingFactor::F_2_1, 0)),
        ("4:2:0", sampled(&color, SamplingFactor::F_2_2, 0)),
        ("4:2:0 with restarts", sampled(&color, SamplingFactor::F_2_2, 7)),
        ("4:2:0 progressive", progressive(&color)),
        ("gray", sampled(&gray, SamplingFactor::F_1_1, 0)),
        ("gray progressive", progressive(&gray)),
        ("our own", file(&color, JPEG)),
    ] {
        for fit in FITS {
            check_likeness(name, &bytes, fit);
        }
    }
}

#[test]
fn i04_native_webps_are_like_a_full_decode_and_a_lanczos_filter() {
    let color = photo(901, 623, Layout::Rgb8);
    for target in [LOSSY, Target::WebPLossy { quality: 95 }, Target::WebPLossless] {
        let bytes = file(&color, target);
        for fit in FITS {
            check_likeness(&format!("{target:?}"), &bytes, fit);
        }
    }
}

#[test]
fn i04_native_webp_has_no_dark_fringe_at_transparent_edges() {
    const DISC: [u8; 3] = [200, 100, 50];
    for behind in [[0, 0, 0], [0, 255, 0], [255, 255, 255]] {
        let disc = disc(Layout::Rgba8, DISC, behind);
        for (target, most) in
            [(Target::WebPLossless, 10), (Target::WebPLossy { quality: 90 }, 24)]
        {
            let bytes = file(&disc, target);
            let source = Source::from_slice(&bytes);
            let options = ThumbnailOptions::default();
            let made = thumbnail(source, Fit::inside(50, 50), &options).unwrap();
            assert_eq!(made.layout(), Layout::Rgba8);
            let (pixels, _) = made.data().as_chunks::<4>();
            let edges = pixels.iter().filter(|[.., alpha]| (32..240).contains(alpha));
            assert!(edges.clone().count() > 40);
            for [red, green, blue, alpha] in edges {
                for (sample, wanted) in [red, green, blue].into_iter().zip(DISC) {
                    let seen = u32::from(sample.abs_diff(wanted)) * u32::from(*alpha);
                    assert!(seen < most * 255, "{target:?} on {behind:?}: {sample}");
                }
            }
        }
    }
}

#[test]
fn i03_native_jpegs_stay_under_what_their_header_tells_and_64_mib() {
    let options = ThumbnailOptions::default();
    let color = large(4096, 2200, Layout::Rgb8);
    for (name, bytes) in [
        ("4:4:4", sampled(&color, SamplingFactor::F_1_1, 0)),
        ("4:2:0", sampled(&color, SamplingFactor::F_2_2, 0)),
        ("progressive", progressive(&color)),
    ] {
        let info = inspect(Source::from_slice(&bytes)).unwrap();
        for side in [100, 256, 512, 2000] {
            let fit = Fit::inside(side, side);
            let bound = info.thumbnail_bytes(fit, &options);
            let peak = peak(&bytes, fit, &options);
            assert!(peak <= bound.bytes(), "{name} {side}: {peak} over {bound}");
            let is_in_rows = name != "progressive";
            assert!(!is_in_rows || bound <= ByteSize::mib(64), "{name} {side}: {bound}");
        }
        // A quarter of each side, filtered one way and both, the file, and a little.
        let most = bytes.len() as u64 + (1024 + 512) * 550 * 3 + (1 << 20);
        let peak = |side| peak(&bytes, Fit::inside(side, side), &options);
        assert!(peak(512) < most, "{name}: {}", peak(512));
        // Where an eighth is enough rows are made small, without the file.
        assert!(name == "progressive" || peak(256) < 4 << 20, "{name}: {}", peak(256));
    }
}

#[test]
fn i03_where_the_native_way_is_over_the_limit_rows_are_made_small() {
    let bytes = sampled(&large(4096, 2200, Layout::Rgb8), SamplingFactor::F_1_1, 0);
    let fit = Fit::inside(512, 512);
    let limits = Limits { max_decoded: ByteSize::mib(4), ..Limits::default() };
    let options = ThumbnailOptions { limits, ..ThumbnailOptions::default() };
    let info = inspect(Source::from_slice(&bytes)).unwrap();
    let bound = info.thumbnail_bytes(fit, &options);
    assert!(peak(&bytes, fit, &options) <= bound.bytes() && bound <= ByteSize::mib(4));
    let plenty = ThumbnailOptions::default();
    assert!(ByteSize::mib(4) < info.thumbnail_bytes(fit, &plenty));
    assert!(4 << 20 < peak(&bytes, fit, &plenty));
}

/// Small files of every kind that the libraries take.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let rgb = photo(61, 43, Layout::Rgb8);
    let rgba = photo(61, 43, Layout::Rgba8);
    let wide = photo(61, 43, Layout::Rgb8).with_icc(Some(support::wide_profile()));
    vec![
        ("4:4:4", file(&rgb, Target::Jpeg { quality: 95 })),
        ("4:2:0", file(&rgb, JPEG)),
        ("with restarts", sampled(&rgb, SamplingFactor::F_2_2, 3)),
        ("progressive", progressive(&rgb)),
        ("gray", file(&photo(61, 43, Layout::Gray8), JPEG)),
        ("lossy", file(&rgb, LOSSY)),
        ("lossy with a profile", file(&wide, LOSSY)),
        ("lossy with opacity", file(&rgba, LOSSY)),
        ("lossless", file(&rgb, Target::WebPLossless)),
        ("lossless with opacity", file(&rgba, Target::WebPLossless)),
    ]
}

#[test]
fn i07_native_every_cut_is_an_error() {
    let limits = Limits::default();
    for (name, bytes) in files() {
        assert!(decode(Source::from_slice(&bytes), &limits).is_ok(), "{name}");
        for len in 0..bytes.len() {
            let cut = || Source::from_slice(&bytes[..len]);
            let error = decode(cut(), &limits).expect_err(name);
            let is_sorted = error.is_truncated() || len < 16;
            assert!(is_sorted, "{name}, {len} of {} bytes: {error:?}", bytes.len());
            for side in [50, 12, 5] {
                let options = ThumbnailOptions::default();
                let made = thumbnail(cut(), Fit::inside(side, side), &options);
                assert!(made.is_err(), "{name}, {len} of {} bytes", bytes.len());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn i07_native_bit_flips(
        file in any::<Index>(),
        flips in prop::collection::vec((any::<Index>(), 0u32..8), 1..6),
    ) {
        let mut bytes = file.get(&files()).1.clone();
        for (at, bit) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        i07_damage::check(&bytes);
    }

    #[test]
    fn i07_native_stretches_overwritten_or_taken_out(
        file in any::<Index>(),
        at in any::<Index>(),
        patch in prop::collection::vec(any::<u8>(), 0..40),
        n_taken in 0usize..40,
    ) {
        let mut bytes = file.get(&files()).1.clone();
        let at = at.index(bytes.len());
        let end = (at + n_taken).min(bytes.len());
        bytes.splice(at..end, patch);
        i07_damage::check(&bytes);
    }
}

#[test]
fn i07_damage_that_is_only_warned_of_is_an_error() {
    // Zeros, which are codes of some kind, and then an end marker before its time.
    let whole = file(&photo(320, 256, Layout::Rgb8), JPEG);
    let half = &whole[..whole.len() / 2];
    let closed = [half, b"\xff\xd9"].concat();
    let error = decode(Source::from_slice(&closed), &Limits::default()).unwrap_err();
    assert!(error.is_corrupt(), "{error:?}");
    assert!(
        std::error::Error::source(&error)
            .is_some_and(|source| source.to_string().contains("premature end")),
        "{error:?}"
    );
}

#[test]
fn i07_what_is_no_damage_to_the_picture_is_no_error() {
    let bytes = file(&photo(64, 48, Layout::Rgb8), JPEG);
    let mut other_revision = bytes.clone();
    assert_eq!(&bytes[6..13], b"JFIF\0\x01\x01");
    other_revision[11] = 7;
    let made = decoded(&other_revision);
    assert!(support::max_difference(&made, &decoded(&bytes)) <= 8);
}

#[test]
fn i05_a_higher_quality_never_gives_a_smaller_lossy_webp() {
    for layout in [Layout::Rgb8, Layout::Rgba8, Layout::Gray8, Layout::GrayAlpha8] {
        let pixels = photo(160, 113, layout);
        let mut last = 0;
        for quality in [0, 10, 25, 50, 75, 85, 95, 100] {
            let bytes = file(&pixels, Target::WebPLossy { quality });
            assert!(last <= bytes.len(), "{layout:?}, quality {quality}");
            last = bytes.len();
            let back = decoded(&bytes);
            assert_eq!((back.width(), back.height()), (160, 113));
            assert_eq!(back.layout().has_alpha(), layout.has_alpha());
        }
    }
    let same =
        |quality| file(&photo(30, 20, Layout::Rgb8), Target::WebPLossy { quality });
    assert_eq!(same(255), same(100));
    assert!(2 * same(80).len() < file(&photo(30, 20, Layout::Rgb8), Target::Png).len());
}

#[test]
fn i05_lossy_webp_keeps_opacity_as_it_is() {
    let pixels = photo(67, 41, Layout::Rgba8);
    let back = decoded(&file(&pixels, LOSSY));
    let alphas = |pixels: &Pixels| -> Vec<u8> {
        pixels.data().as_chunks::<4>().0.iter().map(|pixel| pixel[3]).collect()
    };
    assert_eq!(alphas(&back), alphas(&pixels));
}

#[test]
fn i05_lossy_webp_keeps_profile_and_exif_and_stands_upright() {
    let profile = support::wide_profile();
    for layout in [Layout::Rgb8, Layout::Rgba8] {
        let wide = photo(41, 30, layout).with_icc(Some(profile.clone()));
        let block = png::chunk(b"eXIf", &exif(6));
        let bytes = png::with_chunk(&file(&wide, Target::Png), &block);
        for metadata in [Metadata::Strip, Metadata::KeepExif] {
            let options = ConvertOptions { metadata, ..ConvertOptions::default() };
            let mut made = Vec::new();
            let report =
                convert(Source::from_slice(&bytes), LOSSY, &options, &mut made).unwrap();
            assert!(report.has_icc && report.written.bytes() == made.len() as u64);
            let info = inspect(Source::from_slice(&made)).unwrap();
            assert_eq!((info.width, info.height), (30, 41));
            assert_eq!(info.orientation, Orientation::Upright);
            assert_eq!(info.has_alpha, layout.has_alpha());
            let has_exif = made.windows(8).any(|window| window == &exif(1)[..8]);
            assert_eq!(has_exif, metadata == Metadata::KeepExif);
            assert_eq!(decoded(&made).icc(), Some(&profile[..]));
            // Another reader of the container agrees.
            let mut other = image_webp::WebPDecoder::new(io::Cursor::new(&made)).unwrap();
            assert_eq!(other.dimensions(), (30, 41));
            assert_eq!(other.icc_profile().unwrap(), Some(profile.clone()));
            assert_eq!(other.exif_metadata().unwrap().is_some(), has_exif);
        }
    }
}

#[test]
fn i05_what_lossy_webp_cannot_hold_is_told() {
    let deep = photo(8, 8, Layout::Rgb16);
    assert!(encode(&deep, LOSSY, io::sink()).unwrap_err().is_unsupported());
    let mut made = Vec::new();
    let bytes = file(&deep, Target::Png);
    let options = ConvertOptions::default();
    let report = convert(Source::from_slice(&bytes), LOSSY, &options, &mut made).unwrap();
    assert!(report.reduced_depth);
    for (side, is_taken) in [(16_383, true), (16_384, false)] {
        let long =
            Pixels::new(side, 1, Layout::Rgb8, vec![9; side as usize * 3]).unwrap();
        assert_eq!(encode(&long, LOSSY, io::sink()).is_ok(), is_taken);
    }
    let gray = photo(8, 8, Layout::Gray8).with_icc(Some(support::gray_profile()));
    let bytes = file(&gray, Target::Png);
    let report = convert(Source::from_slice(&bytes), LOSSY, &options, io::sink());
    assert!(!report.unwrap().has_icc);
}

#[test]
fn i05_profile_and_exif_are_kept_in_segments_of_a_native_jpeg() {
    // More than one segment of a profile, which need not be a valid one to be kept.
    let profile: Vec<u8> = (0..150_000_u32).map(|idx| (idx % 251) as u8).collect();
    let wide = photo(40, 30, Layout::Rgb8).with_icc(Some(profile.clone()));
    let block = png::chunk(b"eXIf", &exif(8));
    let bytes = png::with_chunk(&file(&wide, Target::Png), &block);
    let options =
        ConvertOptions { metadata: Metadata::KeepExif, ..ConvertOptions::default() };
    let mut made = Vec::new();
    convert(Source::from_slice(&bytes), JPEG, &options, &mut made).unwrap();
    let back = decoded(&made);
    assert_eq!((back.width(), back.height()), (30, 40));
    assert_eq!(back.icc(), Some(&profile[..]));
    assert!(made.windows(8).any(|window| window == &exif(1)[..8]));
    let too_long = photo(8, 8, Layout::Rgb8).with_icc(Some(vec![1; 255 * 65_519 + 1]));
    assert!(encode(&too_long, JPEG, io::sink()).unwrap_err().is_unsupported());
}

#[test]
fn i04_native_turned_and_linear_thumbnails_are_those_of_the_whole_image() {
    let bytes = sampled(&photo(640, 400, Layout::Rgb8), SamplingFactor::F_2_2, 0);
    let block = [b"Exif\0\0", &exif(6)[..]].concat();
    let turned = jpeg::with_segment(&bytes, 0xe1, &block);
    let small = |bytes: &[u8], light| {
        let options = ThumbnailOptions { light, ..ThumbnailOptions::default() };
        thumbnail(Source::from_slice(bytes), Fit::inside(40, 40), &options).unwrap()
    };
    for light in [Light::Encoded, Light::Linear] {
        let (upright, stands) = (small(&bytes, light), small(&turned, light));
        assert_eq!((upright.width(), upright.height()), (40, 25));
        assert_eq!((stands.width(), stands.height()), (25, 40));
        // Turned by a quarter: the first row is the first column from below.
        let (rows, _) = upright.data().as_chunks::<3>();
        let (turned_rows, _) = stands.data().as_chunks::<3>();
        assert_eq!(turned_rows[24], rows[0]);
        assert_eq!(turned_rows[0], rows[24 * 40]);
    }
}
