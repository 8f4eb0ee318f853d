use std::fmt;

use safelight_core::ByteSize;

/// The size of decoded pixels in memory.
///
/// ```
/// use safelight_memory_manager::Pixels;
///
/// // 16 bits in each of four channels, whatever the file takes.
/// let scan = Pixels { width: 20_000, height: 30_000, bytes_per_pixel: 8 };
/// assert_eq!(scan.size().to_string(), "4.5 GiB");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Bytes of a pixel in the decoded form: channels times bytes of each.
    pub bytes_per_pixel: u32,
}

impl Pixels {
    /// Returns the bytes of all rows.
    pub fn size(&self) -> ByteSize {
        self.row().saturating_mul(self.height.into())
    }

    fn row(&self) -> ByteSize {
        let width = u64::from(self.width);
        ByteSize::from_bytes(width).saturating_mul(self.bytes_per_pixel.into())
    }
}

/// How to work on images within a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Plan {
    /// All fit at once.
    Fits {
        /// How many there are.
        n_images: usize,
        /// What they take.
        bytes: ByteSize,
    },
    /// So many fit at once.
    Batch {
        /// How many: one at least, and not all.
        n_images: usize,
        /// What these take.
        bytes: ByteSize,
    },
    /// Not even one fits: work on some of its rows at a time.
    Stream {
        /// How many rows fit at once; zero where the budget is below one row.
        n_rows: u32,
        /// What one image would take.
        bytes: ByteSize,
    },
}

impl Plan {
    /// Plans work on images of one size.
    ///
    /// `n_copies` is how many buffers of that size the work on one image holds at once, for
    /// example two where a filter writes into a new one; zero counts as one.
    ///
    /// ```
    /// use safelight_memory_manager::{ByteSize, Pixels, Plan};
    ///
    /// let photo = Pixels { width: 6000, height: 4000, bytes_per_pixel: 3 };
    /// let plan = |mib| Plan::new(&photo, 2, 10, ByteSize::mib(mib));
    /// assert_eq!(plan(2000).batch(), 10);
    /// assert_eq!(plan(500).batch(), 3);
    /// assert_eq!(plan(100).batch(), 0);
    /// let text = "stream 2912 rows at a time, as one image takes 137.3 MiB";
    /// assert_eq!(plan(100).to_string(), text);
    /// ```
    pub fn new(image: &Pixels, n_copies: u32, n_images: usize, budget: ByteSize) -> Self {
        let n_copies = u64::from(n_copies.max(1));
        let one = image.size().saturating_mul(n_copies);
        let all = one.saturating_mul(n_images as u64);
        if all <= budget {
            return Self::Fits { n_images, bytes: all };
        }
        // As they do not all fit, one takes more than nothing.
        let n_fit = budget.bytes() / one.bytes();
        if 0 < n_fit {
            let n_images = usize::try_from(n_fit).map_or(n_images, |n| n.min(n_images));
            return Self::Batch { n_images, bytes: one.saturating_mul(n_fit) };
        }
        let row = image.row().saturating_mul(n_copies);
        let n_rows = budget.bytes() / row.bytes();
        // It is less than the height, as not all rows fit.
        Self::Stream { n_rows: n_rows as u32, bytes: one }
    }

    /// Returns how many whole images to work on at once; zero where none fits.
    pub fn batch(&self) -> usize {
        match *self {
            Self::Fits { n_images, .. } | Self::Batch { n_images, .. } => n_images,
            Self::Stream { .. } => 0,
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fits { bytes, .. } => write!(f, "all at once, in {bytes}"),
            Self::Batch { n_images, bytes } => {
                write!(f, "{n_images} at a time, in {bytes}")
            }
            Self::Stream { n_rows, bytes } => {
                write!(f, "stream {n_rows} rows at a time, as one image takes {bytes}")
            }
        }
    }
}
