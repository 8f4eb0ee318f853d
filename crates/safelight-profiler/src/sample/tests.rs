use proptest::prelude::*;

use super::{Attributes, Heap, Outcome, Sample};

proptest! {
    #[test]
    fn words_hold_everything(
        operation_idx in any::<u32>(),
        outcome in prop::sample::select(vec![Outcome::Ok, Outcome::Error, Outcome::Panic]),
        (width, height, bytes_in, key) in any::<(u32, u32, u64, u64)>(),
        (wall, self_wall) in any::<(u64, u64)>(),
        cpu_ns in any::<Option<u64>>(),
        heap in any::<Option<(u64, i64, u64, u64, u64)>>(),
    ) {
        let sample = Sample {
            operation_idx,
            outcome,
            attributes: Attributes { width, height, bytes_in, key },
            wall,
            self_wall,
            cpu_ns,
            heap: heap.map(|(peak, net, allocated, n_allocations, bound)| {
                Heap { peak, net, allocated, n_allocations, bound }
            }),
        };
        prop_assert_eq!(Sample::from_words(sample.as_words()), sample);
    }
}
