//! What is asked of a progress monitor: to show the truth in time, to hold up no worker, to
//! tell of each incident once, and to foretell the end.

use std::{thread, time::Duration};

pub mod burst;
pub mod incidents;
pub mod rich;
pub mod slow_sink;
pub mod sparse;
pub mod time_left;
pub mod trace;

/// Sleeps, as a worker or a terminal does that waits for something else.
#[expect(clippy::disallowed_methods, reason = "what waits is what is played here")]
pub fn pause(time: Duration) {
    thread::sleep(time);
}
