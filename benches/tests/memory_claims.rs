//! What the memory manager claims of its budgets and of its verdicts on leaks.

use safelight_benches::{
    half_hour::{AVAILABLE, HEADROOM, ONLY_CUTS},
    leak::KINDS,
};

#[test]
fn m07_half_an_hour_keeps_more_and_is_less_often_above_the_line() {
    let [only_cuts, headroom, available] =
        [ONLY_CUTS, HEADROOM, AVAILABLE].map(|controller| controller.run(1..11));
    println!("{only_cuts:?}\n{headroom:?}\n{available:?}");
    assert!(2.5 * only_cuts.cache_mib <= headroom.cache_mib);
    assert!(5.0 * headroom.seconds_above_85 <= only_cuts.seconds_above_85);
    assert!(5.0 * available.seconds_above_85 <= only_cuts.seconds_above_85);
}

#[test]
fn m08_leaks_are_found_and_steps_are_not_called_leaks() {
    for kind in KINDS {
        let rates = kind.rates(300);
        println!("{}: {rates:?}", kind.name);
        if kind.is_leak {
            assert!(0.95 <= rates.ours, "{}: {rates:?}", kind.name);
        } else {
            assert!(rates.ours <= 0.06, "{}: {rates:?}", kind.name);
        }
    }
}
