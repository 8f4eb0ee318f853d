use expect_test::expect;
use proptest::prelude::*;

use super::ByteSize;

#[test]
fn prints_in_the_largest_unit_that_keeps_a_whole_digit() {
    let shown: Vec<String> = [0, 1, 1023, 1024, 1536, 1_048_524, 1_048_576, u64::MAX]
        .into_iter()
        .map(|bytes| ByteSize::from_bytes(bytes).to_string())
        .collect();
    expect!["0 B, 1 B, 1023 B, 1 KiB, 1.5 KiB, 1023.9 KiB, 1 MiB, 16 EiB"]
        .assert_eq(&shown.join(", "));
}

#[test]
fn reads_binary_and_decimal_units_and_refuses_the_rest() {
    let read = |text: &str| match text.parse::<ByteSize>() {
        Ok(size) => size.bytes().to_string(),
        Err(error) => error.to_string(),
    };
    let shown: Vec<String> = [
        "7",
        "1 kB",
        "1KiB",
        "1.5 MiB",
        " 2 gib ",
        "-1",
        "nan",
        "5 apples",
        "",
        "99999999 TiB",
    ]
    .into_iter()
    .map(read)
    .collect();
    expect![[r#"
        7
        1000
        1024
        1572864
        2147483648
        not a size in bytes: "-1" (write it like "256 MiB")
        not a size in bytes: "nan" (write it like "256 MiB")
        not a size in bytes: "5 apples" (write it like "256 MiB")
        not a size in bytes: "" (write it like "256 MiB")
        not a size in bytes: "99999999 TiB" (write it like "256 MiB")"#]]
    .assert_eq(&shown.join("\n"));
}

proptest! {
    #[test]
    fn text_of_a_size_reads_back_within_the_printed_decimal(bytes in 0u64..(1 << 50)) {
        let size = ByteSize::from_bytes(bytes);
        let text = size.to_string().replace("PiB", "TiB");
        prop_assume!(!size.to_string().contains("PiB"));
        let back: ByteSize = text.parse().unwrap();
        prop_assert!(back.bytes().abs_diff(bytes) as f64 <= 0.051 * bytes.max(1024) as f64);
    }

    #[test]
    fn never_wraps(a: u64, b: u64) {
        let (a, b) = (ByteSize::from_bytes(a), ByteSize::from_bytes(b));
        prop_assert!(a + b >= a.max(b));
        prop_assert!(a - b <= a);
    }
}
