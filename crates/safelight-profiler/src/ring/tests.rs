use super::{CAPACITY, Ring};
use crate::sample::Sample;

fn sample(wall: u64) -> Sample {
    Sample { wall, ..Sample::default() }
}

#[test]
fn gives_back_samples_in_order_across_the_wrap() {
    let ring = Ring::new();
    let mut taken = Vec::new();
    for round in 0..5 * CAPACITY as u64 {
        ring.push(&sample(2 * round));
        ring.push(&sample(2 * round + 1));
        ring.drain(|sample| taken.push(sample.wall));
    }
    assert!(taken.iter().copied().eq(0..10 * CAPACITY as u64));
}

#[test]
fn counts_what_is_free() {
    let ring = Ring::new();
    assert_eq!(ring.n_free(), CAPACITY);
    for wall in 0..CAPACITY as u64 {
        ring.push(&sample(wall));
    }
    assert_eq!(ring.n_free(), 0);
    ring.drain(|_| ());
    assert_eq!(ring.n_free(), CAPACITY);
}
