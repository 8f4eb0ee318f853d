use crate::{
    Error, Layout, Pixels,
    fit::{FILTER_REACH, Plan},
    format::Size,
    resize::{Filter, Opacity},
};

use super::light::{Curve, Light};

/// Rows are filtered across in portions, as each portion computes the weights anew; so
/// many bytes for each byte of a pixel, as the planes of a JPEG come three at a time.
const PORTION_BYTES: usize = 192 * 1024;

/// Rows are made in strips of so many bytes at most.
const STRIP_BYTES: usize = 64 * 1024;

/// A Lanczos filter over rows that come one by one: first across, then down.
pub(super) struct Lanczos {
    layout: Layout,
    /// The size of the picture that comes.
    size: Size,
    plan: Plan,
    curve: Option<Curve>,
    filter: Filter,
    /// Rows to be filtered across, and how many there may be.
    portion: Vec<u8>,
    portion_len: usize,
    /// Rows filtered across, the first of which is number `band_top`.
    band: Vec<u8>,
    band_top: u32,
    n_rows: u32,
    n_made: u32,
    made: Vec<u8>,
}

impl Lanczos {
    pub(super) fn new(size: Size, layout: Layout, plan: Plan, light: Light) -> Self {
        let measures = Measures::new(size, layout, &plan, light);
        let curve = match light {
            Light::Encoded => None,
            Light::Linear => Some(Curve::new(layout)),
        };
        Self {
            layout: measures.filtered,
            size,
            plan,
            curve,
            filter: Filter::new(measures.filtered),
            portion: Vec::with_capacity(measures.portion_len),
            portion_len: measures.portion_len,
            band: Vec::with_capacity(measures.n_band_rows * measures.row_len),
            band_top: 0,
            n_rows: 0,
            n_made: 0,
            made: Vec::with_capacity(measures.made_len),
        }
    }

    pub(super) fn max_bytes(
        size: Size,
        layout: Layout,
        plan: &Plan,
        light: Light,
    ) -> u64 {
        let measures = Measures::new(size, layout, plan, light);
        let Measures { filtered, portion_len, n_portion_rows, .. } = measures;
        let linear = match light {
            Light::Encoded => 0,
            Light::Linear => {
                let times = filtered.pixel_len() / layout.pixel_len();
                (times * portion_len) as u64 + Curve::max_bytes(layout)
            }
        };
        let rows = (n_portion_rows + measures.n_band_rows) as u64;
        let rows = rows.saturating_mul(measures.row_len as u64);
        let strip = (measures.row_len as u64).max(STRIP_BYTES as u64);
        // A strip is reduced to 8 bits in another.
        (portion_len as u64 + linear + 2 * strip)
            .saturating_add(rows)
            .saturating_add(measures.made_len as u64)
            .saturating_add(plan.weight_bytes())
    }

    /// Takes the next row.
    pub(super) fn push(&mut self, row: &[u8]) -> Result<(), Error> {
        self.portion.extend_from_slice(row);
        if self.portion_len <= self.portion.len() {
            self.filter_across()?;
            self.filter_down()?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Vec<u8>, Error> {
        if !self.portion.is_empty() {
            self.filter_across()?;
            self.filter_down()?;
        }
        Ok(self.made)
    }

    fn filter_across(&mut self) -> Result<(), Error> {
        let width = self.size.width;
        let mut linear;
        let rows = match &self.curve {
            None => &mut self.portion,
            Some(curve) => {
                linear = curve.to_linear(&mut self.portion, width)?;
                &mut linear
            }
        };
        let n_rows = (rows.len() / (width as usize * self.layout.pixel_len())) as u32;
        let across = Plan {
            top: 0.0,
            height: f64::from(n_rows),
            to: Size::new(self.plan.to.width, n_rows),
            ..self.plan
        };
        let filtered = self.filter.apply(rows, Size::new(width, n_rows), &across)?;
        self.portion.clear();
        self.band.extend_from_slice(&filtered);
        self.n_rows += n_rows;
        Ok(())
    }

    /// Makes all rows that the rows seen so far are enough for.
    fn filter_down(&mut self) -> Result<(), Error> {
        let n_ready = self.n_ready();
        let row_len = self.plan.to.width as usize * self.layout.pixel_len();
        let most = (STRIP_BYTES / row_len.max(1)).max(1) as u32;
        while self.n_made < n_ready {
            self.make_strip(most.min(n_ready - self.n_made))?;
        }
        self.drop_rows(row_len);
        Ok(())
    }

    fn make_strip(&mut self, n_rows: u32) -> Result<(), Error> {
        let to = Size::new(self.plan.to.width, n_rows);
        let scale = self.plan.height / f64::from(self.plan.to.height);
        let n_band = self.n_rows - self.band_top;
        let top = self.plan.top + scale * f64::from(self.n_made);
        let top = (top - f64::from(self.band_top)).max(0.0);
        let down = Plan {
            left: 0.0,
            top,
            width: f64::from(to.width),
            height: (scale * f64::from(to.height)).min(f64::from(n_band) - top),
            to,
        };
        let band = Size::new(to.width, n_band);
        let mut strip = self.filter.apply(&mut self.band, band, &down)?;
        Opacity::new(self.layout).divide(&mut strip, to)?;
        self.made.extend_from_slice(&match &self.curve {
            None => Pixels::new(to.width, to.height, self.layout, strip)?
                .into_8_bit()
                .into_data(),
            Some(curve) => curve.to_encoded(&strip),
        });
        self.n_made += n_rows;
        Ok(())
    }

    /// Returns how many rows of the result can be made.
    fn n_ready(&self) -> u32 {
        if self.n_rows == self.size.height {
            return self.plan.to.height;
        }
        let scale = self.plan.height / f64::from(self.plan.to.height);
        let seen = f64::from(self.n_rows) - 1.0 - FILTER_REACH * scale.max(1.0);
        // The center of the last of them lies where the filter sees no further.
        let n_ready = ((seen - self.plan.top) / scale + 0.5).floor();
        (n_ready as u32).min(self.plan.to.height)
    }

    /// Drops the rows that no row to come depends on.
    fn drop_rows(&mut self, row_len: usize) {
        let scale = self.plan.height / f64::from(self.plan.to.height);
        let center = self.plan.top + scale * (f64::from(self.n_made) + 0.5);
        let first = (center - FILTER_REACH * scale.max(1.0) - 1.0).floor() as u32;
        let first = first.clamp(self.band_top, self.n_rows);
        self.band.drain(..(first - self.band_top) as usize * row_len);
        self.band_top = first;
    }
}

/// What the buffers of a filter hold at most.
struct Measures {
    /// The layout of the samples that are filtered.
    filtered: Layout,
    portion_len: usize,
    n_portion_rows: usize,
    /// The rows filtered across that wait to be filtered down.
    n_band_rows: usize,
    row_len: usize,
    made_len: usize,
}

impl Measures {
    fn new(size: Size, layout: Layout, plan: &Plan, light: Light) -> Self {
        let filtered = match light {
            Light::Encoded => layout,
            Light::Linear => layout.to_16_bit(),
        };
        let from_len = size.width as usize * layout.pixel_len();
        let wanted = PORTION_BYTES * layout.pixel_len().min(4);
        let height = size.height.max(1) as usize;
        let n_portion_rows = (wanted / from_len.max(1)).clamp(1, height);
        let scale = (plan.height / f64::from(plan.to.height)).max(1.0);
        // All that one row sees and the next one does not, and what has just come.
        let n_seen = (2.0 * FILTER_REACH * scale + scale).ceil() as usize + 4;
        let made = plan.to.pixels().saturating_mul(layout.to_8_bit().pixel_len() as u64);
        Self {
            filtered,
            portion_len: n_portion_rows * from_len,
            n_portion_rows,
            n_band_rows: n_seen.saturating_add(n_portion_rows).min(height),
            row_len: plan.to.width as usize * filtered.pixel_len(),
            made_len: usize::try_from(made).unwrap_or(usize::MAX),
        }
    }
}
