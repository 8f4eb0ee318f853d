use expect_test::{Expect, expect};

use super::Verdict;
use crate::test_oom::{
    arm::Arm::{self, Permits, Reactive, Thresholds},
    document::{
        Outcome::{self, Failed, Finished, Killed},
        RunRow,
        tests::run,
    },
};

#[track_caller]
fn check(runs: &[(Arm, Outcome)], expected: &Expect) {
    let runs: Vec<RunRow> =
        runs.iter().map(|(arm, outcome)| run(*arm, *outcome)).collect();
    let verdict = Verdict::of(&runs);
    assert_eq!(verdict.is_passed(), verdict.to_string().starts_with("PASSED"));
    assert_eq!(verdict.is_failed(), verdict.to_string().starts_with("FAILED"));
    expected.assert_eq(&verdict.to_string());
}

#[test]
fn m06_permits_must_finish_and_the_control_arm_must_be_killed() {
    check(
        &[(Thresholds, Killed), (Reactive, Killed), (Permits, Finished)],
        &expect![
            "PASSED: thresholds killed in 1 of 1 runs, 0 of 10 jobs done; reactive killed in 1 of 1 runs, 0 of 10 jobs done; permits killed in 0 of 1 runs, 10 of 10 jobs done"
        ],
    );
    // That the better of the control arms survives is no fault.
    check(
        &[(Thresholds, Killed), (Reactive, Finished), (Permits, Finished)],
        &expect![
            "PASSED: thresholds killed in 1 of 1 runs, 0 of 10 jobs done; reactive killed in 0 of 1 runs, 10 of 10 jobs done; permits killed in 0 of 1 runs, 10 of 10 jobs done"
        ],
    );
    check(
        &[(Thresholds, Killed), (Permits, Killed)],
        &expect!["FAILED: permits was killed in 1 of 1 runs"],
    );
    check(
        &[(Permits, Failed)],
        &expect![
            "FAILED: permits did 0 of 10 jobs; permits failed with seed 1: it fell over"
        ],
    );
    check(
        &[(Reactive, Failed), (Permits, Finished)],
        &expect!["FAILED: reactive failed with seed 1: it fell over"],
    );
    check(&[], &expect!["INCOMPLETE: permits was not run; thresholds was not run"]);
}

#[test]
fn m06_a_scenario_that_kills_nobody_proves_nothing() {
    let survived = [(Thresholds, Finished); 3];
    check(
        &survived,
        &expect![
            "FAILED: thresholds was never killed in 3 runs, so the scenario proves nothing here"
        ],
    );
    check(
        &survived[..2],
        &expect![
            "INCOMPLETE: permits was not run; thresholds was not killed in 2 runs (thresholds killed in 0 of 2 runs, 20 of 20 jobs done)"
        ],
    );
    check(
        &[survived[0], survived[1], (Thresholds, Killed)],
        &expect![
            "INCOMPLETE: permits was not run (thresholds killed in 1 of 3 runs, 20 of 30 jobs done)"
        ],
    );
}
