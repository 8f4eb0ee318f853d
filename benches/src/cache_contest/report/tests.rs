use expect_test::expect;

use super::Play;
use crate::{
    cache_contest::{Entrant, entrants},
    cache_trace::{Setting, settings},
};

fn first() -> (Setting, Entrant) {
    let (mut settings, mut entrants) = (settings(), entrants());
    (settings.swap_remove(0), entrants.swap_remove(0))
}

#[test]
fn a_play_is_read_as_it_was_written() {
    let (setting, entrant) = first();
    for played in [Ok(entrant.play(&setting)), Err("it died".to_owned())] {
        let play = Play::new(&setting, &entrant, played.clone());
        let mut line = Vec::new();
        play.write(&mut line).unwrap();
        let read = Play::read(str::from_utf8(&line).unwrap()).unwrap();
        assert_eq!((read.score(), read), (played.ok(), play));
    }
}

#[test]
fn a_line_says_all_in_plain_words() {
    let (setting, entrant) = first();
    let mut line = Vec::new();
    Play::new(&setting, &entrant, Err("it died".to_owned())).write(&mut line).unwrap();
    expect![[r#"
        {"setting":"synthetic 256 MiB/50","limit_bytes":268435456,"limit_entries":50,"contestant":"safelight cost-aware","kind":"ours","outcome":{"failure":"it died"}}
    "#]]
    .assert_eq(str::from_utf8(&line).unwrap());
}

#[test]
fn what_is_no_play_is_an_error() {
    for line in ["", "{}", "thread 'main' panicked", r#"{"setting":"a"}"#] {
        assert!(Play::read(line).is_err(), "{line}");
    }
}
