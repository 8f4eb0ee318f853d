use std::time::Duration;

use safelight_core::Share;

/// How long tasks have waited for memory so far: the kernel's pressure stall information.
///
/// The totals only grow; what counts is how much between two readings.
/// Without swap they say little about anonymous memory, which cannot be waited for.
///
/// ```
/// use std::time::Duration;
///
/// use safelight_probe::Psi;
///
/// let earlier = Psi::new(Duration::from_millis(100), Duration::ZERO);
/// let later = Psi::new(Duration::from_millis(125), Duration::from_millis(5));
/// let stall = later.since(&earlier, Duration::from_millis(100)).expect("time has passed");
/// assert_eq!(stall.some.to_string(), "25 %");
/// assert_eq!(stall.full.to_string(), "5 %");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Psi {
    some: Duration,
    full: Duration,
    /// Which file they are of; a process may move from one cgroup to another.
    source: u32,
}

impl Psi {
    /// Makes a reading from its two totals.
    pub fn new(some: Duration, full: Duration) -> Self {
        Self { some, full, source: 0 }
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn with_source(self, source: u32) -> Self {
        Self { source, ..self }
    }

    /// Returns the time in which at least one task waited.
    pub fn some(&self) -> Duration {
        self.some
    }

    /// Returns the time in which all tasks that were not idle waited.
    pub fn full(&self) -> Duration {
        self.full
    }

    /// Returns the shares of the time since an earlier reading, which is `elapsed`.
    ///
    /// `None` where no time has passed, or where the two are not of the same counters,
    /// because the process has moved to another cgroup or a total went back.
    pub fn since(&self, earlier: &Self, elapsed: Duration) -> Option<Stall> {
        if elapsed.is_zero() || self.source != earlier.source {
            return None;
        }
        let share = |later: Duration, earlier| {
            let waited = later.checked_sub(earlier)?;
            Some(Share::of(waited.as_secs_f64(), elapsed.as_secs_f64()))
        };
        Some(Stall {
            some: share(self.some, earlier.some)?,
            full: share(self.full, earlier.full)?,
        })
    }

    /// Reads two lines like `some avg10=0.00 avg60=0.00 avg300=0.00 total=42`.
    #[cfg(target_os = "linux")]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let total = |name| {
            let mut lines = text.split('\n');
            let line = lines.find_map(|line| line.strip_prefix(name))?;
            let (before, total) = line.rsplit_once('=')?;
            let total = crate::procfs::number(total)?;
            before.ends_with(" total").then_some(Duration::from_micros(total))
        };
        Some(Self::new(total("some")?, total("full")?))
    }
}

/// The shares of a time in which tasks waited for memory.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Stall {
    /// At least one task waited.
    pub some: Share,
    /// All tasks that were not idle waited.
    pub full: Share,
}
