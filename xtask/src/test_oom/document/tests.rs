use expect_test::expect_file;

use super::{Document, Outcome, RunRow, SCHEMA_VERSION, ScenarioRow, summaries};
use crate::{
    environment::Environment,
    test_oom::{arm::Arm, verdict::Verdict},
};

/// The committed schema; `UPDATE_EXPECT=1 cargo test -p xtask` writes it anew.
const SCHEMA: &str = include_str!("../../../../docs/schema/test_oom.v1.json");

/// Makes a run of ten jobs that ended so.
pub(in crate::test_oom) fn run(arm: Arm, outcome: Outcome) -> RunRow {
    let is_finished = outcome == Outcome::Finished;
    RunRow {
        arm,
        seed: 1,
        outcome,
        reason: (outcome == Outcome::Failed).then(|| "it fell over".to_owned()),
        n_jobs: 10,
        n_begun: if is_finished { 10 } else { 6 },
        n_done: if is_finished { 10 } else { 0 },
        waited_ns: 3_000_000_000,
        cache_mean_bytes: Some(100 << 20),
        peak_ratio: is_finished.then_some(1.01),
        peak_bytes: Some(if is_finished { 410 << 20 } else { 512 << 20 }),
        n_kills: Some(u64::from(outcome == Outcome::Killed)),
        elapsed_ns: 8_500_000_000,
    }
}

/// Makes the document of some runs.
pub(in crate::test_oom) fn document(runs: Vec<RunRow>) -> Document {
    let verdict = Verdict::of(&runs);
    Document {
        kind: "safelight.test_oom".to_owned(),
        schema_version: SCHEMA_VERSION,
        created_utc: "2026-11-23T14:15:00Z".to_owned(),
        environment: Environment::read(),
        interrupted: false,
        scenario: ScenarioRow {
            limit_bytes: 512 << 20,
            cache_limit_bytes: 307 << 20,
            usable_share: 0.8,
            n_jobs: 10,
            seed: 1,
            cgroup_version: 1,
            cgroup: "/sys/fs/cgroup/memory".to_owned(),
        },
        arms: summaries(&runs),
        verdict: verdict.to_string(),
        passed: verdict.is_passed(),
        runs,
    }
}

#[test]
fn m06_the_committed_schema_is_that_of_the_code() {
    let schema = schemars::schema_for!(Document);
    let json = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    expect_file!["../../../../docs/schema/test_oom.v1.json"].assert_eq(&json);
}

#[test]
fn m06_a_document_follows_the_schema_and_can_be_read() {
    let unknown = RunRow {
        cache_mean_bytes: None,
        peak_bytes: None,
        n_kills: None,
        ..run(Arm::Reactive, Outcome::Failed)
    };
    let document = document(vec![run(Arm::Permits, Outcome::Finished), unknown]);
    let value = serde_json::to_value(&document).unwrap();
    let schema = serde_json::from_str(SCHEMA).unwrap();
    jsonschema::validate(&schema, &value).expect("the document follows the schema");
    assert_eq!(serde_json::from_value::<Document>(value).unwrap(), document);
}

#[test]
fn m06_what_no_run_knows_is_not_zero() {
    let unknown = RunRow {
        cache_mean_bytes: None,
        peak_bytes: None,
        n_begun: 0,
        waited_ns: 0,
        ..run(Arm::Reactive, Outcome::Failed)
    };
    let arms = summaries(&[unknown, run(Arm::Permits, Outcome::Finished)]);
    let [reactive, permits] = arms.as_slice() else { panic!("two arms were run") };
    assert_eq!(
        (reactive.peak_bytes, reactive.cache_mean_bytes, reactive.wait_mean_ns),
        (None, None, None)
    );
    assert_eq!(permits.wait_mean_ns, Some(300_000_000));
}
