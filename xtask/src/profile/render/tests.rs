use expect_test::expect_file;

use super::{Format, render};
use crate::profile::document::Document;

#[test]
fn the_golden_report_renders_as_tables_and_as_markdown() {
    let golden = include_str!("../document/golden.v1.json");
    let document: Document = serde_json::from_str(golden).unwrap();
    expect_file!["golden.txt"].assert_eq(&render(&document, Format::Table));
    expect_file!["golden.md"].assert_eq(&render(&document, Format::Markdown));
}
