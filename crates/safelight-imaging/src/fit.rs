use crate::format::Size;

#[cfg(test)]
mod tests;

/// How far the Lanczos filter of three lobes reaches to each side, in pixels.
pub(crate) const FILTER_REACH: f64 = 3.0;

/// How an image is fitted into a box.
///
/// ```
/// use safelight_imaging::Fit;
///
/// assert_eq!(Fit::inside(256, 256), Fit::Inside { width: 256, height: 256 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fit {
    /// As large as the box allows, whole, in its own aspect.
    ///
    /// A side of zero counts as one.
    Inside {
        /// The most pixels across.
        width: u32,
        /// The most pixels down.
        height: u32,
    },
    /// Exactly the box, filled, with what stands over cut off on both sides alike.
    ///
    /// A side of zero counts as one.
    Cover {
        /// The pixels across.
        width: u32,
        /// The pixels down.
        height: u32,
    },
}

impl Fit {
    /// Keeps the whole image within `width` x `height` pixels.
    pub const fn inside(width: u32, height: u32) -> Self {
        Self::Inside { width, height }
    }

    /// Fills `width` x `height` pixels.
    pub const fn cover(width: u32, height: u32) -> Self {
        Self::Cover { width, height }
    }

    /// Plans the resize of an upright image of `size`.
    pub(crate) fn plan(self, size: Size, growth: Growth) -> Plan {
        match self {
            Self::Inside { width, height } => {
                inside(size, Size::new(width.max(1), height.max(1)), growth)
            }
            Self::Cover { width, height } => {
                cover(size, Size::new(width.max(1), height.max(1)), growth)
            }
        }
    }
}

/// Whether an image may become larger than it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Growth {
    Allowed,
    Refused,
}

/// Which part of an image becomes which size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) to: Size,
}

impl Plan {
    /// Whether it leaves an image of `size` as it is.
    pub(crate) fn is_identity(&self, size: Size) -> bool {
        let part = (self.width, self.height);
        self.to == size && part == (f64::from(size.width), f64::from(size.height))
    }

    /// Returns how many pixels become one, along the side where they are fewer.
    pub(crate) fn scale(&self) -> f64 {
        let across = self.width / f64::from(self.to.width);
        across.min(self.height / f64::from(self.to.height))
    }

    /// Returns the same plan for an image of which so many pixels have become one.
    ///
    /// A last block that has pixels for a part only counts as that part.
    #[cfg(feature = "native")]
    pub(crate) fn of_reduced(&self, (across, down): (f64, f64), reduced: Size) -> Self {
        let (left, top) = (self.left / across, self.top / down);
        // A quotient may round up, over the last pixel.
        let width = (self.width / across).min(f64::from(reduced.width) - left);
        let height = (self.height / down).min(f64::from(reduced.height) - top);
        Self { left, top, width, height, to: self.to }
    }

    /// Estimates what the resize holds at once, where a pixel has `pixel_len` bytes.
    ///
    /// That is the picture made and the filter's weights; rows resized one way only are
    /// no more than the larger of the two pictures.
    pub(crate) fn resize_bytes(&self, pixel_len: u64) -> u64 {
        self.to.pixels().saturating_mul(pixel_len).saturating_add(self.weight_bytes())
    }

    /// Estimates the weights of the filter.
    pub(crate) fn weight_bytes(&self) -> u64 {
        let weights = |from: f64, to: u32| {
            let reach = (FILTER_REACH * (from / f64::from(to)).max(1.0)).ceil();
            // Each weight as a float and as an integer; and two ranges a pixel.
            let bytes = (2.0 * reach + 1.0) * 12.0 + 48.0;
            (bytes * f64::from(to)) as u64
        };
        weights(self.width, self.to.width)
            .saturating_add(weights(self.height, self.to.height))
    }

    /// Returns the plan for pixels stored with their sides swapped or mirrored.
    ///
    /// The part is always centered, so that only the sides have to change places.
    pub(crate) fn swapped(self) -> Self {
        Self {
            left: self.top,
            top: self.left,
            width: self.height,
            height: self.width,
            to: Size::new(self.to.height, self.to.width),
        }
    }
}

fn inside(size: Size, limit: Size, growth: Growth) -> Plan {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let across = f64::from(limit.width) / width;
    let down = f64::from(limit.height) / height;
    let scale = across.min(down);
    let scale = match growth {
        Growth::Allowed => scale,
        Growth::Refused => scale.min(1.0),
    };
    // Half a pixel may round up, over the box.
    let scaled = |side: f64, limit: u32| ((side * scale).round() as u32).clamp(1, limit);
    let to = Size::new(scaled(width, limit.width), scaled(height, limit.height));
    Plan { left: 0.0, top: 0.0, width, height, to }
}

fn cover(size: Size, wanted: Size, growth: Growth) -> Plan {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let across = f64::from(wanted.width) / width;
    let down = f64::from(wanted.height) / height;
    let scale = across.max(down);
    let part_width = (f64::from(wanted.width) / scale).min(width);
    let part_height = (f64::from(wanted.height) / scale).min(height);
    let to = if scale <= 1.0 || growth == Growth::Allowed {
        wanted
    } else {
        // The part that fits the aspect, at its own size.
        let rounded = |part: f64| (part.round() as u32).max(1);
        Size::new(rounded(part_width), rounded(part_height))
    };
    Plan {
        left: (width - part_width) / 2.0,
        top: (height - part_height) / 2.0,
        width: part_width,
        height: part_height,
        to,
    }
}
