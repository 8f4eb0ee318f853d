use expect_test::{Expect, expect};

use super::*;

fn check(fit: Fit, width: u32, height: u32, expected: &Expect) {
    let plan = fit.plan(Size::new(width, height), Growth::Refused);
    let Plan { left, top, width, height, to } = plan;
    expected.assert_eq(&format!("{width} x {height} at {left}, {top} -> {to}"));
}

#[test]
fn inside_keeps_the_aspect_and_the_box() {
    let fit = Fit::inside(256, 256);
    check(fit, 1920, 1080, &expect!["1920 x 1080 at 0, 0 -> 256 x 144"]);
    check(fit, 1080, 1920, &expect!["1080 x 1920 at 0, 0 -> 144 x 256"]);
    check(fit, 100, 50, &expect!["100 x 50 at 0, 0 -> 100 x 50"]);
    check(fit, 100_000, 10, &expect!["100000 x 10 at 0, 0 -> 256 x 1"]);
    check(Fit::inside(0, 0), 100, 50, &expect!["100 x 50 at 0, 0 -> 1 x 1"]);
}

#[test]
fn cover_cuts_the_middle_out() {
    let fit = Fit::cover(100, 100);
    check(fit, 400, 200, &expect!["200 x 200 at 100, 0 -> 100 x 100"]);
    check(fit, 200, 400, &expect!["200 x 200 at 0, 100 -> 100 x 100"]);
    check(fit, 80, 40, &expect!["40 x 40 at 20, 0 -> 40 x 40"]);
}

#[test]
fn enlarging_is_done_only_on_request() {
    let size = Size::new(10, 5);
    assert_eq!(Fit::inside(100, 100).plan(size, Growth::Allowed).to, Size::new(100, 50));
    assert_eq!(Fit::cover(100, 100).plan(size, Growth::Allowed).to, Size::new(100, 100));
}
