//! How the values of a configuration are written in a file.

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};

/// A number that must not be negative or NaN, which the types would turn into 0.
fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let number = <f64 as serde::Deserialize>::deserialize(deserializer)?;
    if 0.0 <= number {
        Ok(number)
    } else {
        Err(Error::custom(format!("not a number from 0 up: {number}")))
    }
}

/// Reads a text by a function that says why it is none; other values get the same hint.
struct Text<T> {
    hint: &'static str,
    parse: fn(&str) -> Option<T>,
}

impl<T> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.hint)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

/// Times: `"100 ms"`.
pub(super) mod duration {
    use std::time::Duration;

    use serde::Deserializer;

    use super::Text;

    const HINT: &str = "a time (write it like \"100 ms\"; units: ns, us, ms, s, min, h)";

    /// The units, also as others write them.
    const UNITS: [(&str, f64); 9] = [
        ("ns", 1e-9),
        ("us", 1e-6),
        ("\u{b5}s", 1e-6),
        ("\u{3bc}s", 1e-6),
        ("ms", 1e-3),
        ("s", 1.0),
        ("m", 60.0),
        ("min", 60.0),
        ("h", 3600.0),
    ];

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        deserializer.deserialize_str(Text { hint: HINT, parse })
    }

    fn parse(text: &str) -> Option<Duration> {
        let text = text.trim();
        let unit_at = text.find(char::is_alphabetic)?;
        let (number, unit) = text.split_at(unit_at);
        let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let number: f64 = number.trim().parse().ok()?;
        Duration::try_from_secs_f64(number * seconds).ok()
    }
}

/// Sizes: `"500 MB"`.
pub(super) mod bytes {
    use safelight_core::ByteSize;
    use serde::Deserializer;

    use super::Text;

    const HINT: &str = "a size with its unit (write it like \"500 MB\"; units: B, kB, KiB, MB, \
                        MiB, GB, GiB, TB, TiB)";

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<ByteSize, D::Error> {
        deserializer.deserialize_str(Text { hint: HINT, parse })
    }

    /// Half a kilobyte for a limit of memory is hardly meant, so a size wants its unit.
    fn parse(text: &str) -> Option<ByteSize> {
        text.contains(char::is_alphabetic).then(|| text.parse().ok())?
    }
}

/// Busy cores: `0.8`.
pub(super) mod cores {
    use safelight_core::Cores;

    pub(in super::super) fn deserialize<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Cores, D::Error> {
        super::number(deserializer).map(Cores::new)
    }
}

/// Parts of a whole: `0.1`.
pub(super) mod share {
    use safelight_core::Share;
    use serde::{Deserializer, de::Error};

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Share, D::Error> {
        let share = super::number(deserializer)?;
        if share <= 1.0 {
            Ok(Share::new(share))
        } else {
            Err(D::Error::custom(format!("not a share from 0 to 1: {share}")))
        }
    }
}

/// Rates, in updates a second: `0.5`.
pub(super) mod rate {
    use crate::Rate;

    pub(in super::super) fn deserialize<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Rate, D::Error> {
        super::number(deserializer).map(Rate::per_second)
    }
}
