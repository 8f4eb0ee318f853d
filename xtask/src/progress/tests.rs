use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use safelight_progress_monitor::Lines;

use super::Bar;

/// What was written, for who asks when it is over.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the last line of a bar that goes on by so many steps.
fn last_line(n_steps: Option<u64>, n_done: u64) -> String {
    let written = Written::default();
    let bar = Bar::on(Lines::new(written.clone()), "measuring", n_steps);
    bar.inc(n_done);
    bar.set_message("sea.jpg");
    bar.finish();
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    text.lines().last().unwrap().to_owned()
}

#[test]
fn a_bar_that_ends_early_says_what_was_done() {
    let line = last_line(Some(100), 5);
    assert!(line.starts_with("measuring: 5, ") && line.ends_with("finished"), "{line}");
    let line = last_line(Some(5), 5);
    assert!(line.starts_with("measuring: 5 of 5 (100 %), "), "{line}");
    let line = last_line(None, 5);
    assert!(line.starts_with("measuring: 5, "), "{line}");
}
