use super::*;
use crate::{Fit, Pixels, fit::Growth, resize::resize};

/// Far from black and white, as what is cut off there depends on the order of filters.
fn noise(size: Size, layout: Layout) -> Vec<u8> {
    let mut state = u64::from(size.width) << 32 | u64::from(size.height);
    let len = size.pixels() as usize * layout.pixel_len();
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            64 + (state >> 57) as u8
        })
        .collect()
}

fn shrunk(data: &[u8], size: Size, layout: Layout, plan: &Plan, light: Light) -> Vec<u8> {
    let mut small = Shrink::new(size, layout, plan, light);
    for row in data.chunks(size.width as usize * layout.pixel_len()) {
        small.push(&mut row.to_vec()).expect("a valid row");
    }
    small.finish().expect("all rows are there")
}

#[test]
fn i04_rows_one_by_one_are_filtered_like_the_whole() {
    // Wide enough for many portions, and reduced too little for averages.
    for (size, fit) in [
        (Size::new(9_001, 331), Fit::inside(5_000, 5_000)),
        (Size::new(3_000, 701), Fit::cover(1_100, 400)),
        (Size::new(700, 1_003), Fit::cover(300, 600)),
        (Size::new(40, 30), Fit::inside(90, 90)),
    ] {
        for layout in [Layout::Gray8, Layout::Rgb8, Layout::Rgba8, Layout::GrayAlpha16] {
            let plan = fit.plan(size, Growth::Allowed);
            let data = noise(size, layout);
            let made = shrunk(&data, size, layout, &plan, Light::Encoded);
            let whole = Pixels::new(size.width, size.height, layout, data);
            let whole = resize(whole.expect("as many samples"), &plan, Light::Encoded);
            let whole = whole.expect("a valid plan").into_8_bit().into_data();
            assert_eq!(made.len(), whole.len(), "{size} {layout:?}");
            // Both round between the two filters, in either order; what is then divided by
            // an opacity of a quarter is off by four times as much.
            let most_off = if layout.has_alpha() { 10 } else { 2 };
            let is_far = |(a, b): &(&u8, &u8)| most_off < a.abs_diff(**b);
            let n_far = made.iter().zip(&whole).filter(is_far).count();
            let most = made.len() / 1_000;
            assert!(n_far <= most, "{size} {layout:?}: {n_far} of {}", made.len());
        }
    }
}

#[test]
fn i04_blocks_that_are_cut_are_averages_of_what_there_is() {
    for layout in [Layout::Gray8, Layout::GrayAlpha8, Layout::Rgb16, Layout::Rgba16] {
        let (width, n_channels) = (23, layout.n_channels());
        let data = noise(Size::new(width, 5), layout);
        let mut boxes = Boxes::new(width, layout, 4, 5);
        let row_len = width as usize * layout.pixel_len();
        data.chunks(row_len).for_each(|row| boxes.add(row));
        let sample = |x: usize, y: usize, channel: usize| {
            let idx = (y * width as usize + x) * n_channels + channel;
            if layout.is_deep() {
                f64::from(u16::from_ne_bytes([data[2 * idx], data[2 * idx + 1]]))
            } else {
                f64::from(data[idx])
            }
        };
        let averages = boxes.take().to_vec();
        let mut wanted = Vec::new();
        for left in (0..width as usize).step_by(4) {
            for channel in 0..n_channels {
                let columns = left..(left + 4).min(width as usize);
                let count = columns.len() * 5;
                let sum: f64 = columns
                    .flat_map(|x| (0..5).map(move |y| (x, y)))
                    .map(|(x, y)| sample(x, y, channel))
                    .sum();
                let average = (sum / count as f64 + 0.5).floor();
                if layout.is_deep() {
                    wanted.extend((average as u16).to_ne_bytes());
                } else {
                    wanted.push(average as u8);
                }
            }
        }
        assert_eq!(averages, wanted, "{layout:?}");
        assert_eq!(boxes.n_rows(), 0);
    }
}

#[test]
fn i04_the_largest_blocks_of_white_stay_white() {
    for layout in [Layout::Rgb8, Layout::Rgb16] {
        let size = Size::new(1_000, 1_000);
        let plan = Fit::inside(2, 2).plan(size, Growth::Refused);
        let white = vec![255; size.pixels() as usize * layout.pixel_len()];
        let made = shrunk(&white, size, layout, &plan, Light::Encoded);
        assert_eq!(made, [255; 12], "{layout:?}");
    }
}

#[test]
fn i04_linear_light_keeps_the_brightness_of_a_fine_pattern() {
    let size = Size::new(64, 64);
    let checks: Vec<u8> =
        (0..64 * 64).map(|idx| if (idx + idx / 64) % 2 == 0 { 255 } else { 0 }).collect();
    let plan = Fit::inside(33, 33).plan(size, Growth::Refused);
    let middle = |light| shrunk(&checks, size, Layout::Gray8, &plan, light)[33 * 16 + 16];
    // Half of the light is 188 in the values of sRGB.
    assert!(middle(Light::Encoded).abs_diff(128) < 12);
    assert!(middle(Light::Linear).abs_diff(188) < 12);
    for layout in [Layout::Gray8, Layout::Rgba8, Layout::GrayAlpha16] {
        for sample in [0, 1, 77, 128, 254, 255] {
            let flat = vec![sample; 64 * 64 * layout.pixel_len()];
            let made = shrunk(&flat, size, layout, &plan, Light::Linear);
            let n_channels = layout.n_channels();
            for (idx, &found) in made.iter().enumerate() {
                let is_alpha = layout.has_alpha() && idx % n_channels == n_channels - 1;
                // Where next to nothing is seen, color has few steps.
                let most = if layout == Layout::Rgba8 && sample == 1 { 255 } else { 1 };
                let most = if is_alpha { 0 } else { most };
                assert!(
                    found.abs_diff(sample) <= most,
                    "{layout:?}: {found} of {sample}"
                );
            }
        }
    }
}
