use std::path::Path;

use safelight_core::ByteSize;

use crate::{
    Binding, Limit, ProbeError, Psi, Sample,
    cgroup::Groups,
    kept_file::{KeptFile, Reader},
    procfs::{number, parse_load, size_field},
    thread_cpu,
};

/// Every so many samples it looks for what had failed or has moved.
pub(super) const SAMPLES_PER_REFRESH: u8 = 16;

/// The kept files of a sampler.
#[derive(Debug)]
pub(crate) struct Source {
    reader: Reader,
    meminfo: KeptFile,
    loadavg: KeptFile,
    statm: KeptFile,
    tasks: KeptFile,
    pressure: KeptFile,
    groups: Groups,
    /// How many follow before it looks again.
    samples_left: u8,
}

impl Source {
    pub(crate) fn open() -> Self {
        Self::open_under(Path::new("/"))
    }

    pub(crate) fn open_under(root: &Path) -> Self {
        let mut reader = Reader::new();
        let file = |path| KeptFile::at(root.join(path));
        Self {
            meminfo: file("proc/meminfo"),
            loadavg: file("proc/loadavg"),
            statm: file("proc/self/statm"),
            tasks: file("proc/self/task"),
            pressure: file("proc/pressure/memory"),
            groups: Groups::find(root, &mut reader),
            reader,
            samples_left: 0,
        }
    }

    pub(crate) fn read_into(&mut self, sample: &mut Sample) {
        match self.samples_left.checked_sub(1) {
            Some(left) => self.samples_left = left,
            None => self.refresh(),
        }
        self.read_once(sample);
        if self.reader.take_lost() {
            // Most likely the cgroup is gone, and the process is in another one.
            self.refresh();
            sample.clear_limits();
            self.read_once(sample);
            self.reader.take_lost();
        }
    }

    fn refresh(&mut self) {
        self.samples_left = SAMPLES_PER_REFRESH - 1;
        let files = [
            &mut self.meminfo,
            &mut self.loadavg,
            &mut self.statm,
            &mut self.tasks,
            &mut self.pressure,
        ];
        files.into_iter().for_each(KeptFile::retry);
        self.groups.refresh(&mut self.reader);
    }

    fn read_once(&mut self, sample: &mut Sample) {
        let reader = &mut self.reader;
        match self.meminfo.parse(reader, "total and available memory", parse_host) {
            Ok(limit) => sample.limits.push(limit),
            Err(error) => sample.unread.push(error),
        }
        self.groups.read_into(reader, &mut sample.limits, &mut sample.unread);
        sample.host_psi = self.pressure.parse(reader, "pressure", Psi::parse);
        sample.cgroup_psi = self.groups.psi(reader);
        if self.samples_left == SAMPLES_PER_REFRESH - 1 {
            // The kernel renews it every five seconds only.
            sample.load = self.loadavg.parse(reader, "load average", parse_load);
        }
        sample.rss = self.statm.parse(reader, "resident set", parse_rss);
        sample.n_threads = self.tasks.links(reader).and_then(|links| {
            n_threads(links).ok_or_else(|| ProbeError::unavailable("number of threads"))
        });
        sample.cpu_time = thread_cpu::process_cpu()
            .ok_or_else(|| ProbeError::unavailable("CPU time of the process"));
    }
}

/// Reads what the kernel holds to be available, from `/proc/meminfo`.
pub(super) fn parse_host(text: &str) -> Option<Limit> {
    let total = size_field(text, "MemTotal").filter(|total| ByteSize::ZERO < *total)?;
    let available = size_field(text, "MemAvailable")?;
    Some(Limit::new(Binding::Host, total, total - available))
}

/// Reads the resident set, from `/proc/self/statm`, where it is the second number.
pub(super) fn parse_rss(text: &str) -> Option<ByteSize> {
    let pages = number(text.split_ascii_whitespace().nth(1)?)?;
    let bytes = pages.checked_mul(rustix::param::page_size() as u64)?;
    // A process that reads this has pages.
    (0 < bytes).then_some(ByteSize::from_bytes(bytes))
}

/// Returns the number of threads from the links of `/proc/self/task`.
///
/// The kernel counts one for each thread beside the two that every folder has; asking for
/// the links is five times cheaper than any file that holds the number.
pub(super) fn n_threads(links: u64) -> Option<usize> {
    let threads = links.checked_sub(2).filter(|threads| 0 < *threads)?;
    usize::try_from(threads).ok()
}
