use crate::{Error, entropy::corrupt};

/// The size of an image in blocks, for each of its components.
pub(super) struct Frame {
    pub(super) is_progressive: bool,
    width: u32,
    height: u32,
    h_max: u32,
    v_max: u32,
    pub(super) components: Vec<Component>,
}

/// One color component.
pub(super) struct Component {
    pub(super) id: u8,
    pub(super) h: u32,
    pub(super) v: u32,
    /// Whether some scan has had the mean values of its blocks.
    pub(super) is_covered: bool,
    /// Of each block the coefficients known not to be zero; progressive images only.
    pub(super) nonzero: Vec<u64>,
    /// Blocks from one row to the next in `nonzero`.
    pub(super) stride: u32,
}

impl Frame {
    /// Reads a start of frame, which the header has found to be of a sound size.
    pub(super) fn parse(segment: &[u8], marker: u8) -> Result<Self, Error> {
        let short = || corrupt("a start of frame that is too short");
        let &[_, h0, h1, w0, w1, n_components] =
            segment.first_chunk::<6>().ok_or_else(short)?;
        let (parts, _) = segment[6..].as_chunks::<3>();
        let parts = parts.get(..n_components.into()).ok_or_else(short)?;
        let mut components = Vec::with_capacity(parts.len());
        for &[id, sampling, _] in parts {
            let (h, v) = (u32::from(sampling >> 4), u32::from(sampling & 15));
            if !(1..=4).contains(&h) || !(1..=4).contains(&v) {
                return Err(corrupt(format!("a sampling factor of {h} x {v}")));
            }
            let (is_covered, nonzero, stride) = (false, Vec::new(), 0);
            components.push(Component { id, h, v, is_covered, nonzero, stride });
        }
        let mut frame = Self {
            is_progressive: marker == 0xc2,
            width: u16::from_be_bytes([w0, w1]).into(),
            height: u16::from_be_bytes([h0, h1]).into(),
            h_max: components.iter().map(|part| part.h).max().unwrap_or(1),
            v_max: components.iter().map(|part| part.v).max().unwrap_or(1),
            components,
        };
        if frame.is_progressive {
            frame.make_room();
        }
        Ok(frame)
    }

    fn make_room(&mut self) {
        let (across, down) = self.mcus();
        for component in &mut self.components {
            component.stride = across * component.h;
            let n_blocks = component.stride as usize * (down * component.v) as usize;
            component.nonzero = vec![0; n_blocks];
        }
    }

    /// Returns the number of units of all components together, across and down.
    pub(super) fn mcus(&self) -> (u32, u32) {
        (self.width.div_ceil(8 * self.h_max), self.height.div_ceil(8 * self.v_max))
    }

    /// Returns the number of blocks of one component alone, across and down.
    pub(super) fn blocks(&self, component: &Component) -> (u32, u32) {
        let samples = |side: u32, factor: u32, max: u32| (side * factor).div_ceil(max);
        let across = samples(self.width, component.h, self.h_max).div_ceil(8);
        let down = samples(self.height, component.v, self.v_max).div_ceil(8);
        (across, down)
    }

    pub(super) fn is_covered(&self) -> bool {
        self.components.iter().all(|component| component.is_covered)
    }
}
