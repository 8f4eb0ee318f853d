use std::fmt;

/// A class of image sizes: a factor of two in the number of pixels.
///
/// Class k holds images of 2^(k − ½) up to 2^(k + ½) pixels, so that the usual sizes fall in
/// the middle of theirs: 512² is class 18, 1024² is 20, 1920x1080 is 21, 4096² is 24.
/// There are 65 classes at most, which bounds what is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SizeClass(u8);

impl SizeClass {
    /// The class of operations whose image size is not known.
    pub const UNKNOWN: Self = Self(0);

    /// Returns the class of images with this many pixels.
    pub fn of(pixels: u64) -> Self {
        if pixels == 0 {
            return Self::UNKNOWN;
        }
        // The class of one pixel is kept apart from "unknown".
        Self(((pixels as f64).log2().round() as u8).max(1))
    }
}

/// The range of image sizes that were seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimensions {
    /// Width and height of the smallest image, by pixels.
    pub smallest: (u32, u32),
    /// Width and height of the largest image, by pixels.
    pub largest: (u32, u32),
}

impl Dimensions {
    pub(crate) fn of(width: u32, height: u32) -> Self {
        Self { smallest: (width, height), largest: (width, height) }
    }

    pub(crate) fn merge(self, other: Self) -> Self {
        Self {
            smallest: if n_pixels(other.smallest) < n_pixels(self.smallest) {
                other.smallest
            } else {
                self.smallest
            },
            largest: if n_pixels(self.largest) < n_pixels(other.largest) {
                other.largest
            } else {
                self.largest
            },
        }
    }
}

/// Prints `1920x1080`, or for several sizes `0.9 to 1.3 MP`, or `any size` where unknown.
impl fmt::Display for Dimensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megapixels = |size| n_pixels(size) as f64 / 1e6;
        let (width, height) = self.smallest;
        if n_pixels(self.largest) == 0 {
            f.pad("any size")
        } else if self.smallest == self.largest {
            f.pad(&format!("{width}x{height}"))
        } else {
            let (low, high) = (megapixels(self.smallest), megapixels(self.largest));
            f.pad(&format!("{low:.2} to {high:.2} MP"))
        }
    }
}

fn n_pixels((width, height): (u32, u32)) -> u64 {
    u64::from(width) * u64::from(height)
}

#[cfg(all(test, not(loom)))]
mod tests;
