//! What the machine has, as people read it.

use std::time::Duration;

use comfy_table::{CellAlignment, ContentArrangement, Table};
use safelight_core::{ByteSize, Share};

use super::document::{
    CgroupLimit, Document, GpuDriver, GpuRow, HostRow, LimitRow, MemoryRow, PressureRow,
    SetBy,
};
use crate::table::styled;

#[cfg(test)]
mod tests;

/// No line is wider.
const WIDTH: u16 = 100;

const UNKNOWN: &str = "not known";

/// Returns the sections, the unknown last.
pub(super) fn render(document: &Document) -> String {
    let mut text = String::new();
    let mut section = |title: &str, body: &Table, notes: &[String]| {
        text.extend([title, "\n\n"]);
        let lines = body.lines().map(|line| line.trim_end().to_owned());
        for line in lines.filter(|line| !line.is_empty()) {
            text.extend([" ", &line, "\n"]);
        }
        for (idx, note) in notes.iter().enumerate() {
            text.extend([if idx == 0 { "\n   " } else { "   " }, note, "\n"]);
        }
        text.push('\n');
    };
    let sampled = time(document.sampled_ns);
    section("Host", &host(&document.host, &document.memory, &sampled), &[]);
    section("Memory limits above this process", &limits(document), &conclusion(document));
    section("Pressure on memory", &pressure(document, &sampled), &[]);
    section("This process", &process(document), &[]);
    section("GPUs", &gpus(document), &[]);
    section("Not known, and why", &unread(document), &[]);
    text.truncate(text.trim_end().len());
    text + "\n"
}

fn host(host: &HostRow, memory: &MemoryRow, sampled: &str) -> Table {
    let kernel = host.kernel.as_deref().unwrap_or(UNKNOWN);
    pairs([
        ("system", format!("{} {}, kernel {kernel}", host.os, host.arch)),
        ("CPU", or_unknown(host.cpu_model.clone())),
        (
            "cores",
            format!(
                "{} logical, {} physical, {} usable by this process",
                or_unknown(host.logical_cores),
                or_unknown(host.physical_cores),
                or_unknown(host.usable_cores)
            ),
        ),
        (
            "CPU use",
            format!(
                "{} busy, {} stolen, over {sampled}",
                share(host.cpu_busy_share),
                share(host.cpu_steal_share)
            ),
        ),
        (
            "load",
            or_unknown(host.load_1min.map(|load| format!("{load:.2} over one minute"))),
        ),
        (
            "memory",
            format!(
                "{}, available {}",
                bytes(memory.total_bytes),
                bytes(memory.available_bytes)
            ),
        ),
    ])
}

fn limits(document: &Document) -> Table {
    let header = ["set by", "size", "used", "", "clean cache", "available", ""];
    let mut table = table(header, &[1, 2, 3, 4, 5]);
    let binding = document.headroom.as_ref().map(|headroom| headroom.limit_idx);
    for (idx, limit) in document.limits.iter().enumerate() {
        let used = limit.used_bytes.map(|used| percent(used, limit.size_bytes));
        let at_most = if limit.used_bytes.is_none() { "at most " } else { "" };
        table.add_row([
            name(limit),
            bytes(Some(limit.size_bytes)),
            bytes(limit.used_bytes),
            used.unwrap_or_default(),
            match limit.set_by {
                SetBy::Host => "-".to_owned(),
                SetBy::Cgroup { clean_cache_bytes, .. } => bytes(clean_cache_bytes),
            },
            format!("{at_most}{}", bytes(Some(limit.available_bytes))),
            if binding == Some(idx) { "binds" } else { "" }.to_owned(),
        ]);
    }
    if document.limits.is_empty() {
        table.add_row([UNKNOWN]);
    }
    table
}

fn name(limit: &LimitRow) -> String {
    match &limit.set_by {
        SetBy::Host => "host".to_owned(),
        SetBy::Cgroup { path, kind, .. } => {
            let kind = match kind {
                CgroupLimit::Hard => "hard limit",
                CgroupLimit::High => "high limit",
                CgroupLimit::WithSwap => "limit with swap",
                CgroupLimit::Other => "limit",
            };
            format!("{kind} of cgroup {path}")
        }
    }
}

/// Says which limit binds, and how sure that is.
fn conclusion(document: &Document) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(headroom) = &document.headroom {
        let limit = document.limits.get(headroom.limit_idx);
        let who = match limit.map(|limit| &limit.set_by) {
            Some(SetBy::Host) => "host binds",
            _ => "cgroup marked so binds",
        };
        let available = bytes(Some(headroom.available_bytes));
        notes.push(format!("{available} can still be had; then the {who}."));
    }
    let of_cgroups = |limit: &LimitRow| limit.set_by != SetBy::Host;
    let unread = document.unread.iter().any(|unread| unread.what == "limits");
    if unread {
        notes.push("Less may be left: not every limit could be read whole.".to_owned());
    } else if !document.limits.iter().any(of_cgroups) {
        notes.push("No cgroup that can be seen from here sets a limit.".to_owned());
    }
    notes
}

fn pressure(document: &Document, sampled: &str) -> Table {
    let some = format!("some, over {sampled}");
    let full = format!("full, over {sampled}");
    let header = ["tasks of", &some, &full, "some, so far", "full, so far"];
    let mut table = table(header, &[1, 2, 3, 4]);
    let mut row = |of: &str, row: &PressureRow| {
        let total = |total: Option<u64>| or_unknown(total.map(time));
        table.add_row([
            of.to_owned(),
            fine_share(row.some_share),
            fine_share(row.full_share),
            total(row.some_total_ns),
            total(row.full_total_ns),
        ]);
    };
    row("the host", &document.pressure.host);
    row("the own cgroup", &document.pressure.cgroup);
    table
}

fn process(document: &Document) -> Table {
    let (process, allocator) = (&document.process, &document.allocator);
    let heap = format!(
        "tracked; heap {}, peak {}, within {}",
        bytes(allocator.heap_bytes),
        bytes(allocator.peak_heap_bytes),
        bytes(allocator.slack_bytes)
    );
    pairs([
        (
            "resident set",
            format!(
                "{}, peak {}",
                bytes(process.rss_bytes),
                bytes(process.peak_rss_bytes)
            ),
        ),
        ("threads", or_unknown(process.n_threads)),
        (
            "allocator",
            if allocator.tracking {
                heap
            } else {
                "not tracked: the heap is not known".to_owned()
            },
        ),
    ])
}

fn gpus(document: &Document) -> Table {
    let Some(gpus) = &document.gpus else {
        let unread = document.unread.iter().find(|unread| unread.what == "gpus");
        let reason = unread.map_or(UNKNOWN, |unread| &unread.reason);
        let none = match document.gpu_driver {
            GpuDriver::Absent => "none",
            GpuDriver::Answers | GpuDriver::Fails => UNKNOWN,
        };
        return lines([format!("{none}: {reason}")]);
    };
    if gpus.is_empty() {
        return lines(["none: the driver lists no GPU".to_owned()]);
    }
    let header =
        ["", "name", "memory", "used", "free", "items at once", "busy", "processes"];
    let mut table = table(header, &[2, 3, 4, 5, 6]);
    for gpu in gpus {
        table.add_row([
            gpu.idx.to_string(),
            or_unknown(gpu.name.clone()),
            bytes(gpu.total_bytes),
            bytes(gpu.used_bytes),
            bytes(gpu.free_bytes),
            gpu.n_items.map_or("-".to_owned(), |n| n.to_string()),
            share(gpu.utilization_share),
            gpu_processes(gpu),
        ]);
    }
    table
}

fn gpu_processes(gpu: &GpuRow) -> String {
    let Some(processes) = &gpu.processes else { return UNKNOWN.to_owned() };
    if processes.is_empty() {
        return "none seen".to_owned();
    }
    let process = processes
        .iter()
        .map(|process| format!("{}: {}", process.pid, bytes(process.used_bytes)));
    process.collect::<Vec<_>>().join("\n")
}

fn unread(document: &Document) -> Table {
    if document.unread.is_empty() {
        return lines(["nothing: all that was looked for could be read".to_owned()]);
    }
    let mut table = arranged();
    for unread in &document.unread {
        table.add_row([&unread.what, &unread.reason]);
    }
    table
}

fn pairs<const N: usize>(rows: [(&str, String); N]) -> Table {
    let mut table = arranged();
    for (name, value) in rows {
        table.add_row([name, &value]);
    }
    table
}

fn lines<const N: usize>(lines: [String; N]) -> Table {
    let mut table = arranged();
    table.add_rows(lines.map(|line| [line]));
    table
}

/// Makes a table in which some columns hold figures.
fn table<const N: usize>(header: [&str; N], figures: &[usize]) -> Table {
    let mut table = arranged();
    table.set_header(header);
    for idx in figures {
        if let Some(column) = table.column_mut(*idx) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn arranged() -> Table {
    let mut table = styled(false);
    // One column is for the indentation.
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH - 1);
    table
}

fn or_unknown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| value.to_string())
}

fn bytes(bytes: Option<u64>) -> String {
    or_unknown(bytes.map(ByteSize::from_bytes))
}

fn percent(part: u64, whole: u64) -> String {
    Share::of(part as f64, whole as f64).to_string()
}

fn share(share: Option<f64>) -> String {
    or_unknown(share.map(Share::new))
}

/// Shares of pressure matter from a thousandth up.
fn fine_share(share: Option<f64>) -> String {
    or_unknown(share.map(|share| format!("{:.2} %", share * 100.0)))
}

/// Returns a time in seconds, or in the two largest units of a long one.
fn time(ns: u64) -> String {
    let time = Duration::from_nanos(ns);
    let (seconds, minutes, hours) =
        (time.as_secs(), time.as_secs() / 60, time.as_secs() / 3_600);
    match (hours, minutes) {
        (0, 0) if seconds == 0 => format!("{:.1} ms", time.as_secs_f64() * 1e3),
        (0, 0) => format!("{:.2} s", time.as_secs_f64()),
        (0, _) => format!("{minutes} min {} s", seconds % 60),
        _ => format!("{hours} h {} min", minutes % 60),
    }
}
