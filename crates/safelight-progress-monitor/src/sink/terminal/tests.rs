use expect_test::{Expect, expect};
use indicatif::{InMemoryTerm, ProgressDrawTarget, TermLike};
use safelight_core::{Clock, ManualClock};

use super::{Colors, Terminal};
use crate::{Collector, Config, Monitor, Reading, Sink};

/// Draws some frames on a terminal in memory; returns it and what it was told.
fn draw(colors: Colors) -> (InMemoryTerm, Terminal) {
    let screen = InMemoryTerm::new(20, 70);
    let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
    let mut terminal = Terminal::on(target, colors);
    let clock = ManualClock::new();
    let monitor = Monitor::with_clock(clock.clone());
    let mut collector = Collector::new(&monitor, Config::default()).expect("defaults");
    let mut look = |terminal: &mut Terminal| {
        clock.advance(collector.interval());
        terminal.show(collector.step(clock.now(), &Reading::default()));
    };
    let folder = monitor.tracker("folder");
    folder.set_total(40);
    folder.set_phase("resize");
    let file = folder.child("file");
    look(&mut terminal);
    for _ in 0..5 {
        folder.add(2);
        file.add(1000);
        look(&mut terminal);
    }
    folder.message("sea.jpg has no profile");
    let gauge = monitor.gauge("decoder");
    gauge.set(500);
    drop(file);
    look(&mut terminal);
    std::mem::forget(folder);
    look(&mut terminal);
    (screen, terminal)
}

#[test]
fn bars_stand_below_messages_and_notices() {
    let (screen, terminal) = draw(Colors::Plain);
    assert!(terminal.is_visible());
    assert_eq!(screen.width(), 70);
    let expected: Expect = expect![[r"
        folder: sea.jpg has no profile
        warning: decoder: 500 wait (threshold 100): add workers, or take in le
        ss
        folder =======>                       10/40 8.1/s, 4 s left, resize"]];
    expected.assert_eq(&screen.contents());
}

#[test]
fn without_colors_there_is_none() {
    let (screen, _terminal) = draw(Colors::Plain);
    let bytes = screen.contents_formatted();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    // Colors are set by codes that begin with 3, 4, 9 or 10 and end with an m.
    assert!(!text.contains("\u{1b}[3") && !text.contains("\u{1b}[4"), "{text:?}");
}

#[test]
fn what_is_no_terminal_is_not_drawn_on() {
    let terminal = Terminal::on(ProgressDrawTarget::hidden(), Colors::Colored);
    assert!(!terminal.is_visible());
}
