//! What each contestant made of each setting.

use std::iter;

use comfy_table::CellAlignment;
use safelight_benches::cache_contest::report::{Kind, Outcome, Play};
use safelight_core::ByteSize;
use schemars::JsonSchema;
use serde::Serialize;

use crate::table::styled;

/// What a contestant made of a setting.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Score")]
pub(in super::super) struct Row {
    setting: String,
    limit_bytes: u64,
    limit_entries: u64,
    contestant: String,
    /// `ours`, `peer`, `loose` (a peer that exceeds the limits), `textbook`, or `bound` (it
    /// knows the future).
    #[schemars(with = "String")]
    kind: Kind,
    /// Part of the cost of all requests that the hits saved.
    saved_share: Option<f64>,
    /// Part of the requests that hit.
    hit_share: Option<f64>,
    /// Part of the requested bytes that hit.
    byte_hit_share: Option<f64>,
    /// The most bytes that were really held after a request.
    peak_bytes: Option<u64>,
    /// The most entries that were really held after a request.
    peak_entries: Option<u64>,
    /// Why there is no figure.
    reason: Option<String>,
}

/// A column of the table of saved time: contestants of whom the best is shown.
struct Column<'a> {
    header: String,
    contestants: Vec<&'a str>,
}

impl Row {
    pub(super) fn new(play: &Play) -> Self {
        let score = play.score();
        Self {
            setting: play.setting.clone(),
            limit_bytes: play.limit_bytes,
            limit_entries: play.limit_entries,
            contestant: play.contestant.clone(),
            kind: play.kind,
            saved_share: score.map(|score| score.saved_share().get()),
            hit_share: score.map(|score| score.hit_ratio().get()),
            byte_hit_share: score.map(|score| score.byte_hit_ratio().get()),
            peak_bytes: score.map(|score| score.peak_bytes.bytes()),
            peak_entries: score.map(|score| score.peak_entries as u64),
            reason: match &play.outcome {
                Outcome::Score(_) => None,
                Outcome::Failure(reason) => Some(reason.clone()),
            },
        }
    }
}

/// Draws the saved shares: a line for each setting, a column for each family of caches.
pub(super) fn render(rows: &[Row], markdown: bool) -> String {
    let columns = columns(rows);
    let mut table = styled(markdown);
    let headers = columns.iter().map(|column| column.header.as_str());
    let headers = headers.map(if markdown { str::to_owned } else { in_two_lines });
    table.set_header(iter::once("setting".to_owned()).chain(headers));
    for setting in in_order(rows.iter().map(|row| row.setting.as_str())) {
        let saved = |column: &Column<'_>| {
            let of_column = rows.iter().filter(|row| {
                row.setting == setting && column.contestants.contains(&&*row.contestant)
            });
            percent(of_column.filter_map(|row| row.saved_share).max_by(f64::total_cmp))
        };
        let cells = columns.iter().map(saved);
        table.add_row(iter::once(setting.to_owned()).chain(cells));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// Draws all figures: a line for each contestant in each setting.
pub(super) fn render_detail(rows: &[Row], markdown: bool) -> String {
    let mut table = styled(markdown);
    table.set_header([
        "setting",
        "contestant",
        "saved",
        "hits",
        "bytes hit",
        "peak",
        "peak entries",
        "limits",
    ]);
    for row in rows {
        let size = |bytes| ByteSize::from_bytes(bytes).to_string();
        let text = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let limits = match (row.peak_bytes, row.peak_entries) {
            (Some(bytes), Some(entries))
                if bytes <= row.limit_bytes && entries <= row.limit_entries =>
            {
                "kept"
            }
            (Some(_), Some(_)) => "exceeded",
            _ => row.reason.as_deref().unwrap_or("-"),
        };
        table.add_row([
            row.setting.clone(),
            row.contestant.clone(),
            percent(row.saved_share),
            percent(row.hit_share),
            percent(row.byte_hit_share),
            text(row.peak_bytes.map(size)),
            text(row.peak_entries.map(|entries| entries.to_string())),
            limits.to_owned(),
        ]);
    }
    for column in table.column_iter_mut().skip(2).take(5) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// Puts the peers of one name together; everybody else has a column of its own.
fn columns(rows: &[Row]) -> Vec<Column<'_>> {
    let mut columns: Vec<(&str, Vec<&str>)> = Vec::new();
    for row in rows {
        let contestant = row.contestant.as_str();
        let family = match row.kind {
            Kind::Peer => contestant.split(' ').next().unwrap_or(contestant),
            _ => contestant,
        };
        match columns.iter_mut().find(|(name, _)| *name == family) {
            Some((_, known)) if known.contains(&contestant) => {}
            Some((_, known)) => known.push(contestant),
            None => columns.push((family, vec![contestant])),
        }
    }
    let column = |(family, contestants): (&str, Vec<_>)| {
        let header = match contestants.len() {
            1 => family.to_owned(),
            n => format!("{family}, best of {n}"),
        };
        Column { header, contestants }
    };
    columns.into_iter().map(column).collect()
}

/// Breaks a header at the space next to its middle, so that the column is narrow.
fn in_two_lines(header: &str) -> String {
    let from_middle = |at: &usize| at.abs_diff(header.len() / 2);
    let spaces = header.match_indices(' ').map(|(at, _)| at);
    match spaces.min_by_key(from_middle) {
        Some(at) => format!("{}\n{}", &header[..at], &header[at + 1..]),
        None => header.to_owned(),
    }
}

/// Returns each name once, in the order of its first mention.
fn in_order<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen
}

/// Writes a share in percent.
pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.1} %", 100.0 * share))
}

#[cfg(test)]
mod tests;
