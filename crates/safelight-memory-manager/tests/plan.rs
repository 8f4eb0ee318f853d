//! Batches within the memory of a GPU, and images larger than the budget.

use std::num::NonZeroUsize;

use proptest::prelude::*;
use safelight_core::ByteSize;
use safelight_memory_manager::{Batch, Pixels, Plan, Reading};

fn mib(n: u64) -> ByteSize {
    ByteSize::mib(n)
}

fn n(n: usize) -> NonZeroUsize {
    NonZeroUsize::MIN.saturating_add(n - 1)
}

fn gpu(used_mib: u64) -> Reading {
    Reading { limit: mib(10_000), used: mib(used_mib) }
}

#[test]
fn m09_the_gpu_that_is_full_cuts_its_batch_and_the_other_does_not() {
    let mut batches = [Batch::new(n(32), mib(100)), Batch::new(n(32), mib(100))];
    let advice = [batches[0].advise(&gpu(8_500), 32), batches[1].advise(&gpu(4_000), 32)];
    assert_eq!(advice, [27, 32]);
    // At the cut itself it stays; where others fill it there is room for none.
    assert_eq!(batches[0].advise(&gpu(8_000), 32), 32);
    assert_eq!(batches[0].advise(&gpu(12_000), 32), 0);
    assert_eq!(batches[0].advise(&gpu(7_700), 0), 3);
    assert_eq!(Batch::CUT.to_string(), "80 %");
}

#[test]
fn m09_a_gpu_that_cannot_be_read_changes_nothing() {
    let mut batch = Batch::new(n(32), mib(100));
    let unknown = Reading::default();
    assert_eq!([0, 20, 99].map(|n_running| batch.advise(&unknown, n_running)), [32; 3]);
    assert_eq!(batch.advise(&gpu(7_700), 0), 3);
    assert_eq!([0, 20, 99].map(|n_running| batch.advise(&unknown, n_running)), [3; 3]);
    assert_eq!(batch.advise(&gpu(12_000), 3), 0);
    assert_eq!(batch.advise(&unknown, 3), 0);
}

#[test]
fn m09_bytes_per_item_are_learned_and_a_freak_is_forgotten() {
    let mut batch = Batch::new(n(64), mib(10));
    assert_eq!(batch.advise(&gpu(7_000), 0), 64);
    batch.record(n(10), mib(1_000));
    assert_eq!((batch.per_item(), batch.advise(&gpu(7_000), 0)), (mib(100), 10));
    for _ in 0..16 {
        batch.record(n(10), mib(200));
    }
    assert_eq!((batch.per_item(), batch.advise(&gpu(7_000), 0)), (mib(20), 50));
}

#[test]
fn m10_an_image_larger_than_the_budget_is_streamed() {
    let check = |budget_mib, expected: Plan| {
        let image = Pixels { width: 1024, height: 1024, bytes_per_pixel: 8 };
        assert_eq!(Plan::new(&image, 1, 20, mib(budget_mib)), expected);
    };
    check(160, Plan::Fits { n_images: 20, bytes: mib(160) });
    check(159, Plan::Batch { n_images: 19, bytes: mib(152) });
    check(8, Plan::Batch { n_images: 1, bytes: mib(8) });
    check(7, Plan::Stream { n_rows: 896, bytes: mib(8) });
    check(0, Plan::Stream { n_rows: 0, bytes: mib(8) });
}

proptest! {
    #[test]
    fn m10_what_is_planned_is_within_the_budget(
        (width, height) in (any::<u32>(), any::<u32>()),
        bytes_per_pixel in 0u32..20,
        n_copies in 0u32..5,
        n_images in 0usize..1000,
        budget in any::<u64>(),
        shift in 0u32..64,
    ) {
        let image = Pixels { width, height, bytes_per_pixel };
        let budget = ByteSize::from_bytes(budget >> shift);
        let plan = Plan::new(&image, n_copies, n_images, budget);
        let one = image.size().saturating_mul(n_copies.max(1).into());
        match plan {
            Plan::Fits { bytes, .. } => prop_assert!(bytes <= budget),
            Plan::Batch { n_images: n, bytes } => {
                prop_assert!(0 < n && n < n_images && bytes <= budget);
                prop_assert_eq!(bytes, one.saturating_mul(n as u64));
                prop_assert!(budget < bytes + one);
            }
            Plan::Stream { n_rows, bytes } => {
                prop_assert!(n_rows < height && budget < bytes);
                prop_assert_eq!((plan.batch(), bytes), (0, one));
            }
            other => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn m09_what_is_advised_is_within_the_cut(
        used in 0u64..20_000,
        per_item in 0u64..500,
        n_running in 0usize..100,
    ) {
        let mut batch = Batch::new(n(100), mib(per_item));
        let advised = batch.advise(&gpu(used), n_running) as u64;
        let others = mib(used) - mib(per_item * n_running as u64);
        prop_assert!(advised == 0 || others + mib(per_item * advised) <= mib(8_000));
    }
}
