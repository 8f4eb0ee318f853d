use expect_test::expect;

use super::render;
use crate::test_oom::{
    arm::Arm,
    document::{
        Outcome, RunRow,
        tests::{document, run},
    },
};

#[test]
fn m06_the_table_shows_kills_jobs_peak_and_cache() {
    let unknown = RunRow {
        peak_bytes: None,
        cache_mean_bytes: None,
        n_begun: 0,
        ..run(Arm::Reactive, Outcome::Killed)
    };
    let runs = vec![
        run(Arm::Thresholds, Outcome::Killed),
        run(Arm::Thresholds, Outcome::Killed),
        unknown,
        run(Arm::Permits, Outcome::Finished),
        run(Arm::Permits, Outcome::Finished),
    ];
    expect![[r"
        Runs of 10 image jobs in a group of 512 MiB (control groups version 1), beside a cache of at most 307 MiB.

        | arm        | runs | killed | jobs done |      peak | cache kept | mean wait |   time |
        |------------|------|--------|-----------|-----------|------------|-----------|--------|
        | thresholds |    2 |      2 |   0 of 20 |   100.0 % |    100 MiB |    0.50 s | 8.50 s |
        | reactive   |    1 |      1 |   0 of 10 | not known |  not known | not known | 8.50 s |
        | permits    |    2 |      0 |  20 of 20 |    80.1 % |    100 MiB |    0.30 s | 8.50 s |

        PASSED: thresholds killed in 2 of 2 runs, 0 of 20 jobs done; reactive killed in 1 of 1 runs, 0 of 10 jobs done; permits killed in 0 of 2 runs, 20 of 20 jobs done
    "]]
    .assert_eq(&(render(&document(runs), true) + "\n"));
}
