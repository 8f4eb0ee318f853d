//! The part of the report on memory.

use super::{Format, aligned, bytes, table};
use crate::profile::document::{Development, Memory};

/// Draws how many of each operation fit at once.
pub(super) fn at_once(memory: &Memory, format: Format) -> String {
    let mut table =
        table(format, ["operation", "image", "highest peak heap", "fit at once"]);
    for row in &memory.at_once {
        table.add_row([
            row.operation.clone(),
            row.dimensions.clone(),
            bytes(row.max_peak_bytes),
            row.n_fit.to_string(),
        ]);
    }
    if memory.at_once.is_empty() { String::new() } else { aligned(table, 2) }
}

/// Returns what is read out of a report.
pub(super) fn lines(memory: &Memory) -> Vec<String> {
    let mut lines = Vec::new();
    match (memory.available, &memory.binding) {
        (Some(available), Some(binding)) => lines.push(format!(
            "{} could be had at the start and {} at the least, until what binds is met: \
             {binding}; pressure was {} at most, in {} looks",
            bytes(available.start_bytes),
            bytes(available.least_bytes),
            memory.highest_pressure.as_deref().unwrap_or("not known"),
            memory.n_samples,
        )),
        _ => lines.push("how much can be had is not known".to_owned()),
    }
    if let Some(rss) = memory.rss {
        lines.push(format!(
            "resident set of this process: {} at the start, {} at most, {} at the end; {}",
            bytes(rss.start_bytes),
            bytes(rss.most_bytes),
            bytes(rss.end_bytes),
            describe(&memory.development),
        ));
    }
    lines.extend(memory.recommendations.iter().cloned());
    lines.extend(memory.unread.iter().map(|error| format!("not read: {error}")));
    lines
}

fn describe(development: &Development) -> String {
    match development {
        Development::TooFewSamples {} => "too short to tell a trend".to_owned(),
        Development::Flat {} => "no trend".to_owned(),
        Development::Leak { per_minute_bytes, time_to_limit_s } => {
            let left =
                time_to_limit_s.map_or(String::new(), |seconds| match seconds / 60 {
                    0 => ", and is at the limit in less than a minute".to_owned(),
                    minutes => format!(", and is at the limit in {minutes} min"),
                });
            format!("it grows steadily by {} a minute{left}", bytes(*per_minute_bytes))
        }
        Development::Step { from_bytes, to_bytes } => {
            format!(
                "it changed once, from {} to {}",
                bytes(*from_bytes),
                bytes(*to_bytes)
            )
        }
        Development::Periodic { period_s } => {
            format!("it comes and goes each {period_s:.0} s")
        }
    }
}
