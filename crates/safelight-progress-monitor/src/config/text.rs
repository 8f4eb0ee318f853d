//! How the values of a configuration are written in a file.

/// A number that must not be negative or NaN, which the types would turn into 0.
fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let number = <f64 as serde::Deserialize>::deserialize(deserializer)?;
    if 0.0 <= number {
        Ok(number)
    } else {
        Err(serde::de::Error::custom(format!("not a number from 0 up: {number}")))
    }
}

/// Times: `"100 ms"`.
pub(super) mod duration {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, de::Error};

    const UNITS: [(&str, f64); 6] = [
        ("ns", 1e-9),
        ("us", 1e-6),
        ("ms", 1e-3),
        ("s", 1.0),
        ("min", 60.0),
        ("h", 3600.0),
    ];

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| {
            D::Error::custom(format!("not a time: {text:?} (write it like \"100 ms\")"))
        })
    }

    fn parse(text: &str) -> Option<Duration> {
        let text = text.trim();
        let unit_at = text.find(|c: char| c.is_ascii_alphabetic())?;
        let (number, unit) = text.split_at(unit_at);
        let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let number: f64 = number.trim().parse().ok()?;
        Duration::try_from_secs_f64(number * seconds).ok()
    }
}

/// Sizes: `"500 MB"`.
pub(super) mod bytes {
    use safelight_core::ByteSize;
    use serde::{Deserialize, Deserializer, de::Error};

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<ByteSize, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
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
