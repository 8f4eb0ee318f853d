//! Memory asked back from a cache: what goes, what stays, and what was really freed.
//!
//! `cargo run --release -p safelight-cache --example memory_pressure`

use std::{error::Error, time::Duration};

use safelight_cache::{Cache, Evicted, Limits};
use safelight_core::{ByteSize, Consumer, Pressure};

type Previews = Cache<u64, Vec<u8>>;

/// Puts previews of 1 MiB there, of which each took a millisecond longer than the last.
fn fill(cache: &Previews) {
    for photo in 1..=8 {
        let cost = Duration::from_millis(photo);
        cache.insert_with_cost(photo, vec![0; 1 << 20], cost);
    }
    println!("filled: {}", cache.usage().bytes);
}

/// Whoever coordinates the memory of a program knows no more of a cache than this.
fn ask_back(consumer: &dyn Consumer, wanted: ByteSize) {
    println!("reclaim {wanted}:");
    let freed = consumer.reclaim(wanted);
    println!("  = {freed} freed, {} left", consumer.usage());
}

fn set_budget(consumer: &dyn Consumer, budget: ByteSize) {
    println!("set the budget to {budget}:");
    consumer.set_budget(budget);
    println!("  = {} left", consumer.usage());
}

fn main() -> Result<(), Box<dyn Error>> {
    let observer = |gone: &Evicted<u64>| {
        let whose = if gone.was_dropped { "dropped" } else { "still in use" };
        println!("  preview {} went, {:?}, {whose}", gone.key, gone.cause);
    };
    let limits = Limits { bytes: ByteSize::mib(16), entries: None };
    let cache: Previews = Cache::builder().limits(limits).observer(observer).build();
    fill(&cache);

    // The cheapest go first: those cost least to make again.
    for pressure in [Pressure::Normal, Pressure::Elevated, Pressure::High] {
        println!("pressure is {pressure}:");
        println!("  = {} freed", cache.trim(pressure));
    }

    // A pin keeps an entry from the policy, and a budget takes it as the last one.
    let pinned = cache.pin(&6).ok_or("it is worth more than the ones that went")?;
    set_budget(&cache, ByteSize::mib(3));

    // What somebody holds cannot be freed, so a reclaim leaves it where it is.
    ask_back(&cache, ByteSize::mib(2));
    set_budget(&cache, ByteSize::ZERO);
    println!("the pin still has its {}", ByteSize::from_len(pinned.len()));
    drop(pinned);

    // A budget may grow again, up to the limits of the cache.
    set_budget(&cache, ByteSize::gib(1));
    fill(&cache);
    println!("pressure is {}:", Pressure::Critical);
    println!("  = {} freed", cache.trim(Pressure::Critical));
    let evictions = cache.stats().evictions;
    println!("{} by reclaims, {} by budgets", evictions.n_reclaim, evictions.n_limit);
    Ok(())
}
