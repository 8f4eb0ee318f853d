//! The cosine transform back to samples, at full size or reduced.
//!
//! A reduced block is what the lowest coefficients make of fewer samples: sharper than the
//! averages of samples, and without the others.

use std::f32::consts::{FRAC_1_SQRT_2, PI};

/// Where the coefficients stand in a block, by row, in the order of the file.
const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41,
    34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30,
    37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// The shape of the blocks of a component: samples across and down, each 1, 2, 4 or 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) across: u8,
    pub(super) down: u8,
}

impl Shape {
    /// Returns the number of the last coefficient that the shape uses.
    pub(super) fn last(self) -> usize {
        let is_used = |&place: &u8| place % 8 < self.across && place / 8 < self.down;
        ZIGZAG.iter().rposition(is_used).unwrap_or(0)
    }
}

/// The coefficients of one block, by column, so that they need not be turned later.
pub(super) struct Block {
    columns: [[f32; 8]; 8],
    /// How many columns, and coefficients of a column, are not all zero.
    n_columns: usize,
    n_rows: usize,
}

impl Block {
    pub(super) fn new() -> Self {
        Self { columns: [[0.0; 8]; 8], n_columns: 1, n_rows: 1 }
    }

    pub(super) fn clear(&mut self) {
        self.columns[..self.n_columns].fill([0.0; 8]);
        (self.n_columns, self.n_rows) = (1, 1);
    }

    /// Sets the coefficient of a number in the order of the file.
    #[inline]
    pub(super) fn set(&mut self, idx: usize, value: f32) {
        let place = usize::from(ZIGZAG[idx & 63]);
        let (row, column) = (place / 8, place % 8);
        self.columns[column][row] = value;
        self.n_columns = self.n_columns.max(column + 1);
        self.n_rows = self.n_rows.max(row + 1);
    }

    /// Writes the samples of the block into rows that are `stride` apart.
    #[inline]
    pub(super) fn write(&self, shape: Shape, rows: &mut [u8], stride: usize) {
        if (self.n_columns, self.n_rows) == (1, 1) {
            let sample = flat(self.columns[0][0]);
            for row in rows.chunks_mut(stride).take(shape.down.into()) {
                row[..shape.across.into()].fill(sample);
            }
            return;
        }
        match (shape.across, shape.down) {
            (1, 1) => self.transform::<1, 1>(rows, stride),
            (1, 2) => self.transform::<1, 2>(rows, stride),
            (1, 4) => self.transform::<1, 4>(rows, stride),
            (1, _) => self.transform::<1, 8>(rows, stride),
            (2, 1) => self.transform::<2, 1>(rows, stride),
            (2, 2) => self.transform::<2, 2>(rows, stride),
            (2, 4) => self.transform::<2, 4>(rows, stride),
            (2, _) => self.transform::<2, 8>(rows, stride),
            (4, 1) => self.transform::<4, 1>(rows, stride),
            (4, 2) => self.transform::<4, 2>(rows, stride),
            (4, 4) => self.transform::<4, 4>(rows, stride),
            (4, _) => self.transform::<4, 8>(rows, stride),
            (_, 1) => self.transform::<8, 1>(rows, stride),
            (_, 2) => self.transform::<8, 2>(rows, stride),
            (_, 4) => self.transform::<8, 4>(rows, stride),
            _ => self.transform::<8, 8>(rows, stride),
        }
    }

    fn transform<const ACROSS: usize, const DOWN: usize>(
        &self,
        rows: &mut [u8],
        stride: usize,
    ) {
        // The lanes of the first pass are the coefficients of columns, of which only the
        // lowest count; of the second the samples of a row.
        let mut columns = [[0.0; DOWN]; 8];
        for (lowest, column) in columns.iter_mut().zip(&self.columns) {
            lowest.copy_from_slice(&column[..DOWN]);
        }
        let across = pass::<ACROSS, DOWN>(&columns, self.n_columns.min(ACROSS));
        let mut turned = [[0.0; ACROSS]; 8];
        for (row_idx, row) in turned.iter_mut().take(DOWN).enumerate() {
            for (sample, column) in row.iter_mut().zip(&across) {
                *sample = column[row_idx];
            }
        }
        let samples = pass::<DOWN, ACROSS>(&turned, self.n_rows.min(DOWN));
        for (row, samples) in rows.chunks_mut(stride).zip(&samples) {
            for (byte, &sample) in row.iter_mut().zip(samples) {
                *byte = (sample + 128.5) as u8;
            }
        }
    }
}

/// Returns the sample that a block has everywhere of which only the mean is not zero.
#[inline]
pub(super) fn flat(mean: f32) -> u8 {
    // By the same rounding as in the transform.
    (mean * 0.125 + 128.5) as u8
}

/// Makes `N` samples of the first `n_used` of up to 8 coefficients, for each lane.
#[inline]
fn pass<const N: usize, const LANES: usize>(
    coefficients: &[[f32; LANES]; 8],
    n_used: usize,
) -> [[f32; LANES]; N] {
    let mut samples = [[0.0; LANES]; N];
    // Even coefficients are the same from both ends, odd ones with the other sign.
    for idx in 0..N.div_ceil(2) {
        let weights = &WEIGHTS[N.ilog2() as usize][idx];
        let (mut even, mut odd) = ([0.0; LANES], [0.0; LANES]);
        for (number, lanes) in coefficients.iter().enumerate().take(n_used) {
            let sum = if number % 2 == 0 { &mut even } else { &mut odd };
            for (sum, lane) in sum.iter_mut().zip(lanes) {
                *sum += weights[number] * lane;
            }
        }
        for lane in 0..LANES {
            samples[idx][lane] = even[lane] + odd[lane];
            samples[N - 1 - idx][lane] = even[lane] - odd[lane];
        }
    }
    samples
}

/// For 1, 2, 4 and 8 samples: the weight of each coefficient in each of the first half.
static WEIGHTS: [[[f32; 8]; 4]; 4] = [weights(1), weights(2), weights(4), weights(8)];

const fn weights(n: usize) -> [[f32; 8]; 4] {
    let mut weights = [[0.0; 8]; 4];
    let mut sample = 0;
    while sample < n.div_ceil(2) {
        weights[sample][0] = 0.5 * FRAC_1_SQRT_2;
        let mut number = 1;
        while number < n {
            let angle = ((2 * sample + 1) * number) as f32 * PI / (2 * n) as f32;
            weights[sample][number] = 0.5 * cosine(angle);
            number += 1;
        }
        sample += 1;
    }
    weights
}

/// Returns the cosine by its series, as that of the library cannot be used in constants.
const fn cosine(angle: f32) -> f32 {
    let square = angle as f64 * angle as f64;
    let (mut sum, mut term, mut n) = (1.0, 1.0, 1.0);
    while n < 40.0 {
        term *= -square / (n * (n + 1.0));
        sum += term;
        n += 2.0;
    }
    sum as f32
}

#[cfg(test)]
mod tests;
