//! Makes a small picture of rows as they come, keeping no more than a filter needs.
//!
//! Whole blocks are averaged while the picture is more than twice as large as wanted; a
//! Lanczos filter does the rest, which so has little to do and loses nothing to see.

use crate::{
    Error, Layout,
    fit::{FILTER_REACH, Plan},
    format::Size,
    resize::Opacity,
};

use self::{boxes::Boxes, lanczos::Lanczos};

mod boxes;
mod lanczos;
mod light;

#[cfg(test)]
mod tests;

pub use self::light::Light;

/// How many times larger than wanted the averages are at least.
pub(crate) const MARGIN: f64 = 2.0;

/// More than this is left to the filter, so that sums fit their type.
const MAX_BLOCK: u32 = 128;

/// Takes rows of an image and makes a part of it a small picture of 8 bits a sample.
pub(crate) struct Shrink {
    layout: Layout,
    across: Axis,
    down: Axis,
    opacity: Opacity,
    boxes: Boxes,
    lanczos: Lanczos,
    n_rows: u32,
}

impl Shrink {
    /// Starts with the first row of an image of `size`.
    pub(crate) fn new(size: Size, layout: Layout, plan: &Plan, light: Light) -> Self {
        let (across, down) = axes(size, plan);
        let rest = Plan {
            left: across.at,
            top: down.at,
            width: across.len,
            height: down.len,
            to: plan.to,
        };
        let shrunk = Size::new(across.n_blocks(), down.n_blocks());
        Self {
            layout,
            opacity: Opacity::new(layout),
            boxes: Boxes::new(across.n_read(), layout, across.block, down.block),
            lanczos: Lanczos::new(shrunk, layout, rest, light),
            across,
            down,
            n_rows: 0,
        }
    }

    /// Returns an upper bound of what it will hold, the finished picture included.
    pub(crate) fn max_bytes(
        size: Size,
        layout: Layout,
        plan: &Plan,
        light: Light,
    ) -> u64 {
        let (across, down) = axes(size, plan);
        let shrunk = Size::new(across.n_blocks(), down.n_blocks());
        let rest = Plan { width: across.len, height: down.len, ..*plan };
        Boxes::max_bytes(across.n_read(), layout, across.block)
            .saturating_add(Lanczos::max_bytes(shrunk, layout, &rest, light))
    }

    /// Takes the next row, whose samples may be changed.
    pub(crate) fn push(&mut self, row: &mut [u8]) -> Result<(), Error> {
        let row_idx = self.n_rows;
        self.n_rows += 1;
        if row_idx < self.down.start || self.down.end <= row_idx {
            return Ok(());
        }
        let pixel_len = self.layout.pixel_len();
        let (start, end) = (self.across.start as usize, self.across.end as usize);
        let row = &mut row[start * pixel_len..end * pixel_len];
        self.opacity.multiply(row, Size::new(self.across.n_read(), 1))?;
        if self.across.block == 1 && self.down.block == 1 {
            return self.lanczos.push(row);
        }
        self.boxes.add(row);
        if self.boxes.n_rows() == self.down.block || self.n_rows == self.down.end {
            self.lanczos.push(self.boxes.take())?;
        }
        Ok(())
    }

    /// Returns the samples of the picture, once all rows are in.
    pub(crate) fn finish(self) -> Result<Vec<u8>, Error> {
        self.lanczos.finish()
    }
}

fn axes(size: Size, plan: &Plan) -> (Axis, Axis) {
    let across = Axis::new(size.width, plan.left, plan.width, plan.to.width);
    (across, Axis::new(size.height, plan.top, plan.height, plan.to.height))
}

/// What is read along one side, and how much of it is averaged.
struct Axis {
    /// The first pixel that the filter sees.
    start: u32,
    /// The first pixel behind those.
    end: u32,
    /// Pixels that are averaged to one.
    block: u32,
    /// Where the part begins, in blocks from `start`.
    at: f64,
    /// The blocks of the part; the last one may be a fraction.
    len: f64,
}

impl Axis {
    fn new(side: u32, at: f64, len: f64, to: u32) -> Self {
        let scale = len / f64::from(to);
        let block = ((scale / MARGIN) as u32).clamp(1, MAX_BLOCK);
        let reach = FILTER_REACH * scale.max(1.0) + f64::from(block) + 1.0;
        let start = (at - reach).floor() as u32;
        let end = ((at + len + reach).ceil() as u32).min(side);
        let at = (at - f64::from(start)) / f64::from(block);
        let n_blocks = f64::from((end - start).div_ceil(block));
        Self { start, end, block, at, len: (len / f64::from(block)).min(n_blocks - at) }
    }

    fn n_read(&self) -> u32 {
        self.end - self.start
    }

    fn n_blocks(&self) -> u32 {
        self.n_read().div_ceil(self.block)
    }
}
