//! The operations that are compared, and what is asked of ours.

use std::fmt;

use clap::ValueEnum;
use safelight_core::ByteSize;
use safelight_imaging::Format;
use schemars::JsonSchema;
use serde::Serialize;

use super::inputs::Photo;

/// The most pixels of a JPEG for which a thumbnail has the target of small ones: 1080p.
const SMALL: u64 = 1920 * 1080;

/// What a thumbnail may add to the peak of memory.
const LITTLE: ByteSize = ByteSize::from_bytes(4_000_000);

/// The least similarity to the reference with which a row is met.
const LEAST_SSIM: f64 = 0.99;
const LEAST_NATIVE_SSIM: f64 = 0.998;

/// What ours decodes and encodes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codecs {
    /// What is there by default.
    Rust,
    /// Libraries of C, with the feature `native`.
    Native,
}

impl Codecs {
    /// Returns what the programs are built with.
    pub(super) fn features(self) -> &'static str {
        match self {
            Self::Rust => "peers",
            Self::Native => "peers,native",
        }
    }
}

/// An operation that every side has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Operation {
    /// A thumbnail within 256 x 256 pixels.
    Thumbnail,
    /// All pixels of a file; libvips has no program that does this alone.
    Decode,
    /// Decoded pixels to JPEG at quality 85.
    Encode,
    /// A PNG file to JPEG at quality 85.
    PngToJpeg,
    /// A JPEG file to PNG, with the settings that each side has by default.
    JpegToPng,
    /// Format, size and color of a file.
    Header,
}

/// What is asked of our cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Targets {
    /// As a multiple of that of the faster of libvips and Pillow, at most.
    pub(super) ratio: Option<f64>,
    /// The multiple that would be better still.
    pub(super) stretch: Option<f64>,
    /// What a call may add to the peak of resident memory.
    pub(super) growth: Option<ByteSize>,
    /// How like the reference what is made is, at least.
    pub(super) ssim: Option<f64>,
}

impl Operation {
    pub(super) const ALL: [Self; 6] = [
        Self::Thumbnail,
        Self::Decode,
        Self::Encode,
        Self::PngToJpeg,
        Self::JpegToPng,
        Self::Header,
    ];

    /// What the arms call it.
    pub(super) fn workload(self) -> &'static str {
        match self {
            Self::Thumbnail => "thumbnail",
            Self::Decode => "decode",
            Self::Encode => "encode",
            Self::PngToJpeg => "to_jpeg",
            Self::JpegToPng => "to_png",
            Self::Header => "header",
        }
    }

    /// Whether it is run on files of a format.
    ///
    /// Pixels to encode come from PNG files, which have lost nothing.
    pub(super) fn is_for(self, format: Format) -> bool {
        match self {
            Self::Thumbnail | Self::Decode | Self::Header => true,
            Self::Encode | Self::PngToJpeg => format == Format::Png,
            Self::JpegToPng => format == Format::Jpeg,
        }
    }

    /// Whether it makes an image, which can be compared.
    pub(super) fn makes_an_image(self) -> bool {
        self != Self::Header
    }

    /// Whether memory says something: what is encoded was decoded in the same process.
    pub(super) fn has_growth(self) -> bool {
        !matches!(self, Self::Encode | Self::Header)
    }

    /// Returns what is asked of it on a file.
    pub(super) fn targets(self, photo: &Photo, codecs: Codecs) -> Targets {
        let native = match (codecs, self, photo.format) {
            (Codecs::Rust, ..) => None,
            (_, Self::Thumbnail, Format::Jpeg) => {
                Some(if photo.n_pixels() <= SMALL { 0.75 } else { 0.92 })
            }
            (_, Self::Thumbnail, Format::WebP) => Some(0.85),
            (_, Self::PngToJpeg, _) => Some(0.6),
            _ => None,
        };
        if native.is_some() {
            let ssim = Some(LEAST_NATIVE_SSIM);
            return Targets { ratio: native, ssim, ..Targets::default() };
        }
        let targets = self.targets_in_rust(photo);
        let is_asked = targets.ratio.is_some() && self.makes_an_image();
        Targets { ssim: is_asked.then_some(LEAST_SSIM), ..targets }
    }

    fn targets_in_rust(self, photo: &Photo) -> Targets {
        let ratio = |ratio| Targets { ratio: Some(ratio), ..Targets::default() };
        let little = Some(LITTLE);
        match (self, photo.format) {
            (Self::Thumbnail, Format::Jpeg) => {
                let growth = if photo.is_progressive { None } else { little };
                if photo.n_pixels() <= SMALL {
                    Targets { growth, ..ratio(0.95) }
                } else {
                    Targets { growth, stretch: Some(1.25), ..ratio(1.6) }
                }
            }
            (Self::Thumbnail, Format::Png) => {
                let growth = if photo.is_progressive { None } else { little };
                Targets { growth, ..ratio(0.7) }
            }
            (Self::Thumbnail, Format::WebP) => ratio(2.3),
            (Self::PngToJpeg, _) => ratio(0.7),
            (Self::JpegToPng, _) => ratio(0.25),
            (Self::Header, _) => ratio(0.2),
            _ => Targets::default(),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Thumbnail => "thumbnail 256",
            Self::Decode => "decode",
            Self::Encode => "encode JPEG q85",
            Self::PngToJpeg => "PNG to JPEG q85",
            Self::JpegToPng => "JPEG to PNG",
            Self::Header => "header",
        })
    }
}
