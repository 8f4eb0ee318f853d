use super::*;
use crate::Severity;

#[test]
fn a_warning_does_not_hide_an_error_of_the_same_kind() {
    let mut damage = Damage::default();
    damage.check_padding(3);
    let corrupt = || Err(Error::corrupt(Format::Jpeg, "a bad code"));
    damage.add_result(corrupt()).expect("no i/o");
    damage.add_result(corrupt()).expect("no i/o");
    let found: Vec<_> =
        damage.findings.iter().map(|finding| (finding.code, finding.severity)).collect();
    assert_eq!(
        found,
        [(Code::Corrupt, Severity::Warning), (Code::Corrupt, Severity::Error)]
    );
}

#[test]
fn the_end_of_the_image_is_not_behind_itself() {
    let mut damage = Damage::default();
    damage.check_end(10, 10);
    damage.check_padding(0);
    assert!(damage.findings.is_empty());
}
