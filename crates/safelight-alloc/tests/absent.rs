//! Without the allocator installed everything runs and reads zero.

use std::{hint::black_box, thread};

use safelight_alloc::{ProcessHeap, Scope, Span, Usage, is_installed, process};

#[test]
fn p08_absent_allocator_is_told_from_a_quiet_one() {
    assert!(!is_installed());
    let scope = Scope::new();
    for _ in 0..3 {
        let worker = {
            let scope = scope.clone();
            thread::spawn(move || {
                Span::measure(|| scope.enter(|| drop(black_box(vec![0_u8; 1 << 20]))))
            })
        };
        let ((), usage) = worker.join().unwrap();
        assert_eq!(usage, Usage::default());
    }
    assert_eq!(scope.usage().allocations, 0);
    assert_eq!(process(), ProcessHeap::default());
}
