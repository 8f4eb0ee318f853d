use std::{env, process::Command};

use expect_test::{Expect, expect};
use indicatif::{InMemoryTerm, ProgressDrawTarget, TermLike};
use safelight_core::{Clock, ManualClock};

use super::{Colors, Terminal};
use crate::{Collector, Config, Frame, Monitor, Reading, Sink};

/// Draws some frames on a terminal in memory; returns it and what it was told.
fn draw(colors: Colors) -> (InMemoryTerm, Terminal) {
    let screen = InMemoryTerm::new(20, 70);
    let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
    let mut terminal = Terminal::on(target, || 20, colors);
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

/// Whether a color is set: by codes that begin with 3, 4, 9 or 10 and end with an m.
fn has_color(colors: Colors) -> bool {
    let (screen, _terminal) = draw(colors);
    let bytes = screen.contents_formatted();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    text.contains("\u{1b}[3") || text.contains("\u{1b}[4")
}

/// Colors are left out where the output is no terminal, so this runs itself once more.
#[test]
fn without_colors_there_is_none() {
    const FORCE: &str = "CLICOLOR_FORCE";
    if env::var_os(FORCE).is_some_and(|value| value == "1") {
        assert!(has_color(Colors::Colored), "colors are there to be missed");
        assert!(!has_color(Colors::Plain));
        return;
    }
    let name = "sink::terminal::tests::without_colors_there_is_none";
    let mut again = Command::new(env::current_exe().expect("this test runs"));
    let output = again.args(["--exact", name]).env(FORCE, "1").output();
    let output = output.expect("it runs again");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn g08_all_bars_of_a_frame_are_drawn_in_order_on_one_line_each() {
    let screen = InMemoryTerm::new(20, 60);
    // A terminal that is drawn on as seldom as the real ones.
    let target = ProgressDrawTarget::term_like_with_hz(Box::new(screen.clone()), 20);
    let mut terminal = Terminal::on(target, || 20, Colors::Plain);
    let clock = ManualClock::new();
    let monitor = Monitor::with_clock(clock.clone());
    let mut collector = Collector::new(&monitor, Config::default()).expect("defaults");
    let mut look = || terminal.show(collector.step(clock.now(), &Reading::default()));
    let (first, second) = (monitor.tracker("first\u{7}"), monitor.tracker("second"));
    look();
    for n in 1..=20 {
        first.add(1);
        second.add(1);
        second.set_phase(&"long ".repeat(n));
        look();
    }
    let _child = first.child("child");
    first.message("bell \u{7}");
    look();
    let expected: Expect = expect![[r"
        first\u{7}: bell \u{7}
        first\u{7} 20
          child 0
        second 20 long long long long long long long long long long"]];
    expected.assert_eq(&screen.contents());
}

#[test]
fn what_is_no_terminal_is_not_drawn_on() {
    let terminal = Terminal::on(ProgressDrawTarget::hidden(), || 20, Colors::Colored);
    assert!(!terminal.is_visible());
}

#[test]
fn g08_more_trackers_than_lines_are_counted_and_the_end_has_them_all() {
    let screen = InMemoryTerm::new(20, 60);
    let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
    let mut terminal = Terminal::on(target, || 5, Colors::Plain);
    let clock = ManualClock::new();
    let monitor = Monitor::with_clock(clock.clone());
    let mut collector = Collector::new(&monitor, Config::default()).expect("defaults");
    let mut trackers: Vec<_> =
        (0..9).map(|idx| monitor.tracker(&format!("t{idx}"))).collect();
    let mut look = |show: &mut dyn FnMut(&Frame)| {
        show(collector.step(clock.now(), &Reading::default()));
    };
    look(&mut |frame| terminal.show(frame));
    let expected = expect![[r"
        t0 0
        t1 0
        t2 0
        and 6 more"]];
    expected.assert_eq(&screen.contents());
    // When the first ones and the last one have ended, the next ones take their places.
    trackers.pop();
    trackers.drain(..2);
    (0..2).for_each(|_| look(&mut |frame| terminal.show(frame)));
    let expected = expect![[r"
        t8: 0, finished
        t0 0 finished
        t1 0 finished
        t2 0
        t3 0
        t4 0
        and 3 more"]];
    expected.assert_eq(&screen.contents());
    look(&mut |frame| terminal.finish(frame));
    let expected = expect![[r"
        t8: 0, finished
        t5: 0
        t6: 0
        t7: 0
        t2 0
        t3 0
        t4 0
        and 3 more"]];
    expected.assert_eq(&screen.contents());
    // When all have room, nothing is left out.
    trackers.drain(..3);
    (0..2).for_each(|_| look(&mut |frame| terminal.show(frame)));
    let expected = expect![[r"
        t8: 0, finished
        t5: 0
        t6: 0
        t7: 0
        t2 0 finished
        t3 0 finished
        t4 0 finished
        t5 0
        t6 0
        t7 0"]];
    expected.assert_eq(&screen.contents());
}

#[test]
fn updates_that_were_abandoned_are_told_beside_the_bar() {
    let screen = InMemoryTerm::new(20, 60);
    let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
    let mut terminal = Terminal::on(target, || 20, Colors::Plain);
    let clock = ManualClock::new();
    let monitor = Monitor::with_clock(clock.clone());
    let mut collector = Collector::new(&monitor, Config::default()).expect("defaults");
    let tracker = monitor.tracker("images");
    tracker.tracked(|| ());
    drop(tracker.start());
    terminal.show(collector.step(clock.now(), &Reading::default()));
    expect!["images 1 1 abandoned"].assert_eq(&screen.contents());
}

#[test]
fn g08_jobs_that_end_below_one_that_goes_on_leave_room_for_others() {
    let screen = InMemoryTerm::new(20, 60);
    let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
    let mut terminal = Terminal::on(target, || 5, Colors::Plain);
    let clock = ManualClock::new();
    let monitor = Monitor::with_clock(clock.clone());
    let mut collector = Collector::new(&monitor, Config::default()).expect("defaults");
    let _long = monitor.tracker("long");
    let mut jobs = std::collections::VecDeque::new();
    for n in 0..10 {
        jobs.push_back(monitor.tracker(&format!("job {n}")));
        if 2 < jobs.len() {
            jobs.pop_front();
        }
        terminal.show(collector.step(clock.now(), &Reading::default()));
    }
    let expected = expect![[r"
        job 0: 0, finished
        job 1: 0, finished
        job 2: 0, finished
        job 3: 0, finished
        job 4: 0, finished
        job 5: 0, finished
        job 6: 0, finished
        job 7: 0, finished
        long 0
        job 8 0
        job 9 0"]];
    expected.assert_eq(&screen.contents());
}
