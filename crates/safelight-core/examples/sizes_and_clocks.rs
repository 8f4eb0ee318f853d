//! Reads a size, and measures a step with a clock that a test could replace.

use safelight_core::{ByteSize, Clock, SystemClock};

fn time_it(clock: &dyn Clock, work: impl FnOnce()) -> std::time::Duration {
    let start = clock.now();
    work();
    clock.now() - start
}

fn main() -> Result<(), safelight_core::ParseByteSizeError> {
    let limit: ByteSize = "64 MiB".parse()?;
    let elapsed = time_it(&SystemClock, || {
        std::hint::black_box(vec![0_u8; limit.bytes() as usize]);
    });
    println!("a buffer of {limit} took {elapsed:?}");
    Ok(())
}
