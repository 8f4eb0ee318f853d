use expect_test::expect;

use super::{Ending, judge};
use crate::test_oom::progress::Progress;

#[test]
fn m06_a_kill_for_memory_is_told_from_other_ends() {
    let done = Progress { is_final: true, ..Progress::default() };
    let part = Progress::default();
    let broken = Progress { error: Some("no such file".to_owned()), ..done.clone() };
    let mut text = String::new();
    for (ending, n_kills, last) in [
        (Ending::Signal(9), Some(1), &part),
        (Ending::Signal(9), Some(0), &part),
        (Ending::Signal(9), None, &part),
        (Ending::Signal(11), Some(0), &part),
        (Ending::Code(0), Some(0), &done),
        (Ending::Code(0), None, &done),
        (Ending::Code(0), Some(1), &done),
        (Ending::Code(0), Some(0), &part),
        (Ending::Code(1), Some(0), &broken),
        (Ending::Unknown, Some(0), &part),
    ] {
        let (outcome, reason) = judge(ending, n_kills, last);
        let reason = reason.unwrap_or_default();
        let line = format!("{ending:?}, {n_kills:?}: {outcome:?} {reason}");
        text.extend([line.trim_end(), "\n"]);
    }
    expect![[r"
        Signal(9), Some(1): Killed
        Signal(9), Some(0): Failed signal 9, but the group counts no kill for memory
        Signal(9), None: Failed signal 9, but the group counts no kill for memory
        Signal(11), Some(0): Failed signal 11, but the group counts no kill for memory
        Code(0), Some(0): Finished
        Code(0), None: Finished
        Code(0), Some(1): Failed the group counts a kill that did not end it
        Code(0), Some(0): Failed exit code 0: no reason told
        Code(1), Some(0): Failed exit code 1: no such file
        Unknown, Some(0): Failed it ended in an unknown way
    "]]
    .assert_eq(&text);
}
