use super::Rng;

#[test]
fn first_numbers_are_those_of_the_reference() {
    // From the authors' C code with the state 1, 2, 3, 4.
    let mut rng = Rng { state: [1, 2, 3, 4] };
    let drawn: [u64; 3] = std::array::from_fn(|_| rng.next_u64());
    assert_eq!(drawn, [41_943_041, 58_720_359, 3_588_806_011_781_223]);
}

#[test]
fn indices_are_even() {
    let mut rng = Rng::new(7);
    let mut counts = [0_u32; 6];
    for _ in 0..60_000 {
        counts[rng.index(6)] += 1;
    }
    assert!(counts.iter().all(|count| count.abs_diff(10_000) < 400), "{counts:?}");
}
