use std::fmt;

use super::{
    arm::Arm,
    document::{ArmRow, Load, Outcome, PhaseRow},
};
use crate::status::Status;

#[cfg(test)]
mod tests;

/// Whether permits kept the server alive under a load that kills it without them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    problems: Vec<String>,
    /// What is missing for a proof.
    gaps: Vec<String>,
    facts: Vec<String>,
}

impl Verdict {
    pub(super) fn of(arms: &[ArmRow], phases: &[PhaseRow]) -> Self {
        let mut verdict = Self { problems: vec![], gaps: vec![], facts: vec![] };
        for row in arms {
            if let (Outcome::Failed, reason) = (row.outcome, &row.reason) {
                let reason = reason.as_deref().unwrap_or("no reason told");
                verdict.problems.push(format!("{} failed: {reason}", row.arm));
            }
        }
        let row = |wanted| arms.iter().find(|row| row.arm == wanted);
        let is_overload =
            |row: &&PhaseRow| row.arm == Arm::Permits && row.load == Load::Overload;
        verdict.add_permits(row(Arm::Permits), phases.iter().find(is_overload));
        verdict.add_answers(phases.iter().filter(|row| row.arm == Arm::Permits));
        verdict.add_control(row(Arm::NoPermits));
        verdict
    }

    fn add_permits(&mut self, arm: Option<&ArmRow>, overload: Option<&PhaseRow>) {
        let Some(arm) = arm else { return self.gaps.push("permits was not run".into()) };
        if arm.outcome == Outcome::Killed {
            self.problems.push("the server with permits was killed for memory".into());
        }
        let Some(PhaseRow { answers, .. }) = overload else {
            return self.gaps.push("permits was not overloaded".into());
        };
        let n_served = answers.n_served;
        if n_served == 0 {
            self.problems.push("the server with permits served nothing".into());
        }
        match answers.n_shed {
            0 => self.gaps.push("permits shed none: not overloaded enough".into()),
            n => self.facts.push(format!(
                "with permits it served {n_served}, shed {n}, and was not killed"
            )),
        }
    }

    /// Judges what must not come under any load, with permits.
    fn add_answers<'a>(&mut self, phases: impl Iterator<Item = &'a PhaseRow>) {
        let (mut n_other, mut n_broken) = (0, 0);
        for PhaseRow { answers, .. } in phases {
            n_other += answers.n_other;
            n_broken += answers.n_connection_errors;
        }
        if 0 < n_other {
            self.problems
                .push(format!("permits gave {n_other} answers of another status"));
        }
        if 0 < n_broken {
            self.problems
                .push(format!("permits broke {n_broken} connections or answers"));
        }
    }

    fn add_control(&mut self, arm: Option<&ArmRow>) {
        match arm.map(|arm| arm.outcome) {
            None => self.gaps.push("no permits was not run".into()),
            Some(Outcome::Killed) => {
                self.facts.push("without permits it was killed".into());
            }
            Some(Outcome::Stopped) => {
                self.gaps.push("the control arm survived: not overloaded enough".into());
            }
            Some(Outcome::Failed) => {}
        }
    }

    /// Whether permits held, and it is proven that they were needed.
    pub(super) fn is_passed(&self) -> bool {
        self.problems.is_empty() && self.gaps.is_empty()
    }

    pub(super) fn status(&self) -> Status {
        if !self.problems.is_empty() {
            Status::Failed
        } else if self.gaps.is_empty() {
            Status::Ok
        } else {
            Status::Inconclusive
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.problems.is_empty() {
            write!(f, "FAILED: {}", self.problems.join("; "))
        } else if self.gaps.is_empty() {
            write!(f, "PASSED: {}", self.facts.join("; "))
        } else {
            write!(f, "INCONCLUSIVE: {}", self.gaps.join("; "))
        }
    }
}
