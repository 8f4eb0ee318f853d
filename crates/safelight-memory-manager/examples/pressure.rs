//! A program whose other parts grow and shrink: levels, budgets, actions and a leak.
//!
//! `cargo run --release -p safelight-memory-manager --example pressure`

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use safelight_core::{ByteSize, Clock, Consumer, ManualClock, Share, Traits};
use safelight_memory_manager::{
    Config, Control, Event, Permits, Pixels, Plan, Reading, Rule, Trend, Verdict,
};

const LIMIT: ByteSize = ByteSize::mib(1000);

/// A cache that is always as full as it may be.
struct Cache(AtomicU64);

impl Consumer for Cache {
    fn usage(&self) -> ByteSize {
        ByteSize::from_bytes(self.0.load(SeqCst))
    }

    fn set_budget(&self, budget: ByteSize) {
        self.0.store(budget.bytes(), SeqCst);
    }

    fn reclaim(&self, wanted: ByteSize) -> ByteSize {
        let freed = wanted.min(self.usage());
        self.0.fetch_sub(freed.bytes(), SeqCst);
        freed
    }
}

fn tell(event: &Event) {
    match event {
        Event::Changed { from, to, .. } => println!("        {from} -> {to}"),
        Event::Acted(entry) => {
            let (wanted, receipt) = (entry.wanted, entry.receipt);
            println!("        {wanted} wanted, {receipt} let go of");
        }
        _ => {}
    }
}

fn main() {
    let permits = Permits::new(LIMIT);
    let cache = Arc::new(Cache(AtomicU64::new(0)));
    let traits = Traits { floor: ByteSize::mib(16), ..Traits::default() };
    let _registered = permits.register(Arc::clone(&cache), traits, ByteSize::mib(400));
    let rule = Rule::Headroom(Share::new(0.8));
    let config = Config { rule, ..Config::default() };
    let mut control = Control::new(permits, config).with_observer(tell);

    // In a real program a probe reads, the system has the clock, and a `Driver` steps.
    let clock = ManualClock::new();
    let mut trend = Trend::new(Duration::from_secs(1));
    for second in 0..60 {
        let others = match second {
            10..14 => 970,
            20.. => 200 + 5 * (second - 20),
            _ => 300,
        };
        let used = ByteSize::mib(others) + cache.usage();
        control.step(&Reading { limit: LIMIT, used }, clock.now());
        trend.push(clock.now(), ByteSize::mib(others));
        if second % 5 == 0 {
            println!("{second:3} s: {used} used, cache then {}", cache.usage());
        }
        clock.advance(Duration::from_secs(1));
    }
    println!("{} actions", control.journal().entries().len());
    match trend.verdict(LIMIT) {
        Verdict::Leak { per_minute, time_to_limit: Some(left) } => {
            println!("others leak {per_minute} a minute, {} s are left", left.as_secs());
        }
        verdict => println!("{verdict:?}"),
    }

    let scan = Pixels { width: 20_000, height: 30_000, bytes_per_pixel: 3 };
    println!("a scan: {}", Plan::new(&scan, 1, 1, cache.usage()));
}
