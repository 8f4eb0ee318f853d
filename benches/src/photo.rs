//! Photo-like images from a seed.

use std::{num::NonZeroU32, thread};

#[cfg(test)]
mod tests;

/// Octaves of texture, from features of two pixels up.
const N_OCTAVES: u32 = 9;

/// Draws an opaque RGB image that codecs treat like a photo of that size.
///
/// It has what their cost depends on: a spectrum that falls with frequency, rough and smooth
/// regions, edges, color that varies slower than light, and grain.
/// How rough it is was fitted to photos of 512² to 4096²: the more pixels a photo has, the
/// smoother it is at the pixel (see the comparison in `docs/performance.md`).
/// The same arguments give the same bytes, however many threads draw them.
pub fn photo(width: NonZeroU32, height: NonZeroU32, seed: u64) -> Vec<u8> {
    let scene = Scene::new(width.get(), height.get(), seed);
    let row_bytes = 3 * width.get() as usize;
    let mut rgb = vec![0; row_bytes * height.get() as usize];
    let n_threads = thread::available_parallelism().map_or(1, usize::from);
    let rows_each = (height.get() as usize).div_ceil(n_threads);
    thread::scope(|scope| {
        for (part_idx, part) in rgb.chunks_mut(rows_each * row_bytes).enumerate() {
            let scene = &scene;
            scope.spawn(move || {
                for (row_idx, row) in part.chunks_mut(row_bytes).enumerate() {
                    scene.draw_row((part_idx * rows_each + row_idx) as u32, row);
                }
            });
        }
    });
    rgb
}

struct Scene {
    width: u32,
    seed: u64,
    /// Cell of the coarsest features, in pixels.
    coarse: u32,
    /// Standard deviation of the texture at two pixels, and of the grain, in levels.
    texture: f32,
    grain: f32,
}

impl Scene {
    fn new(width: u32, height: u32, seed: u64) -> Self {
        let octave = (f64::from(width) * f64::from(height)).log2() as f32;
        // Fitted at 2^18, 2^21, 2^22 and 2^24 pixels.
        let roughness = interpolate(octave, &ROUGHNESS);
        Self {
            width,
            seed,
            coarse: (width.min(height) / 3).max(1),
            texture: roughness.0,
            grain: roughness.1,
        }
    }

    fn draw_row(&self, y: u32, row: &mut [u8]) {
        for (x, pixel) in (0..self.width).zip(row.chunks_exact_mut(3)) {
            pixel.copy_from_slice(&self.color(x, y));
        }
    }

    fn color(&self, x: u32, y: u32) -> [u8; 3] {
        let field = |layer: u64, cell| value_noise(x, y, cell, self.seed ^ (layer << 32));
        // Regions: a cut through smooth noise gives long curved edges.
        let region = field(1, self.coarse) + 0.35 * field(2, self.coarse / 4 + 1);
        let (base, rough) = if region < 0.0 { (150.0, 0.3) } else { (95.0, 1.0) };
        let mut light = base + 40.0 * field(3, self.coarse);
        let mut amplitude = self.texture * rough;
        for octave in 0..N_OCTAVES {
            light += amplitude * field(4 + u64::from(octave), 2 << octave);
            // The spectrum of natural images falls with the frequency (Field, 1987).
            amplitude *= 1.25;
        }
        let grain = |channel| self.grain * (hash(x, y, self.seed ^ channel) - 0.5) * 3.46;
        let (warm, green) = (field(20, self.coarse), field(21, self.coarse / 2 + 1));
        let fine_tint = 0.35 * self.texture * rough * field(22, 4);
        [
            light + 40.0 * warm + grain(41) + fine_tint,
            light + 12.0 * green + grain(42),
            light - 40.0 * warm + grain(43) - fine_tint,
        ]
        .map(|level| level.clamp(0.0, 255.0) as u8)
    }
}

/// Texture and grain by the binary logarithm of the pixels.
const ROUGHNESS: [(f32, (f32, f32)); 4] =
    [(18.0, (24.0, 1.0)), (21.0, (39.0, 1.8)), (22.0, (24.5, 0.9)), (24.0, (11.1, 0.3))];

fn interpolate(at: f32, table: &[(f32, (f32, f32))]) -> (f32, f32) {
    let after =
        table.iter().position(|(x, _)| at <= *x).unwrap_or(table.len() - 1).max(1);
    let ((x0, a), (x1, b)) = (table[after - 1], table[after]);
    let t = ((at - x0) / (x1 - x0)).clamp(0.0, 1.0);
    (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1))
}

/// Smooth noise from −1 to 1 with features of `cell` pixels.
fn value_noise(x: u32, y: u32, cell: u32, seed: u64) -> f32 {
    let (cell_x, cell_y) = (x / cell, y / cell);
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let tx = ease((x % cell) as f32 / cell as f32);
    let ty = ease((y % cell) as f32 / cell as f32);
    let corner = |dx, dy| hash(cell_x + dx, cell_y + dy, seed ^ u64::from(cell));
    let top = corner(0, 0) + tx * (corner(1, 0) - corner(0, 0));
    let bottom = corner(0, 1) + tx * (corner(1, 1) - corner(0, 1));
    2.0 * (top + ty * (bottom - top)) - 1.0
}

/// A number from 0 to 1 that depends on all bits of its arguments.
fn hash(x: u32, y: u32, seed: u64) -> f32 {
    let mut z =
        seed ^ (u64::from(x) << 32 | u64::from(y)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    z = (z ^ (z >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    ((z >> 40) as f32) / (1 << 24) as f32
}
