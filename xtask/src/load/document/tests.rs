use expect_test::expect_file;

use super::{
    Answers, ArmRow, Document, Load, Outcome, PhaseRow, SCHEMA_VERSION, ScenarioRow,
};
use crate::{
    environment::Environment,
    load::{arm::Arm, verdict::Verdict},
};

/// The committed schema; `UPDATE_EXPECT=1 cargo test -p xtask` writes it anew.
const SCHEMA: &str = include_str!("../../../../docs/schema/load.v1.json");

/// Makes a server that ended so.
pub(in crate::load) fn arm(arm: Arm, outcome: Outcome) -> ArmRow {
    let is_killed = outcome == Outcome::Killed;
    ArmRow {
        arm,
        outcome,
        reason: (outcome == Outcome::Failed).then(|| "it fell over".to_owned()),
        peak_bytes: Some(if is_killed { 256 << 20 } else { 188 << 20 }),
        n_kills: Some(u64::from(is_killed)),
    }
}

/// Makes a time of load with so many thumbnails and so many answers to come again.
pub(in crate::load) fn phase(
    arm: Arm,
    load: Load,
    n_served: u64,
    n_shed: u64,
) -> PhaseRow {
    let answers = Answers {
        n_served,
        n_shed,
        n_not_modified: 5,
        served_per_s: Some(n_served as f64 / 20.0),
        p50_ns: Some(1_500_000),
        p99_ns: Some(2_000_000_000),
        ..Answers::default()
    };
    PhaseRow { arm, load, elapsed_ns: 20_000_000_000, answers }
}

/// Makes the document of some servers.
pub(in crate::load) fn document(arms: Vec<ArmRow>, phases: Vec<PhaseRow>) -> Document {
    let verdict = Verdict::of(&arms, &phases);
    Document {
        kind: "safelight.load".to_owned(),
        schema_version: SCHEMA_VERSION,
        created_utc: "2026-11-24T14:15:00Z".to_owned(),
        environment: Environment::read(),
        interrupted: false,
        scenario: ScenarioRow {
            limit_bytes: 256 << 20,
            n_connections: 64,
            overload_ns: 20_000_000_000,
            light_ns: 5_000_000_000,
            n_originals: 8,
            n_addresses: 3016,
            driver: "wrk 4.1.0".to_owned(),
            cgroup_version: 1,
            cgroup: "/sys/fs/cgroup/memory".to_owned(),
        },
        verdict: verdict.to_string(),
        passed: verdict.is_passed(),
        arms,
        phases,
    }
}

#[test]
fn m06_the_committed_schema_is_that_of_the_code() {
    let schema = schemars::schema_for!(Document);
    let json = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    expect_file!["../../../../docs/schema/load.v1.json"].assert_eq(&json);
}

#[test]
fn m06_a_document_follows_the_schema_and_can_be_read() {
    let unknown = ArmRow {
        peak_bytes: None,
        n_kills: None,
        ..arm(Arm::NoPermits, Outcome::Failed)
    };
    let nothing = PhaseRow {
        answers: Answers::default(),
        ..phase(Arm::NoPermits, Load::Overload, 0, 0)
    };
    let arms = vec![arm(Arm::Permits, Outcome::Stopped), unknown];
    let phases = vec![phase(Arm::Permits, Load::Light, 40, 0), nothing];
    let document = document(arms, phases);
    let value = serde_json::to_value(&document).unwrap();
    let schema = serde_json::from_str(SCHEMA).unwrap();
    jsonschema::validate(&schema, &value).expect("the document follows the schema");
    assert_eq!(serde_json::from_value::<Document>(value).unwrap(), document);
}
