//! Published values, as far as the public API gives them.

use safelight_stats::{Bootstrap, RankInterval, Sample};

/// Efron's law school data: average test score and grade of fifteen classes.
const LAW_SCHOOL: [(f64, f64); 15] = [
    (576.0, 3.39),
    (635.0, 3.30),
    (558.0, 2.81),
    (578.0, 3.03),
    (666.0, 3.44),
    (580.0, 3.07),
    (555.0, 3.00),
    (661.0, 3.43),
    (651.0, 3.36),
    (605.0, 3.13),
    (653.0, 3.12),
    (575.0, 2.74),
    (545.0, 2.76),
    (572.0, 2.88),
    (594.0, 2.96),
];

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let x_mean = pairs.iter().map(|pair| pair.0).sum::<f64>() / n;
    let y_mean = pairs.iter().map(|pair| pair.1).sum::<f64>() / n;
    let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
        pairs.iter().map(|&(x, y)| f(x - x_mean, y - y_mean)).sum()
    };
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

#[test]
fn medians_equal_the_published_table() {
    // Ranks and coverage in percent, as in the usual tables for the median at 95 %.
    let table = [
        (6, 1, 6, 96.88),
        (7, 1, 7, 98.44),
        (8, 1, 8, 99.22),
        (9, 2, 8, 96.09),
        (10, 2, 9, 97.85),
        (11, 2, 10, 98.83),
        (12, 3, 10, 96.14),
        (15, 4, 12, 96.48),
        (20, 6, 15, 95.86),
        (25, 8, 18, 95.67),
    ];
    for (n, low, high, percent) in table {
        let ranks = RankInterval::of(n, 0.5, 0.95).unwrap();
        assert_eq!((ranks.low, ranks.high), (low, high), "n = {n}");
        assert!((ranks.coverage * 100.0 - percent).abs() < 0.006, "n = {n}: {ranks:?}");
    }
}

#[test]
fn quantiles_equal_those_of_r() {
    // quantile(c(1, 2, 4, 8, 16, 32), p, type = 7) and type = 1.
    let sample = Sample::new(&[32.0, 1.0, 16.0, 2.0, 8.0, 4.0]).unwrap();
    for (share, type_7, type_1) in [
        (0.0, 1.0, 1.0),
        (0.1, 1.5, 1.0),
        (0.25, 2.5, 2.0),
        (0.5, 6.0, 4.0),
        (0.75, 14.0, 16.0),
        (0.95, 28.0, 32.0),
        (1.0, 32.0, 32.0),
    ] {
        assert!((sample.quantile(share) - type_7).abs() < 1e-12, "{share}");
        assert_eq!(sample.nearest_rank(share).to_bits(), f64::to_bits(type_1), "{share}");
    }
}

#[test]
fn law_school_correlation_has_the_published_standard_error() {
    assert!((correlation(&LAW_SCHOOL) - 0.776).abs() < 0.0005);
    let error = Bootstrap::new(1).standard_error(&LAW_SCHOOL, correlation).unwrap();
    // Efron and Tibshirani, table 6.1: 0.132 to 0.138 from 200 to 3 200 resamples.
    assert!((0.125..0.142).contains(&error), "{error}");
}
