#[cfg(test)]
mod tests;

/// How the stored pixels must be turned to stand upright: the EXIF orientation, 1 to 8.
///
/// ```
/// use safelight_imaging::Orientation;
///
/// let portrait = Orientation::from_exif(6).unwrap();
/// assert_eq!(portrait, Orientation::Rotate90);
/// assert!(portrait.swaps_sides());
/// assert_eq!(Orientation::from_exif(9), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Orientation {
    /// 1: stored upright.
    #[default]
    Upright,
    /// 2: mirror left to right.
    FlipHorizontal,
    /// 3: turn by half.
    Rotate180,
    /// 4: mirror top to bottom.
    FlipVertical,
    /// 5: mirror at the diagonal from the top left.
    Transpose,
    /// 6: turn by a quarter, clockwise.
    Rotate90,
    /// 7: mirror at the diagonal from the top right.
    Transverse,
    /// 8: turn by a quarter, counterclockwise.
    Rotate270,
}

impl Orientation {
    const ALL: [Self; 8] = [
        Self::Upright,
        Self::FlipHorizontal,
        Self::Rotate180,
        Self::FlipVertical,
        Self::Transpose,
        Self::Rotate90,
        Self::Transverse,
        Self::Rotate270,
    ];

    /// Reads the EXIF value, 1 to 8.
    pub fn from_exif(value: u16) -> Option<Self> {
        Self::ALL.get(usize::from(value).checked_sub(1)?).copied()
    }

    /// Returns the EXIF value, 1 to 8.
    pub const fn to_exif(self) -> u16 {
        self as u16 + 1
    }

    /// Whether width and height change places.
    pub const fn swaps_sides(self) -> bool {
        matches!(
            self,
            Self::Transpose | Self::Rotate90 | Self::Transverse | Self::Rotate270
        )
    }

    /// Returns what must be done to rows and columns: first transpose, then mirror.
    const fn steps(self) -> Steps {
        let (transpose, mirror_x, mirror_y) = match self {
            Self::Upright => (false, false, false),
            Self::FlipHorizontal => (false, true, false),
            Self::Rotate180 => (false, true, true),
            Self::FlipVertical => (false, false, true),
            Self::Transpose => (true, false, false),
            Self::Rotate90 => (true, true, false),
            Self::Transverse => (true, true, true),
            Self::Rotate270 => (true, false, true),
        };
        Steps { transpose, mirror_x, mirror_y }
    }

    /// Turns pixels of `N` bytes each, `width` of them a row.
    pub(crate) fn apply<const N: usize>(self, data: Vec<u8>, width: usize) -> Vec<u8> {
        let steps = self.steps();
        let (mut data, width) = if steps.transpose {
            let height = data.len() / N / width;
            (transpose::<N>(&data, width, height), height)
        } else {
            (data, width)
        };
        let (pixels, _) = data.as_chunks_mut::<N>();
        match (steps.mirror_x, steps.mirror_y) {
            (false, false) => {}
            (true, true) => pixels.reverse(),
            (true, false) => pixels.chunks_exact_mut(width).for_each(<[_]>::reverse),
            (false, true) => mirror_rows(pixels, width),
        }
        data
    }
}

struct Steps {
    transpose: bool,
    mirror_x: bool,
    mirror_y: bool,
}

fn transpose<const N: usize>(data: &[u8], width: usize, height: usize) -> Vec<u8> {
    // Square tiles keep both the rows read and the rows written in the cache.
    const TILE: usize = 32;
    let mut turned = vec![0; data.len()];
    let (from, _) = data.as_chunks::<N>();
    let (to, _) = turned.as_chunks_mut::<N>();
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            for y in top..height.min(top + TILE) {
                for x in left..width.min(left + TILE) {
                    to[x * height + y] = from[y * width + x];
                }
            }
        }
    }
    turned
}

fn mirror_rows<const N: usize>(pixels: &mut [[u8; N]], width: usize) {
    let n_rows = pixels.len() / width;
    let (top, bottom) = pixels.split_at_mut(n_rows / 2 * width);
    let rows = top.chunks_exact_mut(width);
    for (upper, lower) in rows.zip(bottom.chunks_exact_mut(width).rev()) {
        upper.swap_with_slice(lower);
    }
}
