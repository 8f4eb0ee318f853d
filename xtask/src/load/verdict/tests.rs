use std::{fmt::Write, slice::from_ref};

use expect_test::expect;

use super::Verdict;
use crate::{
    load::{
        arm::Arm,
        document::{
            Load, Outcome,
            tests::{arm, phase},
        },
    },
    status::Status,
};

/// Judges servers that ended so, of which the first served and shed so many.
fn judge(
    permits: Outcome,
    control: Outcome,
    n_served: u64,
    n_shed: u64,
) -> (String, Status) {
    let arms = [arm(Arm::Permits, permits), arm(Arm::NoPermits, control)];
    let verdict =
        Verdict::of(&arms, &[phase(Arm::Permits, Load::Overload, n_served, n_shed)]);
    (verdict.to_string(), verdict.status())
}

#[test]
fn m06_permits_must_serve_and_live_where_the_control_arm_dies() {
    use Outcome::{Failed, Killed, Stopped};

    let mut text = String::new();
    for (permits, control, n_served, n_shed) in [
        (Stopped, Killed, 40, 500),
        (Stopped, Killed, 40, 0),
        (Stopped, Stopped, 40, 500),
        (Killed, Killed, 40, 500),
        (Stopped, Killed, 0, 500),
        (Failed, Killed, 40, 500),
        (Stopped, Failed, 40, 500),
    ] {
        let (verdict, status) = judge(permits, control, n_served, n_shed);
        writeln!(text, "{status:?} {verdict}").unwrap();
    }
    expect![[r"
        Ok PASSED: with permits it served 40, shed 500, and was not killed; without permits it was killed
        Inconclusive INCONCLUSIVE: permits shed none: not overloaded enough
        Inconclusive INCONCLUSIVE: the control arm survived: not overloaded enough
        Failed FAILED: the server with permits was killed for memory
        Failed FAILED: the server with permits served nothing
        Failed FAILED: permits failed: it fell over
        Failed FAILED: no permits failed: it fell over
    "]].assert_eq(&text);
}

#[test]
fn m06_what_was_not_run_proves_nothing() {
    let permits = arm(Arm::Permits, Outcome::Stopped);
    let overload = phase(Arm::Permits, Load::Overload, 40, 500);
    let light = phase(Arm::Permits, Load::Light, 40, 0);
    let mut text = String::new();
    for verdict in [
        Verdict::of(&[], &[]),
        Verdict::of(from_ref(&permits), &[overload]),
        Verdict::of(&[permits, arm(Arm::NoPermits, Outcome::Killed)], &[light]),
    ] {
        assert!(!verdict.is_passed());
        writeln!(text, "{:?} {verdict}", verdict.status()).unwrap();
    }
    expect![[r"
        Inconclusive INCONCLUSIVE: permits was not run; no permits was not run
        Inconclusive INCONCLUSIVE: no permits was not run
        Inconclusive INCONCLUSIVE: permits was not overloaded
    "]]
    .assert_eq(&text);
}

#[test]
fn m06_another_status_than_these_is_a_problem() {
    let arms =
        [arm(Arm::Permits, Outcome::Stopped), arm(Arm::NoPermits, Outcome::Killed)];
    let mut text = String::new();
    for load in [Load::Light, Load::Overload] {
        let mut phases =
            [Load::Light, Load::Overload].map(|load| phase(Arm::Permits, load, 40, 500));
        let bad = phases.iter_mut().find(|row| row.load == load).unwrap();
        bad.answers.n_other = 3;
        let verdict = Verdict::of(&arms, &phases);
        writeln!(text, "{:?} {verdict}", verdict.status()).unwrap();
    }
    expect![[r"
        Failed FAILED: permits gave 3 answers of another status
        Failed FAILED: permits gave 3 answers of another status
    "]]
    .assert_eq(&text);
}

#[test]
fn m06_broken_answers_are_a_problem_with_permits_alone() {
    let arms =
        [arm(Arm::Permits, Outcome::Stopped), arm(Arm::NoPermits, Outcome::Killed)];
    let mut text = String::new();
    for broken in [Arm::Permits, Arm::NoPermits] {
        let mut phases = Arm::ALL.map(|arm| phase(arm, Load::Overload, 40, 500));
        let bad = phases.iter_mut().find(|row| row.arm == broken).unwrap();
        bad.answers.n_connection_errors = 7;
        let verdict = Verdict::of(&arms, &phases);
        writeln!(text, "{:?} {verdict}", verdict.status()).unwrap();
    }
    expect![[r"
        Failed FAILED: permits broke 7 connections or answers
        Ok PASSED: with permits it served 40, shed 500, and was not killed; without permits it was killed
    "]]
    .assert_eq(&text);
}
