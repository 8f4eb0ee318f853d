use expect_test::expect_file;

use super::{WIDTH, render};
use crate::doctor::document::{Document, GpuDriver, HeadroomRow, Unread};

fn golden() -> Document {
    serde_json::from_str(include_str!("../document/golden.v1.json")).unwrap()
}

/// Renders a document, which must fit the width.
#[track_caller]
fn check(document: &Document, expected: &expect_test::ExpectFile) {
    let text = render(document);
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(WIDTH.into()), "{widest:?} columns:\n{text}");
    expected.assert_eq(&text);
}

#[test]
fn a_document_with_all_kinds_of_limits_and_failures() {
    check(&golden(), &expect_file!["golden.txt"]);
}

#[test]
fn a_machine_without_cgroup_limits_and_gpus() {
    let mut document = golden();
    document.limits.truncate(1);
    let available_bytes = document.limits[0].available_bytes;
    document.headroom = Some(HeadroomRow { available_bytes, limit_idx: 0 });
    document.gpu_driver = GpuDriver::Absent;
    document.gpus = None;
    let reason = "cannot read library of the GPU driver".to_owned();
    document.unread = vec![Unread { what: "gpus".to_owned(), reason }];
    check(&document, &expect_file!["plain.txt"]);
}

#[test]
fn a_gpu_driver_that_fails_is_not_called_none() {
    let mut document = golden();
    document.gpu_driver = GpuDriver::Fails;
    document.gpus = None;
    assert!(render(&document).contains("GPUs\n\n   not known: "));
}
