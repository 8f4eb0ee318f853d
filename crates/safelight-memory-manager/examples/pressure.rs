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
    Config, Control, Event, Facts, Permits, Pixels, Plan, Reading, Rule, Trend, recommend,
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
        Event::Acted(entry) if ByteSize::ZERO < entry.wanted => {
            let (wanted, receipt) = (entry.wanted, entry.receipt);
            println!("        {wanted} wanted, {receipt} could be let go of");
        }
        Event::Settled(entry) if ByteSize::ZERO < entry.receipt => {
            if let Some(retained) = entry.retained() {
                println!("        {retained} of it still used a second later");
            }
        }
        Event::Purged { let_go } => println!("        purged after {let_go}"),
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
    // The purge is for an allocator that retains; this cache only pretends to hold memory.
    let mut control =
        Control::new(permits.clone(), config).with_observer(tell).with_purge(|| ());

    // In a real program `Driver::start_system` reads, has the clock, and steps.
    let clock = ManualClock::new();
    let mut trend = Trend::new(Duration::from_secs(1));
    let mut reading = Reading::default();
    for second in 0..60 {
        let others = match second {
            10..14 => 570,
            20.. => 200 + 5 * (second - 20),
            _ => 300,
        };
        let used = ByteSize::mib(others) + cache.usage();
        reading = Reading { limit: LIMIT, used };
        control.step(&reading, clock.now());
        trend.push(clock.now(), ByteSize::mib(others));
        if second % 5 == 0 {
            println!("{second:3} s: {used} used, cache then {}", cache.usage());
        }
        clock.advance(Duration::from_secs(1));
    }
    println!("{} entries in the journal", control.journal().entries().len());
    let facts = Facts {
        usage: permits.usage(),
        labels: &[],
        verdict: trend.verdict(LIMIT),
        journal: control.journal(),
        reading,
        batches: &[],
    };
    for recommendation in recommend(&facts) {
        println!("{recommendation}");
    }

    let scan = Pixels { width: 20_000, height: 30_000, bytes_per_pixel: 3 };
    println!("a scan: {}", Plan::new(&scan, 1, 1, cache.usage()));
}
