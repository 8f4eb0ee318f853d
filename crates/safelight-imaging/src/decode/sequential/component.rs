use crate::{
    Error, Layout, Light,
    entropy::{Bits, Feed},
    fit::Plan,
    format::Size,
    shrink::Shrink,
};

use super::{
    segments::{Scan, Tables},
    tokens::difference,
    transform::{Block, Shape, flat},
};

/// A component is reduced by the transform while it stays this many times too large.
///
/// Somewhat below two, as a transform cuts off sharper than averages do; 1920 pixels to 256
/// are reduced by four so, not by two, which takes half the time.
const MARGIN: f64 = 1.85;

/// How many blocks of each component make a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sampling {
    factors: [(u8, u8); 3],
    n_components: usize,
}

impl Sampling {
    /// Takes the factors of one or three components, where all are powers of two and the
    /// first are the largest.
    pub(crate) fn new(factors: &[(u64, u64)]) -> Option<Self> {
        let &(h_max, v_max) = factors.first()?;
        let is_usual = |&(h, v): &(u64, u64)| {
            [(h, h_max), (v, v_max)]
                .into_iter()
                .all(|(factor, max)| matches!(factor, 1 | 2 | 4) && factor <= max)
        };
        match factors {
            // The blocks of a component alone follow one another, whatever its factors.
            [_] if factors.iter().all(is_usual) => {
                Some(Self { factors: [(1, 1); 3], n_components: 1 })
            }
            [_, _, _] if factors.iter().all(is_usual) => {
                let factor = |idx: usize| (factors[idx].0 as u8, factors[idx].1 as u8);
                Some(Self { factors: [0, 1, 2].map(factor), n_components: 3 })
            }
            _ => None,
        }
    }

    pub(crate) fn is_gray(self) -> bool {
        self.n_components == 1
    }

    /// Returns the number of units across and down.
    pub(super) fn units(self, size: Size) -> (u32, u32) {
        let (h_max, v_max) = self.factors[0];
        let n = |side: u32, max: u8| side.div_ceil(8 * u32::from(max));
        (n(size.width, h_max), n(size.height, v_max))
    }

    /// Prepares the components for a scan.
    pub(super) fn components(
        self,
        size: Size,
        plan: &Plan,
        scan: &Scan<'_>,
    ) -> Result<Vec<Component>, Error> {
        if scan.size != size || scan.tables.len() != self.n_components {
            return Err(crate::entropy::corrupt("a second start of frame"));
        }
        let geometries = self.geometries(size, plan);
        Ok(geometries.map(Component::new).collect())
    }

    pub(super) fn max_bytes(self, size: Size, plan: &Plan) -> u64 {
        let bytes = |geometry: Geometry| {
            let rows = geometry.stride as u64 * geometry.n_unit_rows() as u64;
            let plan = &geometry.plan;
            Shrink::max_bytes(geometry.size, Layout::Gray8, plan, Light::Encoded)
                .saturating_add(rows)
        };
        self.geometries(size, plan).map(bytes).fold(0, u64::saturating_add)
    }

    fn geometries(self, size: Size, plan: &Plan) -> impl Iterator<Item = Geometry> {
        let (h_max, v_max) = self.factors[0];
        let (n_across, _) = self.units(size);
        let plan = *plan;
        self.factors.into_iter().take(self.n_components).map(move |(h, v)| {
            let share_across = f64::from(h) / f64::from(h_max);
            let share_down = f64::from(v) / f64::from(v_max);
            let across = samples(share_across * plan.width / f64::from(plan.to.width));
            let down = samples(share_down * plan.height / f64::from(plan.to.height));
            let share_across = share_across * f64::from(across) / 8.0;
            let share_down = share_down * f64::from(down) / 8.0;
            let reduced = |side: u32, share: f64| (f64::from(side) * share).ceil() as u32;
            let size = Size::new(
                reduced(size.width, share_across),
                reduced(size.height, share_down),
            );
            let plan = Plan {
                left: plan.left * share_across,
                top: plan.top * share_down,
                width: plan.width * share_across,
                height: plan.height * share_down,
                to: plan.to,
            };
            let (h, v) = (usize::from(h), usize::from(v));
            let stride = n_across as usize * h * usize::from(across);
            Geometry { h, v, shape: Shape { across, down }, size, stride, plan }
        })
    }
}

/// Returns how many samples of eight are kept where `scale` come to one pixel.
fn samples(scale: f64) -> u8 {
    let keeps = |n: &u8| MARGIN <= scale * f64::from(*n) / 8.0;
    [1, 2, 4].into_iter().find(keeps).unwrap_or(8)
}

/// The measures of a component at its reduced size.
struct Geometry {
    /// The blocks of a unit across and down.
    h: usize,
    v: usize,
    shape: Shape,
    /// What of the samples belongs to the picture.
    size: Size,
    stride: usize,
    plan: Plan,
}

impl Geometry {
    fn n_unit_rows(&self) -> usize {
        self.v * usize::from(self.shape.down)
    }
}

/// A component on its way to a small plane of samples.
pub(super) struct Component {
    geometry: Geometry,
    last: usize,
    mean: i32,
    block: Block,
    /// The rows of one row of units.
    rows: Vec<u8>,
    n_rows_left: u32,
    small: Shrink,
}

impl Component {
    fn new(geometry: Geometry) -> Self {
        let (size, plan) = (geometry.size, &geometry.plan);
        Self {
            last: geometry.shape.last(),
            mean: 0,
            block: Block::new(),
            rows: vec![0; geometry.stride * geometry.n_unit_rows()],
            n_rows_left: size.height,
            small: Shrink::new(size, Layout::Gray8, plan, Light::Encoded),
            geometry,
        }
    }

    /// Forgets the mean value, as it is not that of the block before behind a restart.
    pub(super) fn restart(&mut self) {
        self.mean = 0;
    }

    /// Reads the blocks of the unit number `x` of this row.
    #[inline]
    pub(super) fn read_unit(
        &mut self,
        feed: &mut Feed<'_, '_>,
        bits: &mut Bits,
        tables: &Tables<'_>,
        x: usize,
    ) -> Result<(), Error> {
        let Geometry { h, v, shape, stride, .. } = self.geometry;
        let (across, down) = (usize::from(shape.across), usize::from(shape.down));
        for row in 0..v {
            for column in 0..h {
                self.mean = self.mean.wrapping_add(difference(feed, bits, tables.dc)?);
                let mean = self.mean as f32 * f32::from(tables.steps[0]);
                let start = row * down * stride + (x * h + column) * across;
                if self.last == 0 {
                    tables.ac.read(feed, bits, 0, |_, _| {})?;
                    self.rows[start] = flat(mean);
                    continue;
                }
                let block = &mut self.block;
                block.clear();
                block.set(0, mean);
                tables.ac.read(feed, bits, self.last, |idx, value| {
                    block.set(idx, value as f32 * f32::from(tables.steps[idx & 63]));
                })?;
                block.write(shape, &mut self.rows[start..], stride);
            }
        }
        Ok(())
    }

    /// Gives the rows of one row of units away.
    pub(super) fn push_rows(&mut self) -> Result<(), Error> {
        let rows = self.rows.chunks_exact_mut(self.geometry.stride);
        let width = self.geometry.size.width as usize;
        for row in rows.take(self.n_rows_left as usize) {
            self.n_rows_left -= 1;
            self.small.push(&mut row[..width])?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Vec<u8>, Error> {
        self.small.finish()
    }
}
