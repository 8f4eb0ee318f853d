use super::*;

#[test]
fn every_layout_goes_over_and_comes_back() {
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
        let data: Vec<u8> = (0..layout.pixel_len() as u8 * 6).collect();
        let pixels = Pixels::new(3, 2, layout, data).unwrap();
        let image = DynamicImage::from(pixels.clone());
        assert_eq!((image.width(), image.height()), (3, 2));
        assert_eq!(Pixels::try_from(image).unwrap(), pixels);
    }
}

#[test]
fn floats_are_refused() {
    let error = Pixels::try_from(DynamicImage::new_rgb32f(1, 1)).unwrap_err();
    assert_eq!(error.to_string(), "invalid pixels: samples of Rgb32F have no layout");
}
