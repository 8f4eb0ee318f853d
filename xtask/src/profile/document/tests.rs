use expect_test::expect_file;

use super::{Document, SCHEMA_VERSION};

/// The committed schema; `UPDATE_EXPECT=1 cargo test -p xtask` writes it anew.
const SCHEMA: &str = include_str!("../../../../docs/schema/profile.v1.json");

/// A report that must parse forever.
const GOLDEN: &str = include_str!("golden.v1.json");

#[test]
fn p09_the_committed_schema_is_that_of_the_code() {
    let schema = schemars::schema_for!(Document);
    let json = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    expect_file!["../../../../docs/schema/profile.v1.json"].assert_eq(&json);
}

#[test]
fn p09_the_golden_report_parses_and_is_valid() {
    let value: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
    let schema = serde_json::from_str(SCHEMA).unwrap();
    jsonschema::validate(&schema, &value).expect("the golden report follows the schema");

    let document: Document = serde_json::from_str(GOLDEN).unwrap();
    assert_eq!(document.schema_version, SCHEMA_VERSION);
    assert_eq!(serde_json::to_value(&document).unwrap(), value);
}
