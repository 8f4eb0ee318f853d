use expect_test::expect_file;

use super::{Document, SCHEMA_VERSION};

/// The committed schema; `UPDATE_EXPECT=1 cargo test -p xtask` writes it anew.
const SCHEMA: &str = include_str!("../../../../docs/schema/doctor.v1.json");

/// A document that must parse forever.
const GOLDEN: &str = include_str!("golden.v1.json");

/// Checks that a document follows the committed schema.
pub(in crate::doctor) fn check(value: &serde_json::Value) {
    let schema = serde_json::from_str(SCHEMA).unwrap();
    jsonschema::validate(&schema, value).expect("the document follows the schema");
}

#[test]
fn the_committed_schema_is_that_of_the_code() {
    let schema = schemars::schema_for!(Document);
    let json = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    expect_file!["../../../../docs/schema/doctor.v1.json"].assert_eq(&json);
}

#[test]
fn the_golden_document_parses_and_is_valid() {
    let value: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
    check(&value);
    let document: Document = serde_json::from_str(GOLDEN).unwrap();
    assert_eq!(document.schema_version, SCHEMA_VERSION);
    assert_eq!(serde_json::to_value(&document).unwrap(), value);
}
