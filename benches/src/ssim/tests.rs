use proptest::prelude::*;

use super::{Luma, gaussian, ssim};

/// A gray image of one light for each pixel.
fn gray(width: usize, light: impl IntoIterator<Item = u8>) -> Luma {
    let rgb: Vec<u8> = light.into_iter().flat_map(|light| [light; 3]).collect();
    Luma::of_rgb(width, &rgb)
}

#[track_caller]
fn check(one: &Luma, other: &Luma, expected: f64) {
    let found = ssim(one, other).unwrap();
    assert!((found - expected).abs() < 1e-9, "{found}, not {expected}");
}

#[test]
fn the_window_weighs_one() {
    let weights = gaussian();
    assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    // exp(-25 / 4.5) / exp(0): the corner beside the middle.
    assert!((weights[0] / weights[5] - (-25.0_f64 / 4.5).exp()).abs() < 1e-12);
}

#[test]
fn light_that_shifts_costs_what_the_formula_says() {
    // No variance: what is left is (2 a b + C1) / (a² + b² + C1), with C1 = 2.55² = 6.5025.
    let flat = |light| gray(16, vec![light; 16 * 16]);
    check(&flat(100), &flat(110), (22_000.0 + 6.5025) / (22_100.0 + 6.5025));
    check(&flat(0), &flat(255), 6.5025 / (65_025.0 + 6.5025));
    // The same shift under a texture leaves its structure as it is.
    let texture =
        |base: u8| gray(16, (0..=255_u32).map(move |n| base + (n * 37 % 23) as u8));
    let shifted = ssim(&texture(100), &texture(110)).unwrap();
    let formula =
        (2.0 * 111.0 * 121.0 + 6.5025) / (111.0 * 111.0 + 121.0 * 121.0 + 6.5025);
    assert!((shifted - formula).abs() < 2e-4, "{shifted}, about {formula}");
}

#[test]
fn a_negative_has_the_structure_turned_over() {
    // The light is the same to 1 %, the covariance is minus the variance.
    let stripes = |first: u8, second: u8| {
        gray(11, (0..121_u8).map(move |n| if n % 2 == 0 { first } else { second }))
    };
    let found = ssim(&stripes(28, 228), &stripes(228, 28)).unwrap();
    assert!(found < -0.98, "{found}");
}

#[test]
fn colors_count_by_their_light() {
    let [red, green, blue] = [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
        .map(|color| Luma::of_rgb(1, &color).values[0]);
    assert!((red - 76.245).abs() < 1e-9, "{red}");
    assert!((green - 149.685).abs() < 1e-9, "{green}");
    assert!((blue - 29.07).abs() < 1e-9, "{blue}");
}

#[test]
fn other_sizes_and_less_than_a_window_have_none() {
    let flat = |width, height| gray(width, vec![9; width * height]);
    assert_eq!(ssim(&flat(20, 30), &flat(30, 20)), None);
    assert_eq!(ssim(&flat(10, 30), &flat(10, 30)), None);
    assert_eq!(ssim(&flat(0, 0), &flat(0, 0)), None);
    check(&flat(11, 11), &flat(11, 11), 1.0);
}

proptest! {
    #[test]
    fn the_same_is_one_and_order_does_not_matter(
        one in prop::collection::vec(any::<u8>(), 13 * 12),
        other in prop::collection::vec(any::<u8>(), 13 * 12),
    ) {
        let (one, other) = (gray(13, one), gray(13, other));
        let itself = ssim(&one, &one).unwrap();
        prop_assert!((itself - 1.0).abs() < 1e-9, "{}", itself);
        let (there, back) = (ssim(&one, &other).unwrap(), ssim(&other, &one).unwrap());
        prop_assert!((there - back).abs() < 1e-9);
        prop_assert!((-1.0..=1.0).contains(&there));
        prop_assert!((there - by_definition(&one, &other)).abs() < 1e-9);
    }
}

/// The formula of the paper, window by window, with variances taken about the mean.
fn by_definition(one: &Luma, other: &Luma) -> f64 {
    let weights = gaussian();
    let (width, height) = one.size();
    let mut found = Vec::new();
    for (top, left) in
        (0..=height - 11).flat_map(|y| (0..=width - 11).map(move |x| (y, x)))
    {
        let at =
            |image: &Luma, y: usize, x: usize| image.values[(top + y) * width + left + x];
        let sum = |value: &dyn Fn(usize, usize) -> f64| -> f64 {
            let places = (0..11).flat_map(|y| (0..11).map(move |x| (y, x)));
            places.map(|(y, x)| weights[y] * weights[x] * value(y, x)).sum()
        };
        let a = sum(&|y, x| at(one, y, x));
        let b = sum(&|y, x| at(other, y, x));
        let var_a = sum(&|y, x| (at(one, y, x) - a).powi(2));
        let var_b = sum(&|y, x| (at(other, y, x) - b).powi(2));
        let both = sum(&|y, x| (at(one, y, x) - a) * (at(other, y, x) - b));
        found.push(
            (2.0 * a * b + 6.5025) * (2.0 * both + 58.5225)
                / ((a * a + b * b + 6.5025) * (var_a + var_b + 58.5225)),
        );
    }
    found.iter().sum::<f64>() / found.len() as f64
}
