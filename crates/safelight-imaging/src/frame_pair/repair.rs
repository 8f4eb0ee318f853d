use std::fmt;

use crate::{
    Error, Fit, Layout, Light, Limits, Pixels, Resolution,
    contained::contained,
    error::Kind,
    fit::{Growth, Plan},
    format::Size,
    profile,
    resize::resize,
};

/// One change of the pixels of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Repair {
    /// Converts colors to sRGB by their ICC profile, which goes.
    ToSrgb,
    /// Lays the pixels over a background, in 8 bits a sample, and drops the opacity.
    Flatten {
        /// Red, green and blue; of gray pixels, which stay gray, its luma.
        background: [u8; 3],
    },
    /// Makes gray pixels RGB, in sRGB if they have a profile.
    ToRgb,
    /// Cuts off what stands over on both sides alike, and scales the rest to the size.
    Crop {
        /// The size made.
        to: Resolution,
    },
    /// Scales the frame, whole, into the size, and puts bars on both sides alike.
    Pad {
        /// The size made.
        to: Resolution,
        /// Red, green and blue of the bars; of gray pixels, which stay gray, its luma.
        color: [u8; 3],
    },
    /// Scales the frame to the size, whatever its aspect.
    Scale {
        /// The size made.
        to: Resolution,
    },
}

impl Repair {
    /// Returns the pixels mended; those that need no change stay as they are.
    ///
    /// # Errors
    ///
    /// When colors are to be converted by a profile that is not a valid one, or the size to
    /// be made has more pixels than [`Limits`] allow by default.
    pub fn apply(&self, pixels: Pixels) -> Result<Pixels, Error> {
        let layout = pixels.layout();
        match *self {
            Self::ToSrgb => to_srgb(pixels),
            Self::Flatten { background } if layout.has_alpha() => {
                let background =
                    if layout.is_gray() { [luma(background); 3] } else { background };
                Ok(pixels.into_8_bit().flatten(background))
            }
            Self::ToRgb if layout.is_gray() => to_rgb(&to_srgb(pixels)?),
            Self::Flatten { .. } | Self::ToRgb => Ok(pixels),
            Self::Crop { to } | Self::Pad { to, .. } | Self::Scale { to }
                if Limits::default().max_pixels < to.size().pixels() =>
            {
                Err(too_large(to))
            }
            Self::Crop { to } => {
                let cover = Fit::cover(to.width(), to.height());
                let plan = cover.plan(size_of(&pixels), Growth::Allowed);
                resize(pixels, &plan, Light::Encoded)
            }
            Self::Pad { to, color } => {
                let inside = Fit::inside(to.width(), to.height());
                let plan = inside.plan(size_of(&pixels), Growth::Allowed);
                pad(resize(pixels, &plan, Light::Encoded)?, to, color)
            }
            Self::Scale { to } => {
                let (width, height) = (pixels.width().into(), pixels.height().into());
                let to = to.size();
                resize(
                    pixels,
                    &Plan { left: 0.0, top: 0.0, width, height, to },
                    Light::Encoded,
                )
            }
        }
    }
}

/// A profile comes with the pixels, so it may be any.
fn to_srgb(pixels: Pixels) -> Result<Pixels, Error> {
    let panicked = |message| {
        Err(Kind::Profile(format!("its conversion panicked: {message}")).into())
    };
    contained(|| profile::to_srgb(pixels)).unwrap_or_else(panicked)
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex =
            |[red, green, blue]: [u8; 3]| format!("#{red:02x}{green:02x}{blue:02x}");
        match *self {
            Self::ToSrgb => f.write_str("convert to sRGB"),
            Self::Flatten { background } => write!(f, "flatten over {}", hex(background)),
            Self::ToRgb => f.write_str("make RGB of gray"),
            Self::Crop { to } => write!(f, "crop to {to}"),
            Self::Pad { to, color } => write!(f, "pad to {to} with {}", hex(color)),
            Self::Scale { to } => write!(f, "scale to {to}"),
        }
    }
}

/// The changes that mend a frame, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repairs(Vec<Repair>);

impl Repairs {
    /// Applies one change after the other.
    ///
    /// # Errors
    ///
    /// As those of [`Repair::apply`].
    pub fn apply(&self, pixels: Pixels) -> Result<Pixels, Error> {
        self.0.iter().try_fold(pixels, |pixels, repair| repair.apply(pixels))
    }

    /// Returns the changes.
    pub fn as_slice(&self) -> &[Repair] {
        &self.0
    }

    /// Whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Repair> for Repairs {
    fn from_iter<I: IntoIterator<Item = Repair>>(repairs: I) -> Self {
        Self(repairs.into_iter().collect())
    }
}

impl fmt::Display for Repairs {
    /// Prints `flatten over #ffffff, crop to 1280 x 720`, or "nothing".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing");
        }
        for (idx, repair) in self.0.iter().enumerate() {
            let separator = if idx == 0 { "" } else { ", " };
            write!(f, "{separator}{repair}")?;
        }
        Ok(())
    }
}

fn too_large(to: Resolution) -> Error {
    let millions = |n: u64| format!("{:.1} million pixels", n as f64 / 1e6);
    Kind::OverLimit {
        what: "the size wanted of a frame",
        found: format!("{to} = {}", millions(to.size().pixels())),
        limit: millions(Limits::default().max_pixels),
    }
    .into()
}

fn size_of(pixels: &Pixels) -> Size {
    Size::new(pixels.width(), pixels.height())
}

/// Returns how bright a color is, by the weights of JPEG.
fn luma([red, green, blue]: [u8; 3]) -> u8 {
    let weighted = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    ((weighted + 500) / 1000) as u8
}

fn to_rgb(gray: &Pixels) -> Result<Pixels, Error> {
    let layout = match gray.layout() {
        Layout::Gray8 => Layout::Rgb8,
        Layout::GrayAlpha8 => Layout::Rgba8,
        Layout::Gray16 => Layout::Rgb16,
        _ => Layout::Rgba16,
    };
    let sample_len = if layout.is_deep() { 2 } else { 1 };
    let mut data = Vec::with_capacity(
        gray.data().len() / gray.layout().pixel_len() * layout.pixel_len(),
    );
    for pixel in gray.data().chunks_exact(gray.layout().pixel_len()) {
        let (sample, alpha) = pixel.split_at(sample_len);
        for part in [sample, sample, sample, alpha] {
            data.extend_from_slice(part);
        }
    }
    Pixels::new(gray.width(), gray.height(), layout, data)
}

/// Puts pixels that are no larger into the middle of a canvas.
fn pad(pixels: Pixels, to: Resolution, color: [u8; 3]) -> Result<Pixels, Error> {
    let (width, height) = (pixels.width(), pixels.height());
    if (width, height) == (to.width(), to.height()) {
        return Ok(pixels);
    }
    let bar = pixel_of(pixels.layout(), color);
    let mut data = bar.repeat(to.width() as usize * to.height() as usize);
    let len = |n_pixels: u32| n_pixels as usize * bar.len();
    let (left, top) = ((to.width() - width) / 2, (to.height() - height) / 2);
    let rows = data.chunks_exact_mut(len(to.width())).skip(top as usize);
    for (row, own) in rows.zip(pixels.data().chunks_exact(len(width))) {
        row[len(left)..len(left + width)].copy_from_slice(own);
    }
    let icc = pixels.icc().map(<[u8]>::to_vec);
    Ok(Pixels::new(to.width(), to.height(), pixels.layout(), data)?.with_icc(icc))
}

/// Returns the bytes of an opaque pixel.
fn pixel_of(layout: Layout, color: [u8; 3]) -> Vec<u8> {
    let mut samples = if layout.is_gray() { vec![luma(color)] } else { color.to_vec() };
    if layout.has_alpha() {
        samples.push(255);
    }
    if !layout.is_deep() {
        return samples;
    }
    samples.iter().flat_map(|&sample| (u16::from(sample) * 257).to_ne_bytes()).collect()
}
