use std::{num::NonZeroUsize, slice, time::Duration};

use jiff::Timestamp;
use safelight_alloc::ProcessHeap;
use safelight_core::{ByteSize, Share};
use safelight_memory_manager::{self as memory_manager, Batch};
use safelight_probe::{
    Binding, CpuTimes, Gpu, GpuProcess, Headroom, Host, Limit, LimitKind, Process, Psi,
    Reading, Sample,
};

use super::{
    document::{
        AllocatorRow, CgroupLimit, Document, GpuDriver, GpuProcessRow, GpuRow,
        HeadroomRow, HostRow, LimitRow, MemoryRow, PressureRow, PressureRows, ProcessRow,
        SCHEMA_VERSION, SetBy,
    },
    notes::Notes,
};

#[cfg(test)]
mod tests;

/// All that was read.
pub(super) struct Observed {
    pub(super) created: Timestamp,
    pub(super) sampled: Duration,
    pub(super) before: Sample,
    pub(super) after: Sample,
    pub(super) cpu_times_before: Reading<CpuTimes>,
    pub(super) host: Host,
    pub(super) process: Process,
    pub(super) heap: Option<ProcessHeap>,
    pub(super) gpus: Reading<Vec<Gpu>>,
    /// What one item of work takes on a GPU, if that is to be planned.
    pub(super) gpu_item: Option<ByteSize>,
}

impl Observed {
    /// Makes the document of it.
    pub(super) fn into_document(self) -> Document {
        let Self { before, after, sampled, .. } = self;
        let mut notes = Notes::default();
        let memory = MemoryRow {
            total_bytes: notes.bytes("memory.total_bytes", &self.host.memory_total),
            available_bytes: notes
                .bytes("memory.available_bytes", &self.host.memory_available),
        };
        Document {
            kind: "safelight.doctor".to_owned(),
            schema_version: SCHEMA_VERSION,
            created_utc: self.created.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            sampled_ns: nanos(sampled),
            host: host(self.host, &self.cpu_times_before, &mut notes),
            memory,
            limits: limits(&after, &mut notes),
            headroom: headroom(&after, &mut notes),
            pressure: pressure(&before, &after, sampled, &mut notes),
            process: process(&self.process, &mut notes),
            allocator: allocator(self.heap, &mut notes),
            gpu_driver: match &self.gpus {
                Ok(_) => GpuDriver::Answers,
                Err(error) if error.is_unavailable() => GpuDriver::Absent,
                Err(_) => GpuDriver::Fails,
            },
            gpus: gpus(self.gpus, self.gpu_item, &mut notes),
            unread: notes.unread,
        }
    }
}

fn host(host: Host, before: &Reading<CpuTimes>, notes: &mut Notes) -> HostRow {
    let mut count = |what, reading: Reading<usize>| {
        notes.known(what, reading).map(|count| count as u64)
    };
    let logical_cores = count("host.logical_cores", host.logical_cores);
    let physical_cores = count("host.physical_cores", host.physical_cores);
    let usable = host.parallelism.map(NonZeroUsize::get);
    let usable_cores = count("host.usable_cores", usable);
    let mut share = |what, of: fn(&CpuTimes, &CpuTimes) -> Option<Share>| {
        let both =
            before.clone().and_then(|before| Ok((before, host.cpu_times.clone()?)));
        let (before, now) = notes.known(what, both)?;
        let share = of(&now, &before).map(Share::get);
        notes.some(what, share, "the time was too short to tell")
    };
    let cpu_busy_share = share("host.cpu_busy_share", CpuTimes::busy_since);
    let cpu_steal_share = share("host.cpu_steal_share", CpuTimes::steal_since);
    HostRow {
        os: host.os.to_owned(),
        arch: host.arch.to_owned(),
        kernel: notes.known("host.kernel", host.kernel),
        cpu_model: notes.known("host.cpu_model", host.cpu_model),
        logical_cores,
        physical_cores,
        usable_cores,
        load_1min: notes.known("host.load_1min", host.load),
        cpu_busy_share,
        cpu_steal_share,
    }
}

fn limits(sample: &Sample, notes: &mut Notes) -> Vec<LimitRow> {
    for error in &sample.unread {
        notes.add("limits", error);
    }
    let row = |limit: &Limit| LimitRow {
        set_by: set_by(limit),
        size_bytes: limit.size.bytes(),
        used_bytes: limit.used.map(ByteSize::bytes),
        available_bytes: limit.available().bytes(),
    };
    sample.limits.iter().map(row).collect()
}

fn set_by(limit: &Limit) -> SetBy {
    match &limit.binding {
        Binding::Cgroup { path, kind } => SetBy::Cgroup {
            path: path.display().to_string(),
            kind: match kind {
                LimitKind::Hard => CgroupLimit::Hard,
                LimitKind::High => CgroupLimit::High,
                LimitKind::WithSwap => CgroupLimit::WithSwap,
                _ => CgroupLimit::Other,
            },
            clean_cache_bytes: limit.clean_cache.map(ByteSize::bytes),
        },
        _ => SetBy::Host,
    }
}

fn headroom(sample: &Sample, notes: &mut Notes) -> Option<HeadroomRow> {
    let headroom = notes.known("headroom", sample.headroom.clone())?;
    let binds =
        |limit: &Limit| Headroom::of(slice::from_ref(limit)) == Some(headroom.clone());
    let idx = sample.limits.iter().position(binds);
    Some(HeadroomRow {
        available_bytes: headroom.available.bytes(),
        limit_idx: idx.expect("the headroom is that of one of the limits"),
    })
}

fn pressure(
    before: &Sample,
    after: &Sample,
    sampled: Duration,
    notes: &mut Notes,
) -> PressureRows {
    let mut row = |what, before: &Reading<Psi>, after: &Reading<Psi>| {
        let now = notes.known(what, after.clone());
        let stall = now.and_then(|now| {
            let before = notes.known(what, before.clone())?;
            let reason = "its counters changed between the two readings";
            notes.some(what, now.since(&before, sampled), reason)
        });
        PressureRow {
            some_total_ns: now.map(|now| nanos(now.some())),
            full_total_ns: now.map(|now| nanos(now.full())),
            some_share: stall.map(|stall| stall.some.get()),
            full_share: stall.map(|stall| stall.full.get()),
        }
    };
    PressureRows {
        host: row("pressure.host", &before.host_psi, &after.host_psi),
        cgroup: row("pressure.cgroup", &before.cgroup_psi, &after.cgroup_psi),
    }
}

fn process(process: &Process, notes: &mut Notes) -> ProcessRow {
    let n_threads = notes.known("process.n_threads", process.threads.clone());
    ProcessRow {
        rss_bytes: notes.bytes("process.rss_bytes", &process.rss),
        peak_rss_bytes: notes.bytes("process.peak_rss_bytes", &process.peak_rss),
        n_threads: n_threads.map(|threads| threads as u64),
    }
}

fn allocator(heap: Option<ProcessHeap>, notes: &mut Notes) -> AllocatorRow {
    let heap = notes.some("allocator", heap, "the tracking allocator is not installed");
    AllocatorRow {
        tracking: heap.is_some(),
        heap_bytes: heap.map(|heap| heap.current_bytes),
        peak_heap_bytes: heap.map(|heap| heap.peak_bytes),
        slack_bytes: heap.map(|heap| heap.slack_bytes),
    }
}

fn gpus(
    gpus: Reading<Vec<Gpu>>,
    item: Option<ByteSize>,
    notes: &mut Notes,
) -> Option<Vec<GpuRow>> {
    let gpus = notes.known("gpus", gpus)?;
    Some(gpus.into_iter().map(|gpu| gpu_row(gpu, item, notes)).collect())
}

/// How many items fit on a GPU beside what is used of it.
fn n_items(total: ByteSize, used: ByteSize, item: ByteSize) -> u64 {
    let reading = memory_manager::Reading { limit: total, used };
    Batch::new(NonZeroUsize::MAX, item).advise(&reading, 0) as u64
}

fn gpu_row(gpu: Gpu, item: Option<ByteSize>, notes: &mut Notes) -> GpuRow {
    let path = |field: &str| format!("gpus[{}].{field}", gpu.idx);
    let memory = notes.known(path("total_bytes, used_bytes, free_bytes"), gpu.memory);
    let utilization = notes.known(path("utilization_share"), gpu.utilization);
    let processes = notes.known(path("processes"), gpu.processes);
    let processes = processes.map(|processes| {
        let row = |(idx, process): (usize, &GpuProcess)| GpuProcessRow {
            pid: process.pid,
            used_bytes: notes
                .some(
                    path(&format!("processes[{idx}].used_bytes")),
                    process.used,
                    "the driver does not tell",
                )
                .map(ByteSize::bytes),
        };
        processes.iter().enumerate().map(row).collect()
    });
    GpuRow {
        idx: gpu.idx,
        name: notes.known(path("name"), gpu.name),
        total_bytes: memory.map(|memory| memory.total.bytes()),
        used_bytes: memory.map(|memory| memory.used.bytes()),
        free_bytes: memory.map(|memory| memory.free.bytes()),
        n_items: memory.filter(|memory| ByteSize::ZERO < memory.total).zip(item).map(
            |(memory, item)| n_items(memory.total, memory.total - memory.free, item),
        ),
        utilization_share: utilization.map(Share::get),
        processes,
    }
}

/// Returns a time as whole nanoseconds.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
