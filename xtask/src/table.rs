//! The style of tables.

use comfy_table::{LineStyle, Table, presets};

/// Returns an empty table, for a terminal or for a Markdown document.
pub(crate) fn styled(markdown: bool) -> Table {
    let mut table = Table::new();
    table.load_style(if markdown {
        presets::ASCII_MARKDOWN
    } else {
        presets::NOTHING.header_separator(LineStyle::new('─', '─', '─', '─'))
    });
    table
}
