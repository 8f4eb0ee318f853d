use crate::{Error, Layout, format::Size, resize::Opacity};

/// In which values pixels are mixed when a picture is made smaller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Light {
    /// In gamma-encoded values, as they are stored; so do most programs.
    #[default]
    Encoded,
    /// In linear light, as a lens would: fine bright lines on dark keep their brightness.
    ///
    /// The curve is that of sRGB, whatever the profile says.
    /// Whole blocks are still averaged in encoded values, down to twice the size wanted.
    Linear,
}

/// The curve of sRGB, as tables.
pub(super) struct Curve {
    from: Layout,
    to_linear: Vec<u16>,
    to_encoded: Vec<u8>,
}

impl Curve {
    /// Prepares for samples of `layout`.
    pub(super) fn new(layout: Layout) -> Self {
        let max = if layout.is_deep() { 65_535_u32 } else { 255 };
        let linear = |sample: u32| {
            (linear(f64::from(sample) / f64::from(max)) * 65_535.0).round() as u16
        };
        let mut to_encoded = Vec::with_capacity(65_536);
        for sample in 1..=255_u32 {
            // Values below the middle of two samples belong to the lower one.
            let middle = linear_of((f64::from(sample) - 0.5) / 255.0);
            to_encoded.resize(middle, (sample - 1) as u8);
        }
        to_encoded.resize(65_536, 255);
        Self { from: layout, to_linear: (0..=max).map(linear).collect(), to_encoded }
    }

    pub(super) fn max_bytes(layout: Layout) -> u64 {
        65_536 + if layout.is_deep() { 2 * 65_536 } else { 2 * 256 }
    }

    /// Returns the layout of linear samples.
    pub(super) fn layout(&self) -> Layout {
        self.from.to_16_bit()
    }

    /// Converts rows weighted by their opacity, which are changed on the way.
    pub(super) fn to_linear(
        &self,
        rows: &mut [u8],
        width: u32,
    ) -> Result<Vec<u8>, Error> {
        let n_rows = rows.len() / (width as usize * self.from.pixel_len());
        let size = Size::new(width, n_rows as u32);
        Opacity::new(self.from).divide(rows, size)?;
        let n_channels = self.from.n_channels();
        let is_alpha =
            |idx: usize| self.from.has_alpha() && (idx + 1).is_multiple_of(n_channels);
        let mut linear = Vec::with_capacity(size.pixels() as usize * 2 * n_channels);
        if self.from.is_deep() {
            for (idx, &bytes) in rows.as_chunks().0.iter().enumerate() {
                let sample = u16::from_ne_bytes(bytes);
                let color = self.to_linear[usize::from(sample)];
                let sample = if is_alpha(idx) { sample } else { color };
                linear.extend(sample.to_ne_bytes());
            }
        } else {
            for (idx, &sample) in rows.iter().enumerate() {
                let color = self.to_linear[usize::from(sample)];
                let sample = if is_alpha(idx) { u16::from(sample) * 257 } else { color };
                linear.extend(sample.to_ne_bytes());
            }
        }
        Opacity::new(self.layout()).multiply(&mut linear, size)?;
        Ok(linear)
    }

    /// Converts linear samples to encoded ones of 8 bits.
    pub(super) fn to_encoded(&self, linear: &[u8]) -> Vec<u8> {
        let n_channels = self.from.n_channels();
        let is_alpha =
            |idx: usize| self.from.has_alpha() && (idx + 1).is_multiple_of(n_channels);
        let samples = linear.as_chunks().0.iter().enumerate();
        samples
            .map(|(idx, &bytes)| {
                let sample = u16::from_ne_bytes(bytes);
                if is_alpha(idx) {
                    ((u32::from(sample) * 255 + 32_895) >> 16) as u8
                } else {
                    self.to_encoded[usize::from(sample)]
                }
            })
            .collect()
    }
}

/// Returns the index in 0 to 65535 of an encoded value, rounded up.
fn linear_of(encoded: f64) -> usize {
    (linear(encoded) * 65_535.0).ceil() as usize
}

/// Converts an encoded value of sRGB, both from 0 to 1.
fn linear(encoded: f64) -> f64 {
    if encoded <= 0.040_45 {
        encoded / 12.92
    } else {
        ((encoded + 0.055) / 1.055).powf(2.4)
    }
}
