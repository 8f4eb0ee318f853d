//! The heap, in a binary that does not install the tracking allocator.

use expect_test::expect;
use safelight_profiler::{Analysis, Profiler, Rules};

#[test]
fn p08_without_the_allocator_the_heap_is_not_measured_and_says_why() {
    let profiler = Profiler::new();
    profiler.operation("op").measure(|| drop(std::hint::black_box(vec![0_u8; 1 << 20])));
    let analysis = Analysis::new(&profiler.recording(), &Rules::default());
    assert_eq!(analysis.operations[0].sizes[0].heap, None);
    assert!(analysis.to_string().contains("heap not measured"), "{analysis}");

    let reason = profiler.heap_source().to_string();
    if cfg!(feature = "heap") {
        expect!["not measured: the binary does not install `safelight_alloc::TrackingAlloc` as its global allocator"].assert_eq(&reason);
    } else {
        expect![
            "not measured: `safelight-profiler` was built without its feature `heap`"
        ]
        .assert_eq(&reason);
    }
}
