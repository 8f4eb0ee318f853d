use std::fs;

use jiff::Timestamp;

use super::{file_stamp, write_json};

/// A document that cannot be written.
struct Broken;

impl serde::Serialize for Broken {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("broken on purpose"))
    }
}

#[test]
fn p09_a_report_is_replaced_whole_and_a_failed_write_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/report.json");
    write_json(&path, &[1, 2]).unwrap();
    write_json(&path, &[3]).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "[\n  3\n]\n");

    let error = write_json(&path, &Broken).unwrap_err();
    assert!(
        format!("{error:#}").contains("deep/report.json: broken on purpose"),
        "{error:#}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "[\n  3\n]\n");
    let n_files = fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(n_files, 1, "the temporary file is gone");
}

#[test]
fn stamps_sort_like_times() {
    let stamp = |second| file_stamp(Timestamp::from_second(second).unwrap());
    assert_eq!(stamp(0), "19700101T000000.000Z");
    assert!(stamp(1_700_000_000) < stamp(1_800_000_000));
}
