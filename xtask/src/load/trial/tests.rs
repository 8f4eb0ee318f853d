#![cfg(unix)]

use std::{
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::{Command, ExitStatus},
};

use super::{End, judge};
use crate::load::{addresses::Addresses, document::Outcome, server::Server};

#[test]
fn m06_a_kill_for_memory_is_told_from_other_ends() {
    let (ok, failed) = (ExitStatus::from_raw(0), ExitStatus::from_raw(1 << 8));
    let killed = ExitStatus::from_raw(9);
    let judge =
        |ended, n_kills| judge(ended, n_kills, None, || "its last words".to_owned());
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

#[test]
fn m06_a_server_that_dies_before_the_overload_is_judged_like_any_other() {
    let addresses = Addresses::of(&[PathBuf::from("/photos/a.jpg")]).unwrap();
    let dead = Server::ended_at_once(Command::new("true"));
    let silence = addresses.lines_with_known(&dead).unwrap_err();
    let (ok, killed) = (ExitStatus::from_raw(0), ExitStatus::from_raw(9));
    let judge =
        |ended, n_kills| judge(Some(ended), n_kills, Some(&silence), || "it fell".into());
    assert_eq!(judge((End::Early, killed), Some(1)), (Outcome::Killed, None));
    let (outcome, reason) = judge((End::Early, killed), Some(0));
    assert_eq!(outcome, Outcome::Failed);
    assert!(reason.unwrap().ends_with(": it fell"));
    // It lives, and stops when told to, but it answers nothing.
    let (outcome, reason) = judge((End::Told, ok), Some(0));
    assert_eq!(outcome, Outcome::Failed);
    assert!(reason.unwrap().starts_with("it does not answer: "));
}
