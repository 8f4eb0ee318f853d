use super::{Line, Point};

/// Norris, from the Statistical Reference Datasets of NIST: y and x.
const NORRIS: [(f64, f64); 36] = [
    (0.1, 0.2),
    (338.8, 337.4),
    (118.1, 118.2),
    (888.0, 884.6),
    (9.2, 10.1),
    (228.1, 226.5),
    (668.5, 666.3),
    (998.5, 996.3),
    (449.1, 448.6),
    (778.9, 777.0),
    (559.2, 558.2),
    (0.3, 0.4),
    (0.1, 0.6),
    (778.1, 775.5),
    (668.8, 666.9),
    (339.3, 338.0),
    (448.9, 447.5),
    (10.8, 11.6),
    (557.7, 556.0),
    (228.3, 228.1),
    (998.0, 995.8),
    (888.8, 887.6),
    (119.6, 120.2),
    (0.3, 0.3),
    (0.6, 0.3),
    (557.6, 556.8),
    (339.3, 339.1),
    (888.0, 887.2),
    (998.5, 999.0),
    (778.9, 779.0),
    (10.2, 11.1),
    (117.6, 118.3),
    (228.9, 229.2),
    (668.4, 669.1),
    (449.2, 448.9),
    (0.2, 0.5),
];

#[test]
fn norris_equals_the_certified_values() {
    let points = NORRIS.map(|(y, x)| Point { x, y, weight: 1.0 });
    let line = Line::fit(&points).expect("the x differ");
    assert!((line.a - -0.262_323_073_774_029).abs() < 1e-12, "{line:?}");
    assert!((line.b - 1.002_116_818_020_45).abs() < 1e-13, "{line:?}");
    // The certified residual standard deviation, with 34 degrees of freedom.
    let deviation = (line.cost(&points) / 34.0).sqrt();
    assert!((deviation - 0.884_796_396_144_373).abs() < 1e-12, "{deviation}");
}

#[test]
fn weight_two_is_the_point_twice() {
    let point = |x: f64, y: f64, weight: f64| Point { x, y, weight };
    let heavy = [point(0.0, 1.0, 2.0), point(1.0, 2.0, 1.0), point(3.0, 9.0, 1.0)];
    let twice = [
        point(0.0, 1.0, 1.0),
        point(0.0, 1.0, 1.0),
        point(1.0, 2.0, 1.0),
        point(3.0, 9.0, 1.0),
    ];
    let (heavy, twice) = (Line::fit(&heavy).unwrap(), Line::fit(&twice).unwrap());
    assert!((heavy.a - twice.a).abs() < 1e-12 && (heavy.b - twice.b).abs() < 1e-12);
}

#[test]
fn equal_x_have_no_line() {
    let point = Point { x: 1.0, y: 2.0, weight: 1.0 };
    assert!(Line::fit(&[point; 3]).is_none());
}
