//! The operations that are measured.

use std::{fmt, io};

use clap::ValueEnum;
use safelight_imaging::{
    ConvertOptions, Depth, Error, Finding, Fit, Format, Rules, Source, Target,
    ThumbnailOptions,
};
use serde::Deserialize;

use crate::units::Size;

/// An operation that can be profiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ImageOperation {
    /// Read the header: format, size, color.
    Inspect,
    /// Check the whole file against the default rules, strictly.
    Validate,
    /// Make a thumbnail.
    Thumbnail,
    /// PNG to JPEG, JPEG and WebP to PNG.
    Convert,
}

impl ImageOperation {
    pub(crate) const ALL: [Self; 4] =
        [Self::Inspect, Self::Validate, Self::Thumbnail, Self::Convert];

    /// Runs it once; returns what a validation found.
    pub(crate) fn run(
        self,
        source: Source<'_>,
        format: Format,
        thumbnail: Size,
    ) -> Result<Vec<Finding>, Error> {
        match self {
            Self::Inspect => {
                safelight_imaging::inspect(source)?;
            }
            Self::Validate => {
                let rules = Rules::default();
                let validation =
                    safelight_imaging::validate(source, &rules, Depth::Full)?;
                return Ok(validation.findings);
            }
            Self::Thumbnail => {
                let fit = Fit::inside(thumbnail.width.get(), thumbnail.height.get());
                let options = ThumbnailOptions::default();
                let pixels = safelight_imaging::thumbnail(source, fit, &options)?;
                std::hint::black_box(pixels);
            }
            Self::Convert => {
                let options = ConvertOptions::default();
                safelight_imaging::convert(source, target(format), &options, io::sink())?;
            }
        }
        Ok(Vec::new())
    }
}

/// Converting to the same format would hide what the other one costs.
pub(crate) fn target(from: Format) -> Target {
    match from {
        Format::Png => Target::Jpeg { quality: 85 },
        _ => Target::Png,
    }
}

impl fmt::Display for ImageOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Inspect => "inspect",
            Self::Validate => "validate",
            Self::Thumbnail => "thumbnail",
            Self::Convert => "convert",
        })
    }
}
