use std::{collections::BTreeSet, fs, path::Path};

use safelight_core::ByteSize;

use crate::{CpuTimes, MemoryLimit, ProbeError, Reading, host::Cpu, process::Usage};

mod own_source;
mod source;

pub(crate) use own_source::OwnSource;
pub(crate) use source::Source;

#[cfg(test)]
mod tests;

const STATUS: &str = "/proc/self/status";
const CPUINFO: &str = "/proc/cpuinfo";
const MEMINFO: &str = "/proc/meminfo";

/// Reads a file of text; bytes that are not UTF-8 are replaced.
pub(crate) fn read(path: &Path) -> Reading<String> {
    let bytes = fs::read(path).map_err(|error| ProbeError::file(path, error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

pub(crate) fn process() -> Usage {
    let text = read(Path::new(STATUS));
    let find = |what, name| within(&text, STATUS, what, |text| size_field(text, name));
    Usage {
        rss: find("resident set", "VmRSS"),
        peak_rss: find("peak of the resident set", "VmHWM"),
        threads: within(&text, STATUS, "number of threads", |text| {
            field(text, "Threads")?.parse().ok()
        }),
    }
}

pub(crate) fn reset_peak_rss() -> Reading<()> {
    let path = Path::new("/proc/self/clear_refs");
    // The kernel's documentation of procfs: 5 resets the peak and touches nothing else.
    fs::write(path, "5").map_err(|error| ProbeError::file(path, error))
}

pub(crate) fn kernel() -> Reading<String> {
    let path = "/proc/sys/kernel/osrelease";
    from(path, "release of the kernel", |text| Some(text.trim().to_owned()))
}

pub(crate) fn cpu() -> Cpu {
    let text = read(Path::new(CPUINFO));
    let model = |text: &str| field(text, "model name").map(str::to_owned);
    Cpu {
        model: within(&text, CPUINFO, "CPU model", model),
        logical_cores: within(&text, CPUINFO, "logical cores", parse_logical_cores),
        physical_cores: within(&text, CPUINFO, "physical cores", parse_physical_cores),
    }
}

pub(crate) fn memory_total() -> Reading<ByteSize> {
    from(MEMINFO, "total memory", |text| size_field(text, "MemTotal"))
}

pub(crate) fn memory_available() -> Reading<ByteSize> {
    from(MEMINFO, "available memory", |text| size_field(text, "MemAvailable"))
}

pub(crate) fn container_memory() -> Reading<MemoryLimit> {
    MemoryLimit::read_under(Path::new("/"))
}

pub(crate) fn load() -> Reading<f64> {
    from("/proc/loadavg", "load average", parse_load)
}

pub(crate) fn cpu_times() -> Reading<CpuTimes> {
    from("/proc/stat", "CPU times", parse_cpu_times)
}

fn from<T>(
    path: &str,
    what: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Reading<T> {
    within(&read(Path::new(path)), path, what, parse)
}

fn within<T>(
    text: &Reading<String>,
    path: &str,
    what: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Reading<T> {
    let text = text.as_ref().map_err(Clone::clone)?;
    parse(text).ok_or_else(|| ProbeError::missing(what, Path::new(path)))
}

/// Finds the value of the first line like `name : value`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    fields(text, name).next()
}

fn fields<'a>(text: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    text.lines().filter_map(move |line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim())
    })
}

/// Reads a field like `MemTotal: 42 kB`; the kernel's kB are KiB.
fn size_field(text: &str, name: &str) -> Option<ByteSize> {
    let kib = number(field(text, name)?.strip_suffix("kB")?)?;
    kib.checked_mul(1 << 10).map(ByteSize::from_bytes)
}

/// Reads a whole number; unlike the standard library it takes no sign.
pub(crate) fn number(text: &str) -> Option<u64> {
    let digits = text.trim_ascii().as_bytes();
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

fn parse_logical_cores(text: &str) -> Option<usize> {
    let cores = fields(text, "processor").count();
    (0 < cores).then_some(cores)
}

/// Counts the pairs of package and core; some architectures do not print them.
fn parse_physical_cores(text: &str) -> Option<usize> {
    let packages = fields(text, "physical id");
    let cores: BTreeSet<_> = packages.zip(fields(text, "core id")).collect();
    (!cores.is_empty()).then_some(cores.len())
}

fn parse_load(text: &str) -> Option<f64> {
    let load: f64 = text.split_whitespace().next()?.parse().ok()?;
    (load.is_finite() && 0.0 <= load).then_some(load)
}

/// Reads user, nice, system, idle, iowait, irq, softirq and steal; older kernels have less.
fn parse_cpu_times(text: &str) -> Option<CpuTimes> {
    let line = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let mut ticks = [0_u64; 8];
    let mut read = 0;
    for (into, word) in ticks.iter_mut().zip(line.split_whitespace()) {
        *into = word.parse().ok()?;
        read += 1;
    }
    let total = ticks.iter().try_fold(0_u64, |sum, tick| sum.checked_add(*tick))?;
    let [.., idle, iowait, _, _, steal] = ticks;
    // Steal is the eighth; a kernel without it cannot say that there was none.
    (read == ticks.len()).then_some(CpuTimes { total, idle: idle + iowait, steal })
}
