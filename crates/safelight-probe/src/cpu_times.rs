use safelight_core::Share;

use crate::{Reading, system};

#[cfg(test)]
mod tests;

/// The CPU times of the whole machine since boot, summed over its cores.
///
/// Only their shares mean something: the unit is the kernel's tick.
///
/// ```
/// use safelight_probe::CpuTimes;
///
/// if let (Ok(before), Ok(after)) = (CpuTimes::read(), CpuTimes::read()) {
///     println!("stolen since: {:?}", after.steal_since(&before));
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuTimes {
    /// All ticks but those of guests, which are in the user's.
    pub(crate) total: u64,
    /// Ticks in which nothing was to do, waiting for I/O included.
    pub(crate) idle: u64,
    /// Ticks in which the hypervisor ran someone else.
    pub(crate) steal: u64,
}

impl CpuTimes {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// When the platform is not Linux, or its file cannot be read.
    pub fn read() -> Reading<Self> {
        system::cpu_times()
    }

    /// Returns the share since boot in which the hypervisor ran someone else.
    pub fn steal(&self) -> Share {
        Share::of(self.steal as f64, self.total as f64)
    }

    /// Returns that share since an earlier reading; `None` where no tick has passed.
    pub fn steal_since(&self, earlier: &Self) -> Option<Share> {
        self.share_since(earlier, |times| times.steal)
    }

    /// Returns the busy share of all cores since an earlier reading, stolen time included.
    ///
    /// `None` where no tick has passed.
    pub fn busy_since(&self, earlier: &Self) -> Option<Share> {
        self.share_since(earlier, |times| times.total - times.idle)
    }

    fn share_since(&self, earlier: &Self, part: impl Fn(&Self) -> u64) -> Option<Share> {
        // Single counters may step back a little, such as the wait for I/O.
        let total = self.total.saturating_sub(earlier.total);
        let part = part(self).saturating_sub(part(earlier));
        (0 < total).then(|| Share::of(part as f64, total as f64))
    }
}
