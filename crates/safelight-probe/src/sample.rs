use std::time::Duration;

use safelight_core::ByteSize;

use crate::{Headroom, Limit, ProbeError, Psi, Reading};

/// What a [`Sampler`](crate::Sampler) read at one moment.
///
/// What could not be read is an error or is missing from the lists, and never 0.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sample {
    /// How much memory can still be had, by the limits below.
    ///
    /// An error only where not one limit could be read. If [`unread`](Self::unread) is not
    /// empty, a limit that is not known may leave less.
    pub headroom: Reading<Headroom>,
    /// Every limit that applies: the host's, then from the own cgroup upwards.
    pub limits: Vec<Limit>,
    /// Why further limits, or parts of them, are not known.
    pub unread: Vec<ProbeError>,
    /// How long tasks of the machine have waited for memory.
    pub host_psi: Reading<Psi>,
    /// How long tasks of the own cgroup, and of those below it, have waited for memory.
    pub cgroup_psi: Reading<Psi>,
    /// The load average over one minute, in running or waiting threads.
    ///
    /// It is read with every 16th sample; the kernel renews it every five seconds.
    pub load: Reading<f64>,
    /// The physical memory of the process now; shared pages count in full.
    pub rss: Reading<ByteSize>,
    /// The CPU time in user and system mode of all threads, ended ones included.
    pub cpu_time: Reading<Duration>,
    /// The number of threads.
    pub n_threads: Reading<usize>,
}

impl Sample {
    /// Makes one in which nothing is known yet.
    pub(crate) fn empty() -> Self {
        fn unknown<T>() -> Reading<T> {
            Err(ProbeError::unavailable("what was never sampled"))
        }
        Self {
            headroom: unknown(),
            limits: Vec::new(),
            unread: Vec::new(),
            host_psi: unknown(),
            cgroup_psi: unknown(),
            load: unknown(),
            rss: unknown(),
            cpu_time: unknown(),
            n_threads: unknown(),
        }
    }

    /// Returns all that could not be read, once each place of failure.
    pub fn errors(&self) -> impl Iterator<Item = &ProbeError> {
        let fields = [
            self.host_psi.as_ref().err(),
            self.cgroup_psi.as_ref().err(),
            self.load.as_ref().err(),
            self.rss.as_ref().err(),
            self.cpu_time.as_ref().err(),
            self.n_threads.as_ref().err(),
        ];
        self.unread.iter().chain(fields.into_iter().flatten())
    }

    /// Forgets the limits of the last sample, but not the room for them.
    pub(crate) fn clear_limits(&mut self) {
        self.limits.clear();
        self.unread.clear();
    }

    /// Draws the conclusion from the limits.
    pub(crate) fn conclude(&mut self) {
        self.headroom = Headroom::of(&self.limits).ok_or_else(|| {
            let first = self.unread.first().cloned();
            first.unwrap_or_else(|| ProbeError::unavailable("memory limit"))
        });
    }
}
