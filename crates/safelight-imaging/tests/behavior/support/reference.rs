//! A plain Lanczos filter, and how like two pictures are.

use std::f64::consts::PI;

use safelight_imaging::Pixels;

/// A part of an image: left, top, width and height.
pub(crate) type Part = [f64; 4];

/// Filters a part of upright pixels of 8 bits, colors weighted by their opacity.
pub(crate) fn lanczos(pixels: &Pixels, part: Part, width: u32, height: u32) -> Vec<f64> {
    let n = pixels.layout().n_channels();
    let (from_width, from_height) = (pixels.width() as usize, pixels.height() as usize);
    let samples = weighted(pixels);
    let [left, top, part_width, part_height] = part;
    let across = weights(from_width, left, part_width, width as usize);
    let down = weights(from_height, top, part_height, height as usize);
    let mut rows = vec![0.0; width as usize * n * from_height];
    for y in 0..from_height {
        for (x, (first, weights)) in across.iter().enumerate() {
            for channel in 0..n {
                let sum = weights.iter().enumerate().map(|(idx, weight)| {
                    weight * samples[(y * from_width + first + idx) * n + channel]
                });
                rows[(y * width as usize + x) * n + channel] = sum.sum();
            }
        }
    }
    let row_len = width as usize * n;
    let mut made = Vec::new();
    for (first, weights) in &down {
        for x in 0..row_len {
            let sum: f64 = weights
                .iter()
                .enumerate()
                .map(|(idx, weight)| weight * rows[(first + idx) * row_len + x])
                .sum();
            made.push(sum.clamp(0.0, 255.0));
        }
    }
    made
}

/// Returns the samples with colors weighted by their opacity: what is seen on black.
pub(crate) fn weighted(pixels: &Pixels) -> Vec<f64> {
    let n = pixels.layout().n_channels();
    let mut samples: Vec<_> = pixels.data().iter().map(|&byte| f64::from(byte)).collect();
    if pixels.layout().has_alpha() {
        for pixel in samples.chunks_mut(n) {
            let opacity = pixel[n - 1] / 255.0;
            pixel[..n - 1].iter_mut().for_each(|sample| *sample *= opacity);
        }
    }
    samples
}

/// For each pixel made, the first pixel that it sees and the weights from there on.
fn weights(from: usize, start: f64, len: f64, to: usize) -> Vec<(usize, Vec<f64>)> {
    let scale = len / to as f64;
    let reach = 3.0 * scale.max(1.0);
    let one = |idx: usize| {
        let center = start + (idx as f64 + 0.5) * scale;
        let first = (center - reach).floor().max(0.0) as usize;
        let end = ((center + reach).ceil() as usize).min(from);
        let weight = |x: usize| {
            let x = (x as f64 + 0.5 - center) / scale.max(1.0);
            let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
            if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 }
        };
        let weights: Vec<_> = (first..end).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        (first, weights.iter().map(|weight| weight / sum).collect())
    };
    (0..to).map(one).collect()
}

/// The mean structural similarity over windows of 8 x 8, of the channel where it is least.
pub(crate) fn ssim(one: &[f64], other: &[f64], width: u32, n_channels: usize) -> f64 {
    assert_eq!(one.len(), other.len());
    let width = width as usize;
    let height = one.len() / n_channels / width;
    let of_channel = |channel: usize| {
        let mut values = Vec::new();
        for top in (0..=height - 8).step_by(3) {
            for left in (0..=width - 8).step_by(3) {
                let window = |data: &[f64]| -> Vec<f64> {
                    (top..top + 8)
                        .flat_map(|y| (left..left + 8).map(move |x| y * width + x))
                        .map(|idx| data[idx * n_channels + channel])
                        .collect()
                };
                values.push(similarity(&window(one), &window(other)));
            }
        }
        values.iter().sum::<f64>() / values.len() as f64
    };
    (0..n_channels).map(of_channel).fold(1.0, f64::min)
}

fn similarity(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let covariance = |x: &[f64], mean_x: f64, y: &[f64], mean_y: f64| {
        let products = x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y));
        products.sum::<f64>() / (n - 1.0)
    };
    let (c1, c2) = (6.5025, 58.5225);
    let (in_a, in_b) =
        (covariance(a, mean_a, a, mean_a), covariance(b, mean_b, b, mean_b));
    let both = covariance(a, mean_a, b, mean_b);
    (2.0 * mean_a * mean_b + c1) * (2.0 * both + c2)
        / ((mean_a.powi(2) + mean_b.powi(2) + c1) * (in_a + in_b + c2))
}
