use std::num::NonZeroU32;

use super::photo;
use crate::photo_set::{FileFormat, encode};

fn side(pixels: u32) -> NonZeroU32 {
    NonZeroU32::new(pixels).expect("the tests use sides over 0")
}

fn bits_per_pixel(width: u32, height: u32, format: FileFormat) -> f64 {
    let rgb = photo(side(width), side(height), 7);
    let bytes = encode(&rgb, width, height, format).expect("the size is usual");
    bytes.len() as f64 * 8.0 / (f64::from(width) * f64::from(height))
}

#[test]
fn same_seed_gives_the_same_photo_and_another_seed_another() {
    let photo_of = |seed| photo(side(97), side(61), seed);
    assert_eq!(photo_of(1), photo_of(1));
    assert_ne!(photo_of(1), photo_of(2));
    assert_eq!(photo_of(1).len(), 97 * 61 * 3);
}

/// Photos of this size have 2.08, 13.04 and 0.97 bits per pixel.
#[test]
fn is_as_hard_to_compress_as_a_photo() {
    let photos = [2.08, 13.04, 0.97];
    for (format, wanted) in FileFormat::ALL.into_iter().zip(photos) {
        let ratio = bits_per_pixel(512, 512, format) / wanted;
        assert!((0.75..=1.25).contains(&ratio), "{format:?}: {ratio:.2} times a photo");
    }
}

#[test]
fn one_pixel_is_enough() {
    assert_eq!(photo(side(1), side(1), 0).len(), 3);
}
