//! What is asked for in the address.

use safelight::{Fit, Target};
use serde::Deserialize;

use crate::failure::Failure;

/// The longest side that can be asked for: answers hold memory until they are sent, so the
/// longest of them, a PNG file of noise, must be small beside what there is.
const MAX_SIDE: u32 = 1024;

/// The side of the box where none is given.
const SIDE: u32 = 256;

const QUALITY: u8 = 80;

/// The box and the format of a thumbnail.
///
/// With one side only the other one follows from the image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
    #[serde(default)]
    pub(crate) format: Format,
}

/// The formats that browsers show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    #[default]
    Jpeg,
    Png,
    WebP,
}

impl Parameters {
    pub(crate) fn fit(&self) -> Result<Fit, Failure> {
        let sides = self.width.into_iter().chain(self.height);
        if let Some(side) = sides.into_iter().find(|side| !(1..=MAX_SIDE).contains(side))
        {
            let why = format!("a side of {side} pixels: it must be 1 to {MAX_SIDE}");
            return Err(Failure::bad_request(why));
        }
        Ok(match (self.width, self.height) {
            (None, None) => Fit::inside(SIDE, SIDE),
            (width, height) => {
                Fit::inside(width.unwrap_or(MAX_SIDE), height.unwrap_or(MAX_SIDE))
            }
        })
    }
}

impl Format {
    pub(crate) fn target(self) -> Target {
        match self {
            Self::Jpeg => Target::Jpeg { quality: QUALITY },
            Self::Png => Target::Png,
            Self::WebP => Target::WebPLossless,
        }
    }

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }
}
