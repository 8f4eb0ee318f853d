use std::time::Duration;

use super::{Size, parse_count, parse_duration};

#[test]
fn sizes_read_as_rectangles_and_squares() {
    assert_eq!("1920x1080".parse(), Ok(Size::new(1920, 1080)));
    assert_eq!("512".parse(), Ok(Size::new(512, 512)));
    for wrong in ["", "0", "12x", "axb", "-5x5", "1x2x3", "16384"] {
        assert!(wrong.parse::<Size>().unwrap_err().contains("1920x1080"), "{wrong}");
    }
}

#[test]
fn times_read_with_units_and_not_without() {
    assert_eq!(parse_duration("1m 30s"), Ok(Duration::from_secs(90)));
    assert_eq!(parse_duration("500 ms"), Ok(Duration::from_millis(500)));
    assert!(parse_duration("30").is_err());
    assert!(parse_duration("-1s").is_err());
    assert!(parse_duration("0s").is_err());
}

#[test]
fn counts_are_whole_and_not_nothing() {
    assert_eq!(parse_count("12").map(usize::from), Ok(12));
    for wrong in ["", "0", "-1", "1.5", "99999999999999999999"] {
        assert!(parse_count(wrong).unwrap_err().contains("from 1 to"), "{wrong}");
    }
}
