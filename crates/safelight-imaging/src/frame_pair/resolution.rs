use std::fmt;

use crate::format::Size;

/// A width and a height that a video may have.
///
/// ```
/// use safelight_imaging::Resolution;
///
/// let portrait = Resolution::HD.transposed();
/// assert_eq!(portrait, Resolution::new(720, 1280));
/// assert_eq!(portrait.to_string(), "720 x 1280");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Resolution {
    width: u32,
    height: u32,
}

impl Resolution {
    /// 1280 x 720.
    pub const HD: Self = Self::new(1280, 720);
    /// 1280 x 704: sides that can be divided by 64, as some models need them.
    pub const HD_BY_64: Self = Self::new(1280, 704);
    /// 1920 x 1080.
    pub const FULL_HD: Self = Self::new(1920, 1080);
    /// 1024 x 1024.
    pub const SQUARE: Self = Self::new(1024, 1024);
    /// What models that make video of images commonly take.
    pub const PRESETS: [Self; 4] =
        [Self::HD, Self::HD_BY_64, Self::FULL_HD, Self::SQUARE];

    /// Takes width and height in pixels; a side of zero counts as one.
    pub const fn new(width: u32, height: u32) -> Self {
        Self {
            width: if width == 0 { 1 } else { width },
            height: if height == 0 { 1 } else { height },
        }
    }

    /// Returns the width in pixels.
    pub const fn width(self) -> u32 {
        self.width
    }

    /// Returns the height in pixels.
    pub const fn height(self) -> u32 {
        self.height
    }

    /// Returns the resolution with its sides swapped.
    #[must_use]
    pub const fn transposed(self) -> Self {
        Self::new(self.height, self.width)
    }

    /// Returns the width divided by the height.
    pub fn aspect(self) -> f64 {
        f64::from(self.width) / f64::from(self.height)
    }

    /// Returns the resolution of `list` that is nearest to this one.
    ///
    /// The nearest aspect comes first, for the least is cropped then; of the same aspect,
    /// the one that has to be scaled the least.
    pub fn nearest(self, list: &[Self]) -> Option<Self> {
        let distance =
            |other: Self| (self.stretch_to(other), self.enlargement_to(other).ln().abs());
        list.iter().copied().min_by(|&one, &other| {
            let ((stretch, scale), (other_stretch, other_scale)) =
                (distance(one), distance(other));
            stretch.total_cmp(&other_stretch).then(scale.total_cmp(&other_scale))
        })
    }

    /// Returns how far one side is stretched more than the other, from 1 for not at all.
    pub(super) fn stretch_to(self, other: Self) -> f64 {
        let (own, others) = (self.aspect(), other.aspect());
        (own / others).max(others / own)
    }

    pub(super) fn size(self) -> Size {
        Size::new(self.width, self.height)
    }

    fn enlargement_to(self, other: Self) -> f64 {
        other.size().pixels() as f64 / self.size().pixels() as f64
    }
}

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {}", self.width, self.height)
    }
}
