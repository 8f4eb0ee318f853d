use super::*;

#[test]
fn reduction_to_8_bit_is_the_nearest_value() {
    let samples: Vec<u16> = (0..=u16::MAX).collect();
    let data = samples.iter().flat_map(|sample| sample.to_ne_bytes()).collect();
    let pixels = Pixels::new(256, 256, Layout::Gray16, data).unwrap().into_8_bit();
    assert_eq!(pixels.layout(), Layout::Gray8);
    for (sample, &reduced) in samples.iter().zip(pixels.data()) {
        let nearest = (f64::from(*sample) / 257.0).round() as u8;
        assert_eq!(reduced, nearest, "{sample}");
    }
}

#[test]
fn flattening_lays_pixels_over_the_background() {
    let pixels =
        Pixels::new(3, 1, Layout::Rgba8, vec![9, 9, 9, 0, 9, 9, 9, 255, 0, 0, 0, 51])
            .unwrap()
            .flatten([255, 100, 0]);
    assert_eq!(pixels.data(), [255, 100, 0, 9, 9, 9, 204, 80, 0]);
    let gray = |background| {
        let pixels = Pixels::new(1, 1, Layout::GrayAlpha8, vec![10, 0]).unwrap();
        pixels.flatten(background)
    };
    assert_eq!((gray([7; 3]).layout(), gray([7; 3]).data()), (Layout::Gray8, &[7][..]));
    assert_eq!(gray([7, 8, 9]).data(), [7, 8, 9]);
}

#[test]
fn sides_of_zero_and_wrong_lengths_are_refused() {
    assert!(Pixels::new(0, 1, Layout::Gray8, vec![]).is_err());
    assert!(Pixels::new(u32::MAX, u32::MAX, Layout::Rgba16, vec![0; 8]).is_err());
    let error = Pixels::new(1, 1, Layout::Rgb8, vec![0]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid pixels: 1 x 1 pixels of Rgb8 do not make 1 bytes"
    );
}
