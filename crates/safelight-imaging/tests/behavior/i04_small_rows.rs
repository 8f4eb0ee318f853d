//! I4, where rows are made small as they come: like a full decode and a Lanczos filter.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use proptest::prelude::*;
use safelight_imaging::{
    Fit, Layout, Light, Pixels, Source, Target, ThumbnailOptions, thumbnail,
};

use crate::support::{
    decoded, exif, file,
    jpeg::{self, Flat},
    photo, png,
    reference::{Part, lanczos, ssim, weighted},
};

/// Encodes a photo with any sampling of its chroma.
pub(crate) fn sampled(
    pixels: &Pixels,
    sampling: SamplingFactor,
    restart_interval: u16,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(sampling);
    if 0 < restart_interval {
        encoder.set_restart_interval(restart_interval);
    }
    let color = if pixels.layout().is_gray() { ColorType::Luma } else { ColorType::Rgb };
    let (width, height) = (pixels.width() as u16, pixels.height() as u16);
    encoder.encode(pixels.data(), width, height, color).expect("a valid image");
    bytes
}

#[track_caller]
fn check(name: &str, bytes: &[u8], fit: Fit) {
    let options = ThumbnailOptions::default();
    let made =
        thumbnail(Source::from_slice(bytes), fit, &options).expect("a valid image");
    let full = decoded(bytes).into_8_bit();
    assert_eq!(made.layout(), full.layout(), "{name}");
    let (width, height) = (f64::from(full.width()), f64::from(full.height()));
    let (part, size): (Part, _) = match fit {
        Fit::Inside { width: w, height: h } => {
            let scale = (f64::from(w) / width).min(f64::from(h) / height);
            let side =
                |side: f64, most: u32| ((side * scale).round() as u32).clamp(1, most);
            ([0.0, 0.0, width, height], (side(width, w), side(height, h)))
        }
        Fit::Cover { width: w, height: h } => {
            let scale = (f64::from(w) / width).max(f64::from(h) / height);
            let (across, down) = (f64::from(w) / scale, f64::from(h) / scale);
            ([(width - across) / 2.0, (height - down) / 2.0, across, down], (w, h))
        }
        _ => panic!("no other way to fit"),
    };
    assert_eq!((made.width(), made.height()), size, "{name}");
    let wanted = lanczos(&full, part, size.0, size.1);
    let n_channels = made.layout().n_channels();
    let like = ssim(&weighted(&made), &wanted, size.0, n_channels);
    assert!(0.99 <= like, "{name} {fit:?}: {like}");
}

/// Sizes that are no multiples of anything, reduced by 2 to 20, whole and in part.
const FITS: [Fit; 6] = [
    Fit::inside(301, 301),
    Fit::inside(173, 173),
    Fit::inside(97, 97),
    Fit::inside(61, 61),
    Fit::cover(97, 31),
    Fit::cover(40, 180),
];

#[test]
fn i04_jpeg_of_every_sampling() {
    let color = photo(739, 523, Layout::Rgb8);
    for sampling in [
        SamplingFactor::F_1_1,
        SamplingFactor::F_2_1,
        SamplingFactor::F_1_2,
        SamplingFactor::F_2_2,
        SamplingFactor::F_4_1,
    ] {
        let bytes = sampled(&color, sampling, 0);
        for fit in FITS {
            check(&format!("{sampling:?}"), &bytes, fit);
        }
    }
    for restart_interval in [1, 7, 48] {
        let bytes = sampled(&color, SamplingFactor::F_2_2, restart_interval);
        check("with restarts", &bytes, Fit::inside(97, 97));
    }
    let gray = sampled(&photo(739, 523, Layout::Gray8), SamplingFactor::F_1_1, 0);
    for fit in FITS {
        check("gray", &gray, fit);
    }
}

#[test]
fn i04_png_of_every_layout() {
    for layout in [
        Layout::Gray8,
        Layout::GrayAlpha8,
        Layout::Rgb8,
        Layout::Rgba8,
        Layout::Gray16,
        Layout::GrayAlpha16,
        Layout::Rgb16,
        Layout::Rgba16,
    ] {
        let bytes = file(&photo(739, 523, layout), Target::Png);
        for fit in FITS {
            check(&format!("{layout:?}"), &bytes, fit);
        }
    }
}

/// Writes a PNG of gray levels as indices of `n_bits`, with what stands for transparency.
fn indexed(color: ::png::ColorType, n_bits: u8, transparency: Option<&[u8]>) -> Vec<u8> {
    let (width, height) = (739, 523);
    let gray = photo(width, height, Layout::Gray8);
    let mut bytes = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(::png::BitDepth::from_u8(n_bits).expect("a depth"));
    if color == ::png::ColorType::Indexed {
        let n_colors = 1_usize << n_bits;
        let palette = (0..n_colors).flat_map(|idx| {
            let level = (idx * 255 / (n_colors - 1)) as u8;
            [level, 255 - level, level / 2]
        });
        encoder.set_palette(palette.collect::<Vec<_>>());
    }
    if let Some(transparency) = transparency {
        encoder.set_trns(transparency.to_vec());
    }
    let mut rows = Vec::new();
    for row in gray.data().chunks(width as usize) {
        for samples in row.chunks(usize::from(8 / n_bits)) {
            let byte = samples.iter().enumerate().fold(0, |byte, (idx, sample)| {
                byte | (sample >> (8 - n_bits)) << (8 - n_bits - idx as u8 * n_bits)
            });
            rows.push(byte);
        }
    }
    let mut writer = encoder.write_header().expect("a valid header");
    writer.write_image_data(&rows).expect("as many rows as declared");
    writer.finish().expect("a vector takes all");
    bytes
}

#[test]
fn i04_png_of_palettes_and_few_bits() {
    use ::png::ColorType::{Grayscale, Indexed};
    for n_bits in [1, 2, 4, 8] {
        let n_colors = 1_usize << n_bits;
        let opacities: Vec<_> =
            (0..n_colors).map(|idx| (idx * 255 / (n_colors - 1)) as u8).collect();
        for (name, bytes) in [
            ("gray", indexed(Grayscale, n_bits, None)),
            ("gray, one of it clear", indexed(Grayscale, n_bits, Some(&[0, 1]))),
            ("palette", indexed(Indexed, n_bits, None)),
            ("palette, some of it clear", indexed(Indexed, n_bits, Some(&opacities))),
        ] {
            for fit in [Fit::inside(301, 301), Fit::inside(97, 97), Fit::cover(60, 60)] {
                check(&format!("{name} of {n_bits} bits"), &bytes, fit);
            }
        }
    }
}

#[test]
fn i04_stands_upright_in_all_orientations_where_rows_are_made_small() {
    let pixels = photo(400, 240, Layout::Rgb8);
    let as_jpeg = sampled(&pixels, SamplingFactor::F_2_2, 0);
    let as_png = file(&pixels, Target::Png);
    for orientation in 1..=8 {
        let block = [b"Exif\0\0", &exif(orientation)[..]].concat();
        let turned = jpeg::with_segment(&as_jpeg, 0xe1, &block);
        check("JPEG", &turned, Fit::inside(50, 50));
        check("JPEG", &turned, Fit::cover(31, 60));
        let turned = png::with_chunk(&as_png, &png::chunk(b"eXIf", &exif(orientation)));
        check("PNG", &turned, Fit::inside(50, 50));
        check("PNG", &turned, Fit::cover(31, 60));
    }
}

#[test]
fn i04_linear_light_is_for_all_formats() {
    // Black and white in turns: half of the light, which is 188 in the values of sRGB.
    let data = (0..256 * 256)
        .flat_map(|idx| [if (idx + idx / 256) % 2 == 0 { 255 } else { 0 }; 3]);
    let checks = Pixels::new(256, 256, Layout::Rgb8, data.collect()).unwrap();
    let options =
        ThumbnailOptions { light: Light::Linear, ..ThumbnailOptions::default() };
    let jpeg = {
        let mut bytes = Vec::new();
        let encoder = Encoder::new(&mut bytes, 100);
        encoder.encode(checks.data(), 256, 256, ColorType::Rgb).unwrap();
        bytes
    };
    for bytes in [jpeg, file(&checks, Target::Png), file(&checks, Target::WebPLossless)] {
        let source = || Source::from_slice(&bytes);
        // Reduced so little that nothing is averaged before.
        let fit = Fit::inside(124, 124);
        let made = thumbnail(source(), fit, &options).unwrap();
        let middle = made.data()[(62 * 124 + 62) * 3];
        assert!(middle.abs_diff(188) < 10, "{middle}");
        let made = thumbnail(source(), fit, &ThumbnailOptions::default()).unwrap();
        let middle = made.data()[(62 * 124 + 62) * 3];
        assert!(middle.abs_diff(128) < 10, "{middle}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn i04_flat_jpegs_of_any_size_stay_flat_and_fit(
        width in 1u16..700,
        height in 1u16..700,
        box_width in 1u32..200,
        box_height in 1u32..200,
        restart_interval in 0u16..40,
        is_color in any::<bool>(),
        is_linear in any::<bool>(),
    ) {
        let samples: &[u8] = if is_color { &[90, 128, 128] } else { &[90] };
        let flat = Flat { width, height, samples, adobe: None, restart_interval };
        let light = if is_linear { Light::Linear } else { Light::Encoded };
        let options = ThumbnailOptions { light, ..ThumbnailOptions::default() };
        let (bytes, (w, h)) = (flat.baseline(), (u32::from(width), u32::from(height)));
        for fit in [Fit::inside(box_width, box_height), Fit::cover(box_width, box_height)] {
            let made = thumbnail(Source::from_slice(&bytes), fit, &options).unwrap();
            prop_assert!(made.width() <= box_width.min(w));
            prop_assert!(made.height() <= box_height.min(h));
            prop_assert!(made.data().iter().all(|&sample| sample.abs_diff(90) <= 1));
        }
    }
}
