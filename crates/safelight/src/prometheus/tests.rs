use expect_test::expect;
use proptest::prelude::*;

use super::exposition;
use crate::figures::{Family, Kind, Sample, Value};

fn family(kind: Kind, samples: Vec<Sample>) -> Family {
    Family { name: "safelight_shots", help: "What was shot.", kind, samples }
}

fn sample(labels: &[(&'static str, &str)], value: Value) -> Sample {
    let labels = labels.iter().map(|(name, value)| (*name, (*value).to_owned()));
    Sample { suffix: "", labels: labels.collect(), value }
}

#[test]
fn the_text_is_as_the_format_wants_it() {
    let quantile = [("operation", "blur"), ("quantile", "0.5")];
    let count = Sample { suffix: "_count", ..sample(&[], Value::Count(u64::MAX)) };
    let families = [
        family(Kind::Summary, vec![sample(&quantile, Value::Number(0.000_125)), count]),
        family(
            Kind::Gauge,
            vec![
                sample(&[("tracker", "a \"b\"\\c\nd")], Value::Count(0)),
                sample(&[("tracker", "e")], Value::Number(f64::INFINITY)),
                sample(&[("tracker", "f")], Value::Number(f64::NAN)),
                sample(&[("tracker", "g")], Value::Number(1e-9)),
            ],
        ),
    ];
    expect![[r#"
        # HELP safelight_shots What was shot.
        # TYPE safelight_shots summary
        safelight_shots{operation="blur",quantile="0.5"} 0.000125
        safelight_shots_count 18446744073709551615
        # HELP safelight_shots What was shot.
        # TYPE safelight_shots gauge
        safelight_shots{tracker="a \"b\"\\c\nd"} 0
        safelight_shots{tracker="e"} +Inf
        safelight_shots{tracker="f"} NaN
        safelight_shots{tracker="g"} 0.000000001
    "#]]
    .assert_eq(&exposition(&families));
}

/// Reads the value of the only label of a line, by the rules of the format.
fn label_of(line: &str) -> Option<String> {
    let mut value = String::new();
    let mut rest = line.strip_prefix("safelight_shots{tracker=\"")?.chars();
    loop {
        match rest.next()? {
            '"' => return (rest.as_str() == "} 1").then_some(value),
            '\\' => value.push(match rest.next()? {
                'n' => '\n',
                same @ ('\\' | '"') => same,
                _ => return None,
            }),
            other => value.push(other),
        }
    }
}

proptest! {
    #[test]
    fn any_name_stays_within_its_quotes(name in any::<String>(), extra in r#"[\\"\n]{0,4}"#) {
        let name = name + &extra;
        let one = sample(&[("tracker", &name)], Value::Count(1));
        let text = exposition(&[family(Kind::Counter, vec![one])]);
        let lines: Vec<&str> = text.split('\n').collect();
        prop_assert_eq!(lines.len(), 4);
        prop_assert_eq!(label_of(lines[2]), Some(name));
    }
}
