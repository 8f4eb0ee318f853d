//! How like one another two images look: the mean structural similarity.
//!
//! As in Z. Wang, A. C. Bovik, H. R. Sheikh and E. P. Simoncelli, "Image quality assessment:
//! from error visibility to structural similarity", IEEE Transactions on Image Processing
//! 13(4), 2004: on luma, in windows of 11 x 11 pixels with Gaussian weights (σ = 1.5), with
//! K₁ = 0.01 and K₂ = 0.03, and the mean over all windows that lie wholly in the image.

#[cfg(test)]
mod tests;

/// Pixels of a window, and of an image, a side.
pub const WINDOW: usize = 11;

const SIGMA: f64 = 1.5;

/// Keep the quotients finite where there is no light, or no structure.
const C1: f64 = (0.01 * 255.0) * (0.01 * 255.0);
const C2: f64 = (0.03 * 255.0) * (0.03 * 255.0);

/// The light of an image, row by row, from 0 to 255.
#[derive(Clone, Debug, PartialEq)]
pub struct Luma {
    width: usize,
    values: Vec<f64>,
}

impl Luma {
    /// Takes the luma of RGB samples, with the weights of ITU-R BT.601.
    pub fn of_rgb(width: usize, rgb: &[u8]) -> Self {
        let (pixels, _) = rgb.as_chunks::<3>();
        let light = |[red, green, blue]: &[u8; 3]| {
            0.299 * f64::from(*red) + 0.587 * f64::from(*green) + 0.114 * f64::from(*blue)
        };
        Self { width, values: pixels.iter().map(light).collect() }
    }

    /// Returns pixels a row, and rows.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.values.len().checked_div(self.width).unwrap_or(0))
    }

    /// Combines the pixels of two images at the same place.
    fn with(&self, other: &Self, combine: impl Fn(f64, f64) -> f64) -> Self {
        let pairs = self.values.iter().zip(&other.values);
        Self {
            width: self.width,
            values: pairs.map(|(one, other)| combine(*one, *other)).collect(),
        }
    }

    /// Returns the weighted mean of each window.
    fn blurred(&self, weights: &[f64; WINDOW]) -> Self {
        let weighted = |values: &mut dyn Iterator<Item = &f64>| -> f64 {
            values.zip(weights).map(|(value, weight)| value * weight).sum()
        };
        let (width, height) = (self.width + 1 - WINDOW, self.size().1 + 1 - WINDOW);
        let rows = self.values.chunks_exact(self.width);
        let across: Vec<f64> = rows
            .flat_map(|row| {
                row.windows(WINDOW).map(|window| weighted(&mut window.iter()))
            })
            .collect();
        let down = |at: usize| weighted(&mut across[at..].iter().step_by(width));
        Self { width, values: (0..width * height).map(down).collect() }
    }
}

/// Returns the mean similarity, 1 for images that are the same.
///
/// `None` where the sizes differ, or the images are smaller than a window.
pub fn ssim(one: &Luma, other: &Luma) -> Option<f64> {
    let (width, height) = one.size();
    if one.size() != other.size() || width.min(height) < WINDOW {
        return None;
    }
    let weights = gaussian();
    let mean = |image: &Luma| image.blurred(&weights);
    let (mean_a, mean_b) = (mean(one), mean(other));
    let square_a = mean(&one.with(one, |a, b| a * b));
    let square_b = mean(&other.with(other, |a, b| a * b));
    let product = mean(&one.with(other, |a, b| a * b));
    let similarity = |idx: usize| {
        let (a, b) = (mean_a.values[idx], mean_b.values[idx]);
        let variances = square_a.values[idx] - a * a + square_b.values[idx] - b * b;
        let covariance = product.values[idx] - a * b;
        (2.0 * a * b + C1) * (2.0 * covariance + C2)
            / ((a * a + b * b + C1) * (variances + C2))
    };
    let n_windows = mean_a.values.len();
    Some((0..n_windows).map(similarity).sum::<f64>() / n_windows as f64)
}

/// Returns the weights of a window along one axis, which sum to 1.
fn gaussian() -> [f64; WINDOW] {
    let mut weights = [0.0; WINDOW];
    for (idx, weight) in weights.iter_mut().enumerate() {
        let distance = idx as f64 - (WINDOW / 2) as f64;
        *weight = (-distance * distance / (2.0 * SIGMA * SIGMA)).exp();
    }
    let sum: f64 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}
