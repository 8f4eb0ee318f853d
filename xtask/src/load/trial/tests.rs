#![cfg(unix)]

use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

use super::{End, judge};
use crate::load::document::Outcome;

#[test]
fn m06_a_kill_for_memory_is_told_from_other_ends() {
    let (ok, failed) = (ExitStatus::from_raw(0), ExitStatus::from_raw(1 << 8));
    let killed = ExitStatus::from_raw(9);
    let judge = |ended, n_kills| judge(ended, n_kills, || "its last words".to_owned());
    for n_kills in [Some(0), None] {
        let stopped = judge(Some((End::Told, ok)), n_kills);
        assert_eq!(stopped, (Outcome::Stopped, None));
    }
    assert_eq!(judge(Some((End::Early, killed)), Some(1)), (Outcome::Killed, None));
    for (ended, n_kills) in [
        (None, Some(0)),
        (Some((End::Early, ok)), Some(0)),
        (Some((End::Told, failed)), Some(0)),
        // Somebody else killed it.
        (Some((End::Early, killed)), Some(0)),
        (Some((End::Early, killed)), None),
    ] {
        let (outcome, reason) = judge(ended, n_kills);
        assert_eq!(outcome, Outcome::Failed);
        assert!(ended.is_none() || reason.unwrap().ends_with(": its last words"));
    }
}
