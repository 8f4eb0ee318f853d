use expect_test::expect;

use super::Quantity;

#[test]
fn times_print_with_three_digits() {
    let shown: Vec<String> = [0.0, 950.0, 1_234.0, 99_960.0, 12_345_678.0, 999.6e6, 61e9]
        .map(|nanos| Quantity::nanos(nanos).to_string())
        .into();
    expect!["0 ns, 950 ns, 1.23 µs, 100 µs, 12.3 ms, 1.00 s, 61.0 s"]
        .assert_eq(&shown.join(", "));
}
