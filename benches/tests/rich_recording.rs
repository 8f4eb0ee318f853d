//! The formula of rich that the time left is compared with, held to recordings of rich.
//!
//! `record_rich.py` says how they were made.

use safelight_benches::progress::rich::Rich;
use serde::Deserialize;

#[derive(Deserialize)]
struct Recording {
    rich: String,
    period: f64,
    jobs: Vec<Job>,
}

#[derive(Deserialize)]
struct Job {
    name: String,
    total: u64,
    /// The moment, how many were advanced then, and what is left, in seconds.
    rows: Vec<(f64, Option<u64>, Option<f64>)>,
}

#[test]
fn the_formula_says_what_rich_said_at_every_row() {
    let recording = include_str!("data/rich_eta.json");
    let recording: Recording = serde_json::from_str(recording).unwrap();
    assert!(recording.period.to_bits() == Rich::PERIOD.to_bits());
    let (mut n_rows, mut n_known) = (0, 0);
    for job in &recording.jobs {
        let mut rich = Rich::new(job.total);
        for &(at, n, left) in &job.rows {
            if let Some(n) = n {
                rich.advance(at, n);
            }
            assert_eq!(rich.left(), left, "{} at {at} s", job.name);
            n_rows += 1;
            n_known += u32::from(left.is_some());
        }
    }
    println!("rich {}: {n_rows} rows, {n_known} of them say something", recording.rich);
    assert_eq!((recording.jobs.len(), n_rows), (6, 1781));
    assert!(1700 < n_known && n_known < n_rows, "{n_known}");
}
