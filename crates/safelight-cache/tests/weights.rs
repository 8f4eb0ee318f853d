//! Weights are what the allocator gets back when the value is dropped.

use std::hint::black_box;

use proptest::prelude::*;
use safelight_alloc::{Span, TrackingAlloc};
use safelight_cache::{Class, Weigh};

#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

/// Drops a value and compares what it said with what came back.
#[track_caller]
fn check<T: Weigh>(value: T, class: Class) {
    let (heap, weight) = (value.heap().bytes(), value.weight().bytes());
    assert_eq!(value.class(), class);
    assert_eq!(weight, heap + size_of::<T>() as u64);
    // In a box the value itself lies on the heap too.
    let boxed = Box::new(value);
    assert_eq!((boxed.heap().bytes(), boxed.class()), (weight, class));
    let ((), usage) = Span::measure(|| drop(black_box(boxed)));
    assert_eq!(usage.net_bytes, -weight.cast_signed());
}

/// A vector whose capacity is over its length.
fn spare<T: Clone>(element: T, len: usize, capacity: usize) -> Vec<T> {
    let mut elements = Vec::with_capacity(capacity);
    elements.resize(len, element);
    elements
}

/// A value with a heap of its own, of the default class.
struct Photo(Vec<u16>);

impl Weigh for Photo {
    fn heap(&self) -> safelight_core::ByteSize {
        self.0.heap()
    }
}

/// The result of a check, which should push no image out.
struct Note(String);

impl Weigh for Note {
    fn heap(&self) -> safelight_core::ByteSize {
        self.0.heap()
    }

    fn class(&self) -> Class {
        Class::Small
    }
}

#[test]
fn plain_values_have_no_heap() {
    check((), Class::Bulk);
    check(true, Class::Bulk);
    check('x', Class::Bulk);
    check(7_u8, Class::Bulk);
    check(7_i128, Class::Bulk);
    check(7.5_f64, Class::Bulk);
}

#[test]
fn vectors_and_slices_weigh_by_capacity_and_element() {
    check(spare(1_u8, 3, 1_000), Class::Bulk);
    check(spare(1_u16, 3, 1_000), Class::Bulk);
    check(spare(1_i64, 0, 1_000), Class::Bulk);
    check(spare(1.0_f32, 1_000, 1_000), Class::Bulk);
    check(Vec::<f64>::new(), Class::Bulk);
    check(spare((), 9, 9), Class::Bulk);
    check(spare(1_u32, 500, 500).into_boxed_slice(), Class::Bulk);
    check(Vec::<f64>::new().into_boxed_slice(), Class::Bulk);
}

#[test]
fn text_weighs_by_capacity() {
    let mut text = String::with_capacity(100);
    text.push_str("a caption");
    check(text, Class::Bulk);
    check(Box::<str>::from("a caption"), Class::Bulk);
    check(std::path::PathBuf::from("/a/longer/path"), Class::Bulk);
    check(vec![String::from("one"), String::from("two of them")], Class::Bulk);
    check([String::from("one"), String::from("two of them")], Class::Bulk);
}

#[test]
fn the_class_is_that_of_the_value_within_and_answers_without_one_are_small() {
    let photo = || Photo(spare(1, 3, 1_000));
    let note = || Note(String::from("text"));
    check(photo(), Class::Bulk);
    check(Some(photo()), Class::Bulk);
    check(Some(note()), Class::Small);
    check(None::<Photo>, Class::Small);
    check(Ok::<_, String>(photo()), Class::Bulk);
    check(Ok::<_, Photo>(note()), Class::Small);
    check(Err::<Photo, _>(String::from("not an image")), Class::Small);
    check(Err::<Note, _>(photo()), Class::Small);
    check((photo(), note()), Class::Bulk);
    check((7_u8, photo()), Class::Bulk);
    check((note(), Some(note())), Class::Small);
    check(Some((note(), Ok::<_, String>(photo()))), Class::Bulk);
    check(Box::new(note()), Class::Small);
}

#[test]
fn weigh_is_dyn_compatible() {
    let photo: Box<dyn Weigh> = Box::new(Photo(spare(1, 3, 1_000)));
    assert_eq!(photo.heap().bytes(), 2_000 + size_of::<Photo>() as u64);
    check(photo, Class::Bulk);
}

proptest! {
    #[test]
    fn weights_come_back_whatever_the_lengths(
        len in 0usize..100,
        spare_len in 0usize..100,
        text in "[a-z]{0,40}",
        kind in 0u8..4,
    ) {
        let pixels = spare(1_u32, len, len + spare_len);
        match kind {
            0 => check(pixels, Class::Bulk),
            1 => check(Some((pixels, text)), Class::Bulk),
            2 => check(Ok::<_, String>(pixels), Class::Bulk),
            _ => check(Err::<Vec<u32>, _>(text), Class::Small),
        }
    }
}

#[cfg(feature = "image")]
mod image_buffers {
    use image::{DynamicImage, ImageBuffer, Pixel, Primitive};

    use super::{Class, check, spare};

    /// An image of 4 x 3 pixels in a buffer with room for more.
    fn roomy<P: Pixel>() -> ImageBuffer<P, Vec<P::Subpixel>> {
        let len = 4 * 3 * usize::from(P::CHANNEL_COUNT);
        let zero = P::Subpixel::DEFAULT_MIN_VALUE;
        let buffer = ImageBuffer::from_raw(4, 3, spare(zero, len, 3 * len));
        buffer.expect("the buffer is of the length of the image")
    }

    #[test]
    fn buffers_weigh_by_capacity() {
        check(roomy::<image::Rgb<u8>>(), Class::Bulk);
        check(roomy::<image::Luma<u16>>(), Class::Bulk);
        check(roomy::<image::Rgba<f32>>(), Class::Bulk);
        check(Some(roomy::<image::Rgb<u8>>()), Class::Bulk);
    }

    #[test]
    fn every_kind_of_dynamic_image_weighs_by_capacity() {
        use DynamicImage as Image;
        check(Image::ImageLuma8(roomy()), Class::Bulk);
        check(Image::ImageLumaA8(roomy()), Class::Bulk);
        check(Image::ImageRgb8(roomy()), Class::Bulk);
        check(Image::ImageRgba8(roomy()), Class::Bulk);
        check(Image::ImageLuma16(roomy()), Class::Bulk);
        check(Image::ImageLumaA16(roomy()), Class::Bulk);
        check(Image::ImageRgb16(roomy()), Class::Bulk);
        check(Image::ImageRgba16(roomy()), Class::Bulk);
        check(Image::ImageRgb32F(roomy()), Class::Bulk);
        check(Image::ImageRgba32F(roomy()), Class::Bulk);
    }
}
