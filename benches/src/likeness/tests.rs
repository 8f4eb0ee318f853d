use std::{num::NonZeroU32, path::Path};

use image::{RgbImage, imageops};

use super::Reference;
use crate::photo::photo;

/// A photo-like image, and a folder to write into.
fn scene(width: u32, height: u32) -> (RgbImage, tempfile::TempDir) {
    let side = |side| NonZeroU32::new(side).unwrap();
    let rgb = photo(side(width), side(height), 3);
    let image = RgbImage::from_raw(width, height, rgb).unwrap();
    (image, tempfile::tempdir().unwrap())
}

fn similarity(
    reference: &Reference,
    made: &RgbImage,
    path: &Path,
) -> Result<f64, String> {
    made.save_with_format(path, image::ImageFormat::Png).unwrap();
    reference.similarity(path).map_err(|error| error.to_string())
}

#[test]
fn i04_the_lanczos_filter_itself_is_one_and_others_are_less() {
    let (image, dir) = scene(300, 200);
    let path = dir.path().join("image");
    image.save_with_format(&path, image::ImageFormat::Png).unwrap();
    let reference = Reference::open(&path, 96).unwrap();
    let made = |filter| {
        let made = imageops::resize(&image, 96, 64, filter);
        similarity(&reference, &made, &path).unwrap()
    };
    let [lanczos, smooth, nearest] = [
        imageops::FilterType::Lanczos3,
        imageops::FilterType::Triangle,
        imageops::FilterType::Nearest,
    ]
    .map(made);
    assert!((lanczos - 1.0).abs() < 1e-9, "{lanczos}");
    assert!(smooth < lanczos && nearest < smooth, "{lanczos} {smooth} {nearest}");
    // What was not shrunk is shrunk as the reference is.
    assert!((similarity(&reference, &image, &path).unwrap() - 1.0).abs() < 1e-9);
}

#[test]
fn a_side_may_be_rounded_and_a_turn_is_another_image() {
    let (image, dir) = scene(300, 201);
    let path = dir.path().join("image");
    image.save_with_format(&path, image::ImageFormat::Png).unwrap();
    let reference = Reference::open(&path, 96).unwrap();
    let of = |width, height| {
        let made =
            imageops::resize(&image, width, height, imageops::FilterType::Lanczos3);
        similarity(&reference, &made, &path)
    };
    assert!(0.999 < of(96, 64).unwrap() && 0.999 < of(96, 65).unwrap());
    assert_eq!(of(64, 96), Err("64 x 96 pixels were made of 300 x 201".to_owned()));
    assert_eq!(of(10, 7), Err("10 x 7 pixels are too few to compare".to_owned()));
}

#[test]
fn what_is_no_image_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("text");
    std::fs::write(&path, "no image").unwrap();
    assert!(Reference::open(&path, 96).is_err());
    assert!(Reference::open(&dir.path().join("nothing"), 96).is_err());
}
