use expect_test::{Expect, expect};

use super::*;

fn check(exif: u16, expected: &Expect) {
    let orientation = Orientation::from_exif(exif).expect("a value from 1 to 8");
    let upright = orientation.apply::<1>(b"abcdef".to_vec(), 3);
    let width = if orientation.swaps_sides() { 2 } else { 3 };
    let rows: Vec<_> = upright
        .chunks(width)
        .map(|row| String::from_utf8_lossy(row).into_owned())
        .collect();
    expected.assert_eq(&rows.join("/"));
}

#[test]
fn turns_all_eight_ways() {
    check(1, &expect!["abc/def"]);
    check(2, &expect!["cba/fed"]);
    check(3, &expect!["fed/cba"]);
    check(4, &expect!["def/abc"]);
    check(5, &expect!["ad/be/cf"]);
    check(6, &expect!["da/eb/fc"]);
    check(7, &expect!["fc/eb/da"]);
    check(8, &expect!["cf/be/ad"]);
}

#[test]
fn pixels_of_several_bytes_stay_whole() {
    let upright = Orientation::Rotate90.apply::<3>(b"aaabbb".to_vec(), 2);
    assert_eq!(upright, b"aaabbb");
    let flipped = Orientation::FlipHorizontal.apply::<3>(b"abcdef".to_vec(), 2);
    assert_eq!(flipped, b"defabc");
}

#[test]
fn an_odd_number_of_rows_keeps_its_middle_one() {
    let flipped = Orientation::FlipVertical.apply::<1>(b"abc".to_vec(), 1);
    assert_eq!(flipped, b"cba");
}

#[test]
fn exif_values_come_back() {
    for value in 1..=8 {
        let orientation = Orientation::from_exif(value).expect("a value from 1 to 8");
        assert_eq!(orientation.to_exif(), value);
    }
    assert_eq!(Orientation::from_exif(0), None);
}
