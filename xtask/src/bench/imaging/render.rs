//! The tables.

use comfy_table::{CellAlignment, Table};

use super::{
    peers::{Peer, Side},
    row::{Figures, Measured},
};
use crate::table::styled;

/// Renders what calls cost.
pub(super) fn costs(rows: &[Measured], markdown: bool) -> String {
    let mut table = styled(markdown);
    table.set_header([
        "operation",
        "input",
        "ours",
        "image",
        "libvips",
        "Pillow",
        "ours / the faster",
        "99 % interval",
        "target",
        "verdict",
    ]);
    for row in rows {
        let [ours, image, libvips, pillow] = cells(row, |of| of.cpu_ns.map(time));
        let ratio = |ratio: Option<f64>| ratio.map(|ratio| format!("{ratio:.3}x"));
        let interval = ratio(row.low).zip(ratio(row.high));
        table.add_row([
            row.operation.to_string(),
            input(row),
            ours,
            image,
            libvips,
            pillow,
            or_dash(
                ratio(row.ratio)
                    .zip(row.compared_with)
                    .map(|(r, with)| format!("{r} {with}")),
            ),
            or_dash(interval.map(|(low, high)| format!("{low} to {high}"))),
            or_dash(target_ratio(row)),
            row.verdict_with_cause(),
        ]);
    }
    aligned(table, 2..=8)
}

/// Renders what calls add to memory, and how like the reference is what they make.
pub(super) fn products(rows: &[Measured], markdown: bool) -> String {
    let mut table = styled(markdown);
    table.set_header([
        "operation",
        "input",
        "RSS: ours",
        "image",
        "libvips",
        "Pillow",
        "target",
        "SSIM: ours",
        "image",
        "libvips",
        "Pillow",
        "target",
    ]);
    let makes_an_image = |row: &&Measured| row.operation.makes_an_image();
    for row in rows.iter().filter(makes_an_image) {
        let growths = cells(row, |of| of.rss_growth_bytes.map(megabytes));
        let likenesses = cells(row, |of| of.ssim.map(|ssim| format!("{ssim:.4}")));
        let growth = row.target_rss_growth_bytes.map(megabytes);
        let ssim = row.target_ssim.map(|least| format!(">= {least}"));
        let mut line = vec![row.operation.to_string(), input(row)];
        line.extend(growths);
        line.push(or_dash(growth.map(|most| format!("<= {most}"))));
        line.extend(likenesses);
        line.push(or_dash(ssim));
        table.add_row(line);
    }
    aligned(table, 2..=11)
}

/// Returns why figures are missing: a line for each peer, and for each file that one refused.
pub(super) fn reasons(peers: &[Peer], rows: &[Measured]) -> Vec<String> {
    let missing = peers.iter().filter(|peer| peer.missing.is_some());
    let mut lines: Vec<String> =
        missing.map(|peer| format!("unresolved: {peer}")).collect();
    for row in rows {
        for figures in &row.sides {
            if let Some(reason) = &figures.reason {
                let (what, side) = (row.operation, figures.side);
                lines.push(format!(
                    "unresolved: {what} of {} by {side}: {reason}",
                    row.file
                ));
            }
        }
    }
    lines
}

fn input(row: &Measured) -> String {
    let kind = if row.is_progressive { "progressive " } else { "" };
    format!("{}x{} {kind}{}: {}", row.width, row.height, row.format, row.file)
}

/// Returns a cell for each side.
fn cells(row: &Measured, show: impl Fn(&Figures) -> Option<String>) -> [String; 4] {
    Side::ALL.map(|side| or_dash(row.side(side).and_then(&show)))
}

fn target_ratio(row: &Measured) -> Option<String> {
    let stretch = row.stretch_ratio.map(|ratio| format!(" ({ratio}x)"));
    row.target_ratio.map(|ratio| format!("<= {ratio}x{}", stretch.unwrap_or_default()))
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}

/// Shows a time of a call.
fn time(nanoseconds: f64) -> String {
    if nanoseconds < 1e6 {
        format!("{:.1} µs", nanoseconds / 1e3)
    } else {
        format!("{:.1} ms", nanoseconds / 1e6)
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

fn aligned(mut table: Table, columns: std::ops::RangeInclusive<usize>) -> String {
    for idx in columns {
        if let Some(column) = table.column_mut(idx) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}
