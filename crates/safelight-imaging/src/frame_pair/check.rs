use std::fmt;

use crate::{Frame, PairCode, PairFinding, Repairs, Resolution, Severity};

/// All findings about a pair of frames, and the size that both should have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PairCheck {
    /// The size that the frames were compared with; none where there is no frame.
    pub target: Option<Resolution>,
    /// What is wrong, or worth to know, the start frame first.
    pub findings: Vec<PairFinding>,
}

impl PairCheck {
    /// Whether nothing speaks against using the pair; there may be warnings.
    pub fn is_acceptable(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity < Severity::Error)
    }

    /// Whether there is a finding of this kind about the frame.
    pub fn has(&self, frame: Frame, code: PairCode) -> bool {
        let is_it =
            |finding: &PairFinding| finding.frame == frame && finding.code == code;
        self.findings.iter().any(is_it)
    }

    /// Returns the first repair of every finding about the frame, in order.
    ///
    /// After all of them, the frame has no findings left, but for those that no change of
    /// its pixels mends: that it is missing, or unwanted.
    pub fn repairs_of(&self, frame: Frame) -> Repairs {
        let findings = self.findings.iter().filter(|finding| finding.frame == frame);
        findings.filter_map(|finding| finding.repairs.first().copied()).collect()
    }
}

impl fmt::Display for PairCheck {
    /// Prints the target and a finding a line, or "no findings".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(target) = self.target {
            write!(f, "target {target}: ")?;
        }
        if self.findings.is_empty() {
            return f.write_str("no findings");
        }
        let n_findings = self.findings.len();
        let plural = if n_findings == 1 { "" } else { "s" };
        write!(f, "{n_findings} finding{plural}")?;
        self.findings.iter().try_for_each(|finding| write!(f, "\n{finding}"))
    }
}
