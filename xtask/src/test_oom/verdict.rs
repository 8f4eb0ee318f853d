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
    /// What is missing for a proof.
    gaps: Vec<String>,
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
        let gaps = gaps(&arms);
        Self { problems, gaps, counts }
    }

    /// Whether permits held, and it is proven that they were needed.
    pub(super) fn is_passed(&self) -> bool {
        self.problems.is_empty() && self.gaps.is_empty()
    }

    /// Whether something is as it must not be.
    pub(super) fn is_failed(&self) -> bool {
        !self.problems.is_empty()
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

/// Says what is missing for a proof.
fn gaps(arms: &[ArmRow]) -> Vec<String> {
    let row = |wanted| arms.iter().find(|row| row.arm == wanted);
    let permits = row(Arm::Permits).is_none().then(|| "permits was not run".to_owned());
    let thresholds = match row(Arm::Thresholds) {
        None => Some("thresholds was not run".to_owned()),
        Some(row) if row.n_killed == 0 => {
            Some(format!("thresholds was not killed in {} runs", row.n_runs))
        }
        Some(_) => None,
    };
    permits.into_iter().chain(thresholds).collect()
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
        let counts = self.counts.join("; ");
        if self.is_failed() {
            return write!(f, "FAILED: {}", self.problems.join("; "));
        }
        if self.is_passed() {
            return write!(f, "PASSED: {counts}");
        }
        write!(f, "INCOMPLETE: {}", self.gaps.join("; "))?;
        if counts.is_empty() { Ok(()) } else { write!(f, " ({counts})") }
    }
}
