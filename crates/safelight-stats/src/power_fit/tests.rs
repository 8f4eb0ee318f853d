use std::thread;

use proptest::prelude::*;

use super::{Group, Intercept, PowerFit, Profile, Rng};

/// `DanWood`, from the Statistical Reference Datasets of NIST: y and x.
const DAN_WOOD: [(f64, f64); 6] = [
    (2.138, 1.309),
    (3.421, 1.471),
    (3.597, 1.490),
    (4.340, 1.565),
    (4.882, 1.611),
    (5.660, 1.680),
];

/// Makes runs of `a + b·n^k` with 5 % noise, of which one in fourteen is up to 3x slower.
fn noisy(n: f64, cost: f64, runs: usize, rng: &mut Rng) -> (f64, Vec<f64>) {
    let mut run = || {
        let slow = if rng.unit() < 0.07 { 1.0 + 2.0 * rng.unit() } else { 1.0 };
        cost * slow * (1.0 + 0.05 * rng.normal())
    };
    (n, (0..runs).map(|_| run()).collect())
}

fn groups(data: &[(f64, Vec<f64>)]) -> Vec<Group<'_>> {
    data.iter().map(|(n, samples)| Group { n: *n, samples }).collect()
}

/// Fits exact costs at the usual sizes.
fn fit_exact(cost: impl Fn(f64) -> f64) -> PowerFit {
    let data = [512.0_f64, 1024.0, 2048.0, 4096.0].map(|side| {
        let n = side * side;
        (n, vec![cost(n); 5])
    });
    PowerFit::fit(&groups(&data), 0.95, 1).expect("four sizes are enough")
}

#[test]
fn p05_linear_cost_with_a_fixed_part_has_exponent_one() {
    for fixed in [0.0, 1e-3, 0.1, 1.0] {
        let fit = fit_exact(|n| fixed + 1e-8 * n);
        assert!((fit.k - 1.0).abs() < 0.001, "fixed {fixed}: {fit:?}");
        assert!((fit.a - fixed).abs() < 1e-3 * (fixed + 1e-2), "fixed {fixed}: {fit:?}");
        assert!(fit.k_interval.contains(1.0) || fit.k_interval.width() < 0.001);
        assert!(fit.misfit < 1e-4, "{fit:?}");
    }
}

#[test]
fn p05_quadratic_cost_has_exponent_two() {
    let fit = fit_exact(|n| 0.05 + 1e-14 * n * n);
    assert!((fit.k - 2.0).abs() < 0.001, "{fit:?}");
    assert!(fit.k_interval.clears(1.9), "{fit:?}");
    let side: f64 = 8192.0;
    let expected = 0.05 + 1e-14 * side.powi(4);
    assert!((fit.predict(side * side) / expected - 1.0).abs() < 0.01);
}

#[test]
fn p05_noisy_exponents_are_within_the_stated_error() {
    let mut rng = Rng::new(11);
    for (k, allowed) in [(1.0, 0.1), (2.0, 0.15)] {
        for fixed in [0.0, 0.5, 3.0] {
            let data = [512.0_f64, 1024.0, 2048.0, 4096.0].map(|side| {
                let n = side * side;
                noisy(n, (fixed * 1e6_f64.powf(k) + n.powf(k)) * 1e-9, 25, &mut rng)
            });
            let fit = PowerFit::fit(&groups(&data), 0.95, 1).unwrap();
            assert!((fit.k - k).abs() < allowed, "fixed {fixed}: {fit:?}");
        }
    }
}

#[test]
fn p05_two_sizes_are_insufficient() {
    let runs = [1.0; 9];
    let two = [1.0, 2.0, 1.0, 2.0].map(|n| Group { n, samples: &runs });
    let error = PowerFit::fit(&two, 0.95, 1).unwrap_err();
    assert_eq!(error.sizes(), 2);
    assert!(error.to_string().starts_with("insufficient data: 2 of at least 3 sizes"));
    let few = [1.0; 4];
    let three = [Group { n: 3.0, samples: &few }, two[0], two[1]];
    assert_eq!(PowerFit::fit(&three, 0.95, 1).unwrap_err().sizes(), 2);
    let bad = [f64::NAN, f64::INFINITY, 0.0, -1.0, 1.0];
    let unusable = [Group { n: 3.0, samples: &bad }, Group { n: -1.0, samples: &runs }];
    assert_eq!(PowerFit::fit(&unusable, 0.95, 1).unwrap_err().sizes(), 0);
}

#[test]
fn flat_cost_is_not_taken_for_growth() {
    let fit = fit_exact(|_| 3.0);
    assert!(fit.k.abs() < 1e-9 && (fit.predict(1e6) - 3.0).abs() < 1e-9, "{fit:?}");
    let mut rng = Rng::new(5);
    let data = [1.0, 2.0, 4.0, 8.0].map(|n| noisy(n, 3.0, 15, &mut rng));
    let fit = PowerFit::fit(&groups(&data), 0.95, 1).unwrap();
    assert!(!fit.k_interval.clears(1.0), "{fit:?}");
}

#[test]
fn other_shapes_show_as_misfit() {
    // A step between the caches is no power law.
    let fit = fit_exact(|n| if n < 3e6 { 1e-9 * n } else { 3e-9 * n });
    assert!(0.05 < fit.misfit, "{fit:?}");
}

#[test]
fn dan_wood_equals_the_certified_values() {
    let profile = Profile::new(DAN_WOOD.iter().map(|(_, x)| *x));
    let costs = DAN_WOOD.map(|(y, _)| y);
    let curve = profile.fit(&costs, |_| 1.0, Intercept::Zero);
    let b = curve.b / profile.unit().powf(curve.k);
    assert!((b - 0.768_862_261_76).abs() < 1e-5, "{b}");
    assert!((curve.k - 3.860_405_587_1).abs() < 1e-5, "{curve:?}");
}

/// Counts how often the 95 % interval holds the truth, for linear costs with a fixed part.
fn covered(sides: &[f64], fixed: f64, simulations: u64) -> u64 {
    let mut rng = Rng::new(sides.len() as u64 + fixed.to_bits());
    (0..simulations)
        .map(|seed| {
            let data: Vec<_> = (sides.iter())
                .map(|side| noisy(side * side, fixed * 1e6 + side * side, 15, &mut rng))
                .collect();
            let fit = PowerFit::fit_with_resamples(&groups(&data), 0.95, seed, 299);
            u64::from(fit.expect("the sizes are enough").k_interval.contains(1.0))
        })
        .sum()
}

#[test]
fn intervals_cover_the_truth() {
    const SIMULATIONS: u64 = 140;
    let four = &[512.0, 1024.0, 2048.0, 4096.0][..];
    let five = &[512.0, 1024.0, 1536.0, 2048.0, 4096.0][..];
    let cases = [four, five].map(|sides| [0.0, 0.5, 5.0].map(|fixed| (sides, fixed)));
    let hits: Vec<u64> = thread::scope(|threads| {
        let workers: Vec<_> = (cases.iter().flatten())
            .map(|&(sides, fixed)| {
                threads.spawn(move || covered(sides, fixed, SIMULATIONS))
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let total: u64 = hits.iter().sum();
    println!("covered {total} of {}: {hits:?}", 6 * SIMULATIONS);
    assert!(93 * 6 * SIMULATIONS <= 100 * total, "{hits:?} of {SIMULATIONS} each");
    // Each case by itself, with room for chance.
    assert!(hits.iter().all(|&hit| 90 * SIMULATIONS <= 100 * hit), "{hits:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn exact_curves_are_found_in_any_unit(
        k in 0.3..3.5_f64,
        fixed in 0.0..2.0_f64,
        unit in 1e-9..1e9_f64,
        size in 1e-3..1e9_f64,
    ) {
        let data = [1.0, 2.0, 4.0, 8.0, 16.0]
            .map(|n: f64| (n * size, vec![unit * (fixed + n.powf(k)); 5]));
        let fit = PowerFit::fit_with_resamples(&groups(&data), 0.95, 1, 9).unwrap();
        prop_assert!((fit.k - k).abs() < 0.01, "{:?}", fit);
        for (n, costs) in &data {
            prop_assert!((fit.predict(*n) / costs[0] - 1.0).abs() < 1e-3, "{:?}", fit);
        }
        prop_assert!(fit.k_interval.contains(fit.k));
    }

    #[test]
    fn any_costs_give_finite_answers(
        costs in prop::collection::vec(1e-6..1e6_f64, 15),
        seed: u64,
    ) {
        let data: Vec<_> =
            costs.chunks(5).zip([1.0, 3.0, 4.0]).map(|(costs, n)| (n, costs.to_vec())).collect();
        let fit = PowerFit::fit_with_resamples(&groups(&data), 0.95, seed, 49).unwrap();
        prop_assert!(0.0 <= fit.a && 0.0 <= fit.b && (0.0..=4.0).contains(&fit.k));
        prop_assert!(fit.k_interval.contains(fit.k), "{:?}", fit);
        prop_assert!(fit.predict(2.0).is_finite() && fit.misfit.is_finite());
    }
}
