//! How values are written.

use std::{num::NonZeroUsize, time::Duration};

use safelight_cache::Policy;
use safelight_core::{ByteSize, Cores, Share};
use safelight_imaging::{Opacity, Presence, Reshape, Resolution};
use safelight_progress_monitor::Rate;
use toml::de::DeValue;

use super::Capacity;
use crate::actions::Mode;

/// Red, green and blue.
pub(super) type Color = [u8; 3];

/// A value that can be written in a configuration.
pub(super) trait Word: Sized {
    /// What it looks like.
    const LIKE: &'static str;

    /// Reads it; `None` where that is not what it looks like.
    fn read(value: &DeValue<'_>) -> Option<Self>;

    /// Writes it as it is read.
    fn show(&self) -> String;
}

/// Adds what it looks like to an error.
pub(super) fn read<W: Word>(value: &DeValue<'_>) -> Result<W, String> {
    W::read(value).ok_or_else(|| format!("must be {}, not {}", W::LIKE, shown(value)))
}

fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(list) => {
            let shown: Vec<_> = list.iter().map(|one| shown(one.get_ref())).collect();
            format!("[{}]", shown.join(", "))
        }
        DeValue::Table(_) => "a table".to_owned(),
    }
}

fn text<'a>(value: &'a DeValue<'_>) -> Option<&'a str> {
    match value {
        DeValue::String(text) => Some(text),
        _ => None,
    }
}

fn number(value: &DeValue<'_>) -> Option<f64> {
    let number: f64 = match value {
        DeValue::Integer(number) => number.to_string().parse().ok()?,
        DeValue::Float(number) => number.to_string().parse().ok()?,
        _ => return None,
    };
    (0.0 <= number && number.is_finite()).then_some(number)
}

/// Reads a word, or the word that stands for nothing.
macro_rules! optional {
    ($($word:ty, $like:literal;)*) => {$(
        impl Word for Option<$word> {
            const LIKE: &'static str = $like;

            fn read(value: &DeValue<'_>) -> Option<Self> {
                match text(value) {
                    Some("none") => Some(None),
                    _ => <$word>::read(value).map(Some),
                }
            }

            fn show(&self) -> String {
                self.as_ref().map_or_else(|| "\"none\"".to_owned(), Word::show)
            }
        }
    )*};
}

optional! {
    usize, "a whole number or \"none\"";
    ByteSize, "a size like \"64 MiB\" or \"none\"";
    Duration, "a time like \"100 ms\" or \"none\"";
}

/// Reads a whole number.
macro_rules! whole {
    ($($number:ty, $like:literal;)*) => {$(
        impl Word for $number {
            const LIKE: &'static str = $like;

            fn read(value: &DeValue<'_>) -> Option<Self> {
                match value {
                    DeValue::Integer(number) => number.to_string().parse().ok(),
                    _ => None,
                }
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

whole! {
    u32, "a whole number from 0 up";
    u64, "a whole number from 0 up";
    usize, "a whole number from 0 up";
    NonZeroUsize, "a whole number from 1 up";
}

impl Word for bool {
    const LIKE: &'static str = "true or false";

    fn read(value: &DeValue<'_>) -> Option<Self> {
        match value {
            DeValue::Boolean(flag) => Some(*flag),
            _ => None,
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Word for ByteSize {
    const LIKE: &'static str = "a size like \"64 MiB\"";

    fn read(value: &DeValue<'_>) -> Option<Self> {
        text(value)?.parse().ok()
    }

    fn show(&self) -> String {
        // What is printed may be rounded; what is read back must not be.
        let decimal = format!("{} MB", self.bytes() / 1_000_000);
        let shown = [self.to_string(), decimal];
        let exact = shown.iter().find(|shown| shown.parse() == Ok(*self));
        exact.map_or_else(
            || format!("\"{} B\"", self.bytes()),
            |shown| format!("{shown:?}"),
        )
    }
}

impl Word for Duration {
    const LIKE: &'static str = "a time like \"100 ms\"";

    fn read(value: &DeValue<'_>) -> Option<Self> {
        humantime::parse_duration(text(value)?).ok()
    }

    fn show(&self) -> String {
        format!("\"{}\"", humantime::format_duration(*self))
    }
}

impl Word for Share {
    const LIKE: &'static str = "a part like 0.8 or \"80 %\"";

    fn read(value: &DeValue<'_>) -> Option<Self> {
        let part = match text(value) {
            Some(text) => text.strip_suffix('%')?.trim().parse::<f64>().ok()? / 100.0,
            None => number(value)?,
        };
        (0.0..=1.0).contains(&part).then(|| Self::new(part))
    }

    fn show(&self) -> String {
        self.get().to_string()
    }
}

impl Word for f64 {
    const LIKE: &'static str = "a number from 0 up";

    fn read(value: &DeValue<'_>) -> Option<Self> {
        number(value)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Word for Cores {
    const LIKE: &'static str = "a number of cores like 0.8";

    fn read(value: &DeValue<'_>) -> Option<Self> {
        number(value).map(Self::new)
    }

    fn show(&self) -> String {
        self.get().to_string()
    }
}

impl Word for Rate {
    const LIKE: &'static str = "a number a second like 0.5";

    fn read(value: &DeValue<'_>) -> Option<Self> {
        number(value).map(Self::per_second)
    }

    fn show(&self) -> String {
        self.get().to_string()
    }
}

impl Word for Capacity {
    const LIKE: &'static str = "a size like \"512 MiB\" or a part like \"80 %\"";

    fn read(value: &DeValue<'_>) -> Option<Self> {
        let part = Share::read(value).map(Self::Part);
        part.or_else(|| ByteSize::read(value).map(Self::Bytes))
    }

    fn show(&self) -> String {
        match self {
            Self::Part(part) => part.show(),
            Self::Bytes(bytes) => bytes.show(),
        }
    }
}

impl Word for Resolution {
    const LIKE: &'static str = "a size like \"1280 x 720\"";

    fn read(value: &DeValue<'_>) -> Option<Self> {
        let (width, height) = text(value)?.split_once(['x', '×'])?;
        let side = |text: &str| text.trim().parse().ok().filter(|side| 0_u32 < *side);
        Some(Self::new(side(width)?, side(height)?))
    }

    fn show(&self) -> String {
        format!("\"{self}\"")
    }
}

impl Word for Vec<Resolution> {
    const LIKE: &'static str = "a list of sizes like [\"1280 x 720\"]";

    fn read(value: &DeValue<'_>) -> Option<Self> {
        let DeValue::Array(list) = value else { return None };
        list.iter().map(|one| Resolution::read(one.get_ref())).collect()
    }

    fn show(&self) -> String {
        let shown: Vec<_> = self.iter().map(Word::show).collect();
        format!("[{}]", shown.join(", "))
    }
}

impl Word for Color {
    const LIKE: &'static str = "a color like \"#ffffff\"";

    fn read(value: &DeValue<'_>) -> Option<Self> {
        let digits = text(value)?.strip_prefix('#')?;
        // A sign would be taken for a digit.
        if digits.len() != 6 || digits.starts_with('+') {
            return None;
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
        Some([red, green, blue])
    }

    fn show(&self) -> String {
        let [red, green, blue] = self;
        format!("\"#{red:02x}{green:02x}{blue:02x}\"")
    }
}

/// Reads one of some names.
macro_rules! names {
    ($($choice:ty, $like:literal, { $($name:literal => $value:path,)* };)*) => {$(
        impl Word for $choice {
            const LIKE: &'static str = $like;

            fn read(value: &DeValue<'_>) -> Option<Self> {
                match text(value)? {
                    $($name => Some($value),)*
                    _ => None,
                }
            }

            fn show(&self) -> String {
                let known: &[(&str, Self)] = &[$(($name, $value)),*];
                let name = known.iter().find(|(_, value)| value == self);
                name.map_or_else(String::new, |(name, _)| format!("{name:?}"))
            }
        }
    )*};
}

names! {
    Policy, "\"cost aware\" or \"lru\"", {
        "cost aware" => Policy::CostAware,
        "lru" => Policy::Lru,
    };
    Mode, "\"act\", \"dry run\" or \"off\"", {
        "act" => Mode::Act,
        "dry run" => Mode::DryRun,
        "off" => Mode::Off,
    };
    Presence, "\"required\", \"optional\" or \"refused\"", {
        "required" => Presence::Required,
        "optional" => Presence::Optional,
        "refused" => Presence::Refused,
    };
    Opacity, "\"refused\" or \"same\"", {
        "refused" => Opacity::Refused,
        "same" => Opacity::Same,
    };
    Reshape, "\"crop\" or \"pad\"", {
        "crop" => Reshape::Crop,
        "pad" => Reshape::Pad,
    };
}
