use std::{fmt, time::Duration};

/// A time with a space before its unit, as in a text: `500 ms`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spaced(pub(crate) Duration);

impl fmt::Display for Spaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match f.precision() {
            Some(n_digits) => format!("{:.n_digits$?}", self.0),
            None => format!("{:?}", self.0),
        };
        let unit_at = text.find(char::is_alphabetic).unwrap_or(text.len());
        let (number, unit) = text.split_at(unit_at);
        write!(f, "{number} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Spaced;

    #[test]
    fn the_unit_stands_apart() {
        let text = |nanos| Spaced(Duration::from_nanos(nanos)).to_string();
        assert_eq!(text(3_000_000_000), "3 s");
        assert_eq!(text(500_000_000), "500 ms");
        assert_eq!(text(1_500), "1.5 µs");
        assert_eq!(text(0), "0 ns");
        assert_eq!(format!("{:.1}", Spaced(Duration::from_millis(2140))), "2.1 s");
    }
}
