//! Images from a seed, and files made of parts.

pub(crate) mod jpeg;
pub(crate) mod png;
pub(crate) mod reference;
pub(crate) mod webp;

use safelight_imaging::{Layout, Limits, Pixels, Source, Target, decode, encode};

/// Makes something like a photo: gradients, shapes with edges, and some noise.
pub(crate) fn photo(width: u32, height: u32, layout: Layout) -> Pixels {
    let mut noise = Noise(u64::from(width) << 32 | u64::from(height));
    let (w, h) = (f64::from(width), f64::from(height));
    let mut data = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (f64::from(x) / w, f64::from(y) / h);
            let in_disc = (u - 0.4).hypot(v - 0.5) < 0.25;
            let in_stripe = (8.0 * (u + v)).fract() < 0.3;
            let base = if in_disc { 40.0 } else { 90.0 + 120.0 * u };
            let color = [
                base + if in_stripe { 30.0 } else { 0.0 },
                base * 0.6 + 80.0 * v,
                200.0 - base * 0.5,
            ];
            let n_colors = if layout.is_gray() { 1 } else { 3 };
            for &value in &color[..n_colors] {
                push(&mut data, layout, value + 6.0 * noise.next());
            }
            if layout.has_alpha() {
                push(&mut data, layout, if in_disc { 255.0 } else { 255.0 * u });
            }
        }
    }
    Pixels::new(width, height, layout, data).expect("as many samples as the layout needs")
}

fn push(data: &mut Vec<u8>, layout: Layout, value: f64) {
    if layout.is_deep() {
        let sample = (value * 257.0).clamp(0.0, 65_535.0) as u16;
        data.extend(sample.to_ne_bytes());
    } else {
        data.push(value.clamp(0.0, 255.0) as u8);
    }
}

/// A small generator of numbers between −0.5 and 0.5.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 40) as f64 / f64::from(1 << 24) - 0.5
    }
}

pub(crate) const JPEG: Target = Target::Jpeg { quality: 85 };

pub(crate) fn file(pixels: &Pixels, target: Target) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(pixels, target, &mut bytes).expect("the target takes these pixels");
    bytes
}

/// A clean photo of a size that the default rules allow.
pub(crate) fn clean(target: Target) -> Vec<u8> {
    file(&photo(320, 256, Layout::Rgb8), target)
}

#[track_caller]
pub(crate) fn decoded(bytes: &[u8]) -> Pixels {
    decode(Source::from_slice(bytes), &Limits::default()).expect("a valid image")
}

/// An EXIF block of one entry, from the TIFF header on.
pub(crate) fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    block.extend([orientation, 0, 0, 0, 0, 0, 0]);
    block
}

/// The ICC profile of a screen with more colors than sRGB.
pub(crate) fn wide_profile() -> Vec<u8> {
    moxcms::ColorProfile::new_display_p3().encode().expect("a built-in profile")
}

pub(crate) fn gray_profile() -> Vec<u8> {
    moxcms::ColorProfile::new_gray_with_gamma(1.8).encode().expect("a built-in profile")
}

/// Returns the largest difference of two samples.
pub(crate) fn max_difference(one: &Pixels, other: &Pixels) -> u8 {
    assert_eq!(one.layout(), other.layout());
    let pairs = one.data().iter().zip(other.data());
    pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}
