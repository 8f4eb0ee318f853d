//! Work that asks before it allocates: a cache makes room, others wait for their turn.
//!
//! `cargo run --release -p safelight-memory-manager --example permits`

use std::{
    error::Error,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use safelight_core::{ByteSize, Consumer, Traits};
use safelight_memory_manager::Permits;

/// Previews of 1 MiB each, of which the oldest go.
#[derive(Default)]
struct Previews(Mutex<Vec<Vec<u8>>>);

impl Previews {
    fn fill(&self, n: usize) {
        self.lock().resize_with(n, || vec![7; 1 << 20]);
    }

    fn drop_down_to(&self, bytes: ByteSize) {
        let n_kept = (bytes.bytes() >> 20) as usize;
        let mut previews = self.lock();
        let n_gone = previews.len().saturating_sub(n_kept);
        previews.drain(..n_gone);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Consumer for Previews {
    fn usage(&self) -> ByteSize {
        self.lock().iter().map(|preview| ByteSize::from_len(preview.capacity())).sum()
    }

    fn set_budget(&self, budget: ByteSize) {
        println!("  previews may hold {budget}");
        self.drop_down_to(budget);
    }

    fn reclaim(&self, wanted: ByteSize) -> ByteSize {
        let before = self.usage();
        self.drop_down_to(before - wanted);
        before - self.usage()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let permits = Permits::new(ByteSize::mib(64));
    let previews = Arc::new(Previews::default());
    let traits = Traits { floor: ByteSize::mib(4), ..Traits::default() };
    println!("register, with 40 MiB configured and a floor of 4 MiB, which comes first:");
    let registration = permits.register(Arc::clone(&previews), traits, ByteSize::mib(40));
    previews.fill(40);
    println!("  {}", permits.usage());

    println!("decode, which says 30 MiB and takes 36 MiB:");
    let decode = permits.reserve("decode", ByteSize::mib(30), Duration::MAX)?;
    decode.record_actual(ByteSize::mib(36));
    println!("  {}; {} of previews left", permits.usage(), previews.usage());

    println!("four more, each charged what the first one took, as soon as it fits:");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let permit = permits.reserve("decode", ByteSize::mib(30), Duration::MAX);
                let permit = permit.map(|permit| permit.bytes().to_string());
                println!(
                    "  granted {}",
                    permit.unwrap_or_else(|error| error.to_string())
                );
            });
        }
        drop(decode);
    });

    println!("what does not fit:");
    for (label, mib) in [("panorama", 100), ("decode", 60)] {
        let _busy = permits.try_reserve("resize", ByteSize::mib(10))?;
        match permits.try_reserve(label, ByteSize::mib(mib)) {
            Ok(permit) => println!("  {permit:?}"),
            Err(error) => println!("  {error}"),
        }
    }

    println!("the work is done, so previews may come back:");
    permits.set_budgets(ByteSize::MAX);
    println!("  {}; budget {}", permits.usage(), registration.budget());
    Ok(())
}
