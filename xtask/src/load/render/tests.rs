use expect_test::expect;

use super::{Form, render};
use crate::load::{
    arm::Arm,
    document::{
        Answers, ArmRow, Load, Outcome, PhaseRow,
        tests::{arm, document, phase},
    },
};

#[test]
fn m06_the_tables_say_what_was_answered_and_how_it_ended() {
    let unknown = ArmRow {
        peak_bytes: None,
        n_kills: None,
        ..arm(Arm::NoPermits, Outcome::Failed)
    };
    let nothing = PhaseRow {
        answers: Answers::default(),
        elapsed_ns: 350_000_000,
        ..phase(Arm::NoPermits, Load::Overload, 0, 0)
    };
    let phases = vec![
        phase(Arm::Permits, Load::Light, 150, 0),
        phase(Arm::Permits, Load::Overload, 240, 5000),
        nothing,
    ];
    let document = document(vec![arm(Arm::Permits, Outcome::Stopped), unknown], phases);
    expect![[r"
        A server in a group of 256 MiB, asked by wrk 4.1.0 for 3016 thumbnails of 8 originals.
        p50 and p99 are of all answers, those of 503 included.

        | arm        | load       |     time | 200 | 304 |  503 | other | broken | 200 a second |       p50 |       p99 |
        |------------|------------|----------|-----|-----|------|-------|--------|--------------|-----------|-----------|
        | permits    | 1 at once  |  20.00 s | 150 |   5 |    0 |     0 |      0 |          7.5 |    1.5 ms |    2.00 s |
        | permits    | 64 at once |  20.00 s | 240 |   5 | 5000 |     0 |      0 |         12.0 |    1.5 ms |    2.00 s |
        | no permits | 64 at once | 350.0 ms |   0 |   0 |    0 |     0 |      0 |    not known | not known | not known |

        | arm        | end                  |      peak |     kills |
        |------------|----------------------|-----------|-----------|
        | permits    | stopped when told to |    73.4 % |         0 |
        | no permits | failed               | not known | not known |

        FAILED: no permits failed: it fell over"]].assert_eq(&render(&document, Form::Markdown));
}
