use std::fmt;

use super::{
    arm::Arm,
    document::{ArmRow, Outcome, RunRow, summaries},
};

#[cfg(test)]
mod tests;

/// So many runs without a kill of the arm that should be killed prove nothing.
const ENOUGH_RUNS: u64 = 3;

/// Whether permits kept the program alive where it is killed without them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    problems: Vec<String>,
    counts: Vec<String>,
}

impl Verdict {
    pub(super) fn of(runs: &[RunRow]) -> Self {
        let arms = summaries(runs);
        let counts = arms.iter().map(count).collect();
        let mut problems: Vec<String> = arms.iter().filter_map(problem).collect();
        let failed = runs.iter().filter(|run| run.outcome == Outcome::Failed);
        problems.extend(failed.map(|run| {
            let reason = run.reason.as_deref().unwrap_or("no reason told");
            format!("{} failed with seed {}: {reason}", run.arm, run.seed)
        }));
        if runs.is_empty() {
            problems.push("no run came to its end".to_owned());
        }
        Self { problems, counts }
    }

    pub(super) fn is_passed(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Says what must not be of an arm.
fn problem(arm: &ArmRow) -> Option<String> {
    let ArmRow { n_runs, n_killed, n_done, n_jobs, .. } = *arm;
    match arm.arm {
        Arm::Permits if 0 < n_killed => {
            Some(format!("permits was killed in {n_killed} of {n_runs} runs"))
        }
        Arm::Permits if n_done < n_jobs => {
            Some(format!("permits did {n_done} of {n_jobs} jobs"))
        }
        Arm::Thresholds if n_killed == 0 && ENOUGH_RUNS <= n_runs => Some(format!(
            "thresholds was never killed in {n_runs} runs, so the scenario proves nothing here"
        )),
        _ => None,
    }
}

fn count(arm: &ArmRow) -> String {
    let ArmRow { n_runs, n_killed, n_done, n_jobs, .. } = arm;
    let name = arm.arm;
    format!(
        "{name} killed in {n_killed} of {n_runs} runs, {n_done} of {n_jobs} jobs done"
    )
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_passed() {
            return write!(f, "PASSED: {}", self.counts.join("; "));
        }
        write!(f, "FAILED: {}", self.problems.join("; "))
    }
}
