//! What is kept.

use std::time::Duration;

use safelight::{
    ByteSize, Config, Safelight, Weigh,
    cache::{Class, Limits},
};
use safelight_core::ManualClock;

use crate::{WORK, bare, start};

const KB: usize = 1000;
const MIB: usize = 1 << 20;

/// Runs on this key; says whether the work was done.
fn is_done_again(safelight: &Safelight, key: u32, work: impl FnOnce()) -> bool {
    let mut is_done = false;
    let result = safelight.run(WORK, key, || {
        is_done = true;
        work();
        vec![1_u8; 100 * KB]
    });
    result.expect("there is room");
    is_done
}

pub(crate) fn times_done(config: &Config) -> String {
    let safelight = start(bare(config));
    let n_done = (0..3).filter(|_| is_done_again(&safelight, 1, || ())).count();
    format!("done for {n_done} of 3 requests")
}

fn n_kept(safelight: &Safelight) -> usize {
    safelight.cache().expect("it is on").stats().usage.n_entries
}

pub(crate) fn images_kept(config: &Config) -> String {
    let safelight = start(bare(config));
    (0..60).for_each(|key| _ = is_done_again(&safelight, key, || ()));
    format!("{} of 60 results of 100 kB are kept", n_kept(&safelight))
}

struct Small(Vec<u8>);

impl Weigh for Small {
    fn heap(&self) -> ByteSize {
        self.0.heap()
    }

    fn class(&self) -> Class {
        Class::Small
    }
}

pub(crate) fn small_kept(config: &Config) -> String {
    let safelight = start(bare(config));
    for key in 0..10_u32 {
        let result = safelight.run(WORK, key, || Small(vec![1; MIB]));
        result.expect("there is room");
    }
    format!("{} of 10 small results of 1 MiB are kept", n_kept(&safelight))
}

/// Starts one that takes the time from this clock, with a cache of two entries.
fn start_with(clock: &ManualClock, config: &Config) -> Safelight {
    let mut config = bare(config);
    let limits = &mut config.cache.as_mut().expect("it is on").limits;
    *limits = Limits { entries: Some(2), ..*limits };
    let builder = Safelight::builder().config(config).clock(clock.clone());
    builder.start().expect("the configuration is possible")
}

fn again(is_done: bool) -> String {
    if is_done { "done again" } else { "still there" }.to_owned()
}

pub(crate) fn dear_result_in_a_full_cache(config: &Config) -> String {
    let clock = ManualClock::new();
    let safelight = start_with(&clock, config);
    let takes = |time| move |clock: &ManualClock| clock.advance(time);
    let (long, short) = (takes(Duration::from_secs(1)), takes(Duration::from_millis(1)));
    is_done_again(&safelight, 0, || long(&clock));
    (1..=5).for_each(|key| _ = is_done_again(&safelight, key, || short(&clock)));
    again(is_done_again(&safelight, 0, || ()))
}

pub(crate) fn result_of_two_seconds_ago(config: &Config) -> String {
    let clock = ManualClock::new();
    let safelight = start_with(&clock, config);
    is_done_again(&safelight, 0, || ());
    clock.advance(Duration::from_secs(2));
    again(is_done_again(&safelight, 0, || ()))
}
