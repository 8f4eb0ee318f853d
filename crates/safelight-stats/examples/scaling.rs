//! Fits how cost grows with size, and compares two versions by pairs.

use safelight_stats::{Bootstrap, Group, PowerFit, Sample};

fn main() -> Result<(), safelight_stats::InsufficientData> {
    // Milliseconds of one operation at four sizes in megapixels: 2 ms fixed, 3 ms each.
    let runs = [
        (0.25, [2.8, 2.7, 2.9, 2.75, 2.74, 3.9]),
        (1.0, [5.1, 5.0, 4.9, 5.0, 5.2, 5.0]),
        (4.0, [14.1, 13.8, 14.0, 14.4, 14.0, 21.0]),
        (16.0, [50.2, 49.7, 50.0, 50.9, 49.8, 50.1]),
    ];
    let groups: Vec<Group> =
        runs.iter().map(|(n, samples)| Group { n: *n, samples }).collect();
    let fit = PowerFit::fit(&groups, 0.95, 1)?;
    println!("t = {:.2} + {:.2} n^{:.2} ms", fit.a, fit.b, fit.k);
    println!("exponent within {:.2} and {:.2}", fit.k_interval.low, fit.k_interval.high);
    println!("at 64 megapixels: {:.0} ms", fit.predict(64.0));

    if let Some(sample) = Sample::new(&runs[2].1) {
        println!("median {} ms, {:?}", sample.median(), sample.median_interval(0.95));
    }
    let pairs: Vec<(f64, f64)> = runs[3].1.into_iter().zip(runs[3].1).collect();
    println!("against itself: {:?}", Bootstrap::new(1).median_ratio(&pairs, 0.99));
    Ok(())
}
