//! Results of checks: what is bad is remembered as well, and whether caching pays at all.
//!
//! `cargo run --release -p safelight-cache --example validation_results`

use std::{collections::HashSet, error::Error, fs, hint::black_box, time::Duration};

use safelight_cache::{BreakEven, Cache, ContentHash, Key, Operation, SourceId};
use safelight_core::{Clock, ManualClock, SystemClock};

/// What a check says: the number of different words, or why there are none.
///
/// An error that is part of the value is an answer like any other, and is kept like one.
type Answer = Result<u64, String>;

fn check(content: &[u8]) -> Answer {
    let text = str::from_utf8(content).map_err(|error| error.to_string())?;
    Ok(text.split_whitespace().collect::<HashSet<_>>().len() as u64)
}

fn key(content: &[u8]) -> Key<()> {
    let source = SourceId::content(ContentHash::of(content));
    Key::new(source, Operation::new("check", 1), ())
}

/// Measures how long something takes, as the mean of some runs.
fn mean<T>(work: impl Fn() -> T) -> Duration {
    let start = SystemClock.now();
    (0..100).for_each(|_| drop(black_box(work())));
    (SystemClock.now() - start) / 100
}

fn main() {
    let cache: Cache<Key<()>, Answer> = Cache::default();
    for content in [&b"sea and sky"[..], b"no text: \xff", b"no text: \xff"] {
        let mut how = "known";
        let answer = cache.get_or_compute(key(content), || {
            how = "checked";
            check(content)
        });
        println!("{how}: {answer:?}");
    }
    println!("{}", cache.stats());

    println!(
        "\nA check that cannot be made has no answer, but need not be tried each time:"
    );
    let clock = ManualClock::new();
    let failure_ttl = Duration::from_secs(5);
    let files: Cache<&str, Answer> =
        Cache::builder().failure_ttl(failure_ttl).clock(clock.clone()).build();
    for seconds in [0, 3, 6] {
        let read = || fs::read("absent.txt").map(|content| check(&content));
        match files.try_get_or_compute("absent.txt", read) {
            Ok(answer) => println!("after {seconds} s: {answer:?}"),
            Err(error) => {
                let cause = error.source().map(ToString::to_string).unwrap_or_default();
                println!("after {seconds} s: {error}: {cause}");
            }
        }
        clock.advance(Duration::from_secs(3));
    }

    println!("\nA key by content costs a hash of the content:");
    let text = "the sea is as gray as the sky ".repeat(2000).into_bytes();
    cache.insert(key(&text), check(&text));
    let hit = mean(|| cache.get(&key(&text)));
    let words = BreakEven { load: mean(|| check(&text)), hit };
    let ascii = BreakEven { load: mean(|| black_box(&text).is_ascii()), hit };
    println!("words: {words}");
    println!("ASCII: {ascii}");
}
