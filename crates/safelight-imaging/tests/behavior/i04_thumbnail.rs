//! I4: a thumbnail fits the box, keeps the aspect, is upright and has no fringe.

use image::imageops::FilterType;
use proptest::prelude::*;
use safelight_imaging::{
    Fit, Icc, Layout, Orientation, Pixels, Source, Target, ThumbnailOptions, thumbnail,
};

use crate::support::{self, JPEG, exif, file, jpeg, photo, png};

fn small(bytes: &[u8], fit: Fit) -> Pixels {
    let options = ThumbnailOptions::default();
    thumbnail(Source::from_slice(bytes), fit, &options).expect("a valid image")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn i04_fits_the_box_and_keeps_the_aspect_to_a_pixel(
        width in 1u32..400,
        height in 1u32..400,
        box_width in 1u32..300,
        box_height in 1u32..300,
        orientation in 1u8..9,
    ) {
        let pixels = Pixels::new(width, height, Layout::Gray8, vec![7; (width * height) as usize]);
        let bytes = file(&pixels.unwrap(), Target::Png);
        let bytes = png::with_chunk(&bytes, &png::chunk(b"eXIf", &exif(orientation)));
        let made = small(&bytes, Fit::inside(box_width, box_height));
        let (width, height) = if 5 <= orientation { (height, width) } else { (width, height) };
        prop_assert!(made.width() <= box_width.min(width));
        prop_assert!(made.height() <= box_height.min(height));
        let across = f64::from(box_width) / f64::from(width);
        let down = f64::from(box_height) / f64::from(height);
        let scale = across.min(down).min(1.0);
        prop_assert!((f64::from(width) * scale - f64::from(made.width())).abs() < 1.0);
        prop_assert!((f64::from(height) * scale - f64::from(made.height())).abs() < 1.0);
        let cover = small(&bytes, Fit::cover(box_width, box_height));
        prop_assert!(cover.width() <= box_width && cover.height() <= box_height);
        if box_width <= width && box_height <= height {
            prop_assert_eq!((cover.width(), cover.height()), (box_width, box_height));
        }
        prop_assert!(cover.data().iter().all(|&gray| gray == 7));
    }
}

#[test]
fn i04_stands_upright_in_all_eight_orientations() {
    // Four corners of known shades.
    let shade = |x: u32, y: u32| match (x < 40, y < 20) {
        (true, true) => 10,
        (false, true) => 90,
        (true, false) => 170,
        (false, false) => 250,
    };
    let upright: [[u8; 4]; 8] = [
        [10, 90, 170, 250],
        [90, 10, 250, 170],
        [250, 170, 90, 10],
        [170, 250, 10, 90],
        [10, 170, 90, 250],
        [170, 10, 250, 90],
        [250, 90, 170, 10],
        [90, 250, 10, 170],
    ];
    let data = (0..40).flat_map(|y| (0..80).map(move |x| shade(x, y))).collect();
    let stored = Pixels::new(80, 40, Layout::Gray8, data).unwrap();
    for (orientation, wanted) in (1..=8).zip(upright) {
        let block = [b"Exif\0\0", &exif(orientation)[..]].concat();
        let as_jpeg = jpeg::with_segment(&file(&stored, JPEG), 0xe1, &block);
        let as_png = png::with_chunk(
            &file(&stored, Target::Png),
            &png::chunk(b"eXIf", &exif(orientation)),
        );
        for bytes in [as_jpeg, as_png] {
            let made = small(&bytes, Fit::inside(20, 20));
            let swaps = Orientation::from_exif(orientation.into()).unwrap().swaps_sides();
            let (width, height) = if swaps { (10, 20) } else { (20, 10) };
            assert_eq!((made.width(), made.height()), (width, height));
            let (right, bottom) = (width as usize - 1, height as usize - 1);
            let at = |x: usize, y: usize| made.data()[y * width as usize + x];
            let corners = [at(0, 0), at(right, 0), at(0, bottom), at(right, bottom)];
            for (corner, wanted) in corners.into_iter().zip(wanted) {
                let difference = corner.abs_diff(wanted);
                assert!(difference < 12, "{orientation}: {corners:?} {wanted}");
            }
        }
    }
}

#[test]
fn i04_has_no_dark_fringe_at_transparent_edges() {
    const DISC: [u8; 3] = [200, 100, 50];
    for (layout, behind) in [
        (Layout::Rgba8, [0, 0, 0]),
        (Layout::Rgba8, [0, 255, 0]),
        (Layout::Rgba16, [0, 0, 0]),
        (Layout::Rgba16, [255, 255, 255]),
    ] {
        let disc = disc(layout, DISC, behind);
        let made = small(&file(&disc, Target::Png), Fit::inside(64, 64));
        assert_eq!(made.layout(), Layout::Rgba8);
        let (pixels, _) = made.data().as_chunks::<4>();
        let edges = pixels.iter().filter(|[.., alpha]| (32..240).contains(alpha));
        assert!(edges.clone().count() > 50);
        for [red, green, blue, alpha] in edges {
            for (sample, wanted) in [red, green, blue].into_iter().zip(DISC) {
                // What is seen of the difference: a faint pixel has few steps of color.
                // The filter overshoots a little at edges, opacity is cut at its maximum.
                let seen = u32::from(sample.abs_diff(wanted)) * u32::from(*alpha) / 255;
                assert!(seen < 10, "{layout:?}: {sample} at opacity {alpha}");
            }
        }
    }
}

/// An opaque disc of one color in transparent pixels of another.
pub(crate) fn disc(layout: Layout, inner: [u8; 3], outer: [u8; 3]) -> Pixels {
    let pixel = |[red, green, blue]: [u8; 3], alpha| -> Vec<u8> {
        let samples = [red, green, blue, alpha];
        let n_bytes = if layout.is_deep() { 2 } else { 1 };
        samples.iter().flat_map(|&sample| vec![sample; n_bytes]).collect()
    };
    let (opaque, clear) = (pixel(inner, 255), pixel(outer, 0));
    let is_in = |x: i32, y: i32| (x - 150).pow(2) + (y - 150).pow(2) < 100 * 100;
    let data = (0..300)
        .flat_map(|y| (0..300).map(move |x| is_in(x, y)))
        .flat_map(|is_in| if is_in { opaque.clone() } else { clear.clone() })
        .collect();
    Pixels::new(300, 300, layout, data).expect("as many samples as the layout needs")
}

#[test]
fn i04_is_like_a_full_decode_and_a_lanczos_filter() {
    let bytes = file(&photo(900, 600, Layout::Rgb8), Target::Png);
    let made = small(&bytes, Fit::inside(256, 256));
    let full = support::decoded(&bytes);
    let full = image::RgbImage::from_raw(900, 600, full.into_data()).unwrap();
    let (width, height) = (made.width(), made.height());
    let wanted = image::imageops::resize(&full, width, height, FilterType::Lanczos3);
    let ssim = ssim(made.data(), wanted.as_raw(), width as usize * 3);
    assert!(ssim > 0.998, "{ssim}");
}

/// The mean structural similarity over windows of 8 x 8 samples.
fn ssim(one: &[u8], other: &[u8], row_len: usize) -> f64 {
    let n_rows = one.len() / row_len;
    let mut values = Vec::new();
    for top in (0..n_rows - 8).step_by(4) {
        for left in (0..row_len - 24).step_by(12) {
            let window = |data: &[u8]| -> Vec<f64> {
                let rows = (0..8).map(|y| (top + y) * row_len + left);
                let idxs = rows.flat_map(|row| (0..8).map(move |x| row + 3 * x));
                idxs.map(|idx| f64::from(data[idx])).collect()
            };
            let (a, b) = (window(one), window(other));
            let mean = |values: &[f64]| values.iter().sum::<f64>() / 64.0;
            let (mean_a, mean_b) = (mean(&a), mean(&b));
            let covariance = |x: &[f64], mean_x: f64, y: &[f64], mean_y: f64| {
                let products = x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y));
                products.sum::<f64>() / 63.0
            };
            let (var_a, var_b) =
                (covariance(&a, mean_a, &a, mean_a), covariance(&b, mean_b, &b, mean_b));
            let both = covariance(&a, mean_a, &b, mean_b);
            let (c1, c2) = (6.5025, 58.5225);
            values.push(
                (2.0 * mean_a * mean_b + c1) * (2.0 * both + c2)
                    / ((mean_a.powi(2) + mean_b.powi(2) + c1) * (var_a + var_b + c2)),
            );
        }
    }
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn i04_enlarges_only_on_request() {
    let bytes = file(&photo(30, 20, Layout::Rgb8), Target::Png);
    let made = small(&bytes, Fit::inside(300, 300));
    assert_eq!((made.width(), made.height()), (30, 20));
    let options = ThumbnailOptions { enlarge: true, ..ThumbnailOptions::default() };
    let made = thumbnail(Source::from_slice(&bytes), Fit::inside(300, 300), &options);
    assert_eq!(made.unwrap().width(), 300);
}

#[test]
fn i04_keeps_the_profile_or_converts_to_srgb() {
    let profile = support::wide_profile();
    let red = [255, 0, 0].repeat(64 * 64);
    let red = Pixels::new(64, 64, Layout::Rgb8, red).unwrap();
    let bytes = file(&red.with_icc(Some(profile.clone())), Target::Png);
    let kept = small(&bytes, Fit::inside(8, 8));
    assert_eq!(kept.icc(), Some(&profile[..]));
    assert_eq!(kept.data()[..3], [255, 0, 0]);
    let mut gray = Pixels::new(8, 8, Layout::Rgb8, vec![128; 8 * 8 * 3]).unwrap();
    gray = gray.with_icc(Some(profile));
    let options = ThumbnailOptions { icc: Icc::ToSrgb, ..ThumbnailOptions::default() };
    let to_srgb = |bytes: &[u8]| {
        let source = Source::from_slice(bytes);
        thumbnail(source, Fit::inside(8, 8), &options).expect("a valid image")
    };
    let made = to_srgb(&file(&gray, Target::Png));
    assert_eq!(made.icc(), None);
    assert!(made.data().iter().all(|&sample| sample.abs_diff(128) <= 1));
    // The wide red is out of sRGB: it is clipped to the brightest one.
    assert_eq!(to_srgb(&bytes).data()[..3], [255, 0, 0]);
}
