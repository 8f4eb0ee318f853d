//! Sizes and times as people write them.

use std::{
    fmt,
    num::{NonZeroU32, NonZeroUsize},
    str::FromStr,
    time::Duration,
};

use jiff::SignedDuration;
use safelight_core::ByteSize;
use serde::{Deserialize, Deserializer, de};

/// The longest side in pixels: all that a WebP file can have.
const MAX_SIDE: u32 = 16_383;

/// Width and height in pixels: `1920x1080`, or `512` for a square.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Size {
    pub(crate) width: NonZeroU32,
    pub(crate) height: NonZeroU32,
}

impl Size {
    pub(crate) const fn new(width: u32, height: u32) -> Self {
        match (NonZeroU32::new(width), NonZeroU32::new(height)) {
            (Some(width), Some(height)) => Self { width, height },
            _ => panic!("a size has no side of 0"),
        }
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (width, height) = text.split_once('x').unwrap_or((text, text));
        let side = |side: &str| {
            let side = side.trim().parse::<NonZeroU32>().ok();
            side.filter(|side| side.get() <= MAX_SIDE)
        };
        match (side(width), side(height)) {
            (Some(width), Some(height)) => Ok(Self { width, height }),
            _ => Err(format!(
                "not a size in pixels: {text:?} (write it like 1920x1080, with sides of 1 to \
                 {MAX_SIDE})"
            )),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Reads a time such as `30s`, `1m 30s` or `500 ms`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let error = || format!("not a time: {text:?} (write it like 30s, 1m 30s or 500ms)");
    let signed: SignedDuration = text.parse().map_err(|_| error())?;
    let time = Duration::try_from(signed).map_err(|_| error())?;
    if time.is_zero() {
        Err("the time must be longer than nothing".to_owned())
    } else {
        Ok(time)
    }
}

/// Reads how many of something there are to be.
pub(crate) fn parse_count(text: &str) -> Result<NonZeroUsize, String> {
    let count: Option<usize> = text.parse().ok();
    count.and_then(NonZeroUsize::new).ok_or_else(|| {
        format!("not a count: {text:?} (write a whole number from 1 to {})", usize::MAX)
    })
}

/// Reads a time in a configuration file.
pub(crate) fn deserialize_duration<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_duration(&text).map(Some).map_err(de::Error::custom)
}

/// Reads a size in bytes in a configuration file.
pub(crate) fn deserialize_bytes<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<ByteSize>, D::Error> {
    String::deserialize(deserializer)?.parse().map(Some).map_err(de::Error::custom)
}

#[cfg(test)]
mod tests;
