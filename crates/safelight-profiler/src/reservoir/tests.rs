use super::{CAPACITY, Reservoir};

fn of(values: impl IntoIterator<Item = u64>) -> Reservoir<u64> {
    let mut reservoir = Reservoir::new();
    values.into_iter().for_each(|value| reservoir.add(value));
    reservoir
}

fn mean(reservoir: &Reservoir<u64>) -> f64 {
    reservoir.kept().iter().sum::<u64>() as f64 / reservoir.kept().len() as f64
}

#[test]
fn keeps_all_while_there_is_room_and_a_fair_choice_after() {
    assert_eq!(of(0..10).kept(), (0..10).collect::<Vec<_>>());
    let many = of(0..100_000);
    assert_eq!(many.kept().len(), CAPACITY);
    // The standard error of this mean is 900.
    assert!((mean(&many) - 50_000.0).abs() < 3_600.0, "{}", mean(&many));
}

#[test]
fn merging_weighs_both_by_what_they_have_seen() {
    let mut merged = of(std::iter::repeat_n(0, 30_000));
    merged.merge(&of(std::iter::repeat_n(1, 10_000)));
    assert_eq!(merged.kept().len(), CAPACITY);
    // A quarter, with a standard error of 1.4 %.
    assert!((mean(&merged) - 0.25).abs() < 0.055, "{}", mean(&merged));
}
