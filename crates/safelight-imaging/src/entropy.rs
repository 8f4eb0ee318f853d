//! The entropy-coded data of a JPEG, read so strictly that every bit must be there.

use crate::{Error, Format, error::Kind};

pub(crate) use self::{
    feed::{Bits, Feed},
    huffman::Table,
};

mod feed;
mod huffman;

/// Reads the tables of a segment; the slots are those of mean values, then of the rest.
pub(crate) fn read_huffman_tables(
    mut segment: &[u8],
    mut put: impl FnMut(Class, usize, Table) -> Result<(), Error>,
) -> Result<(), Error> {
    while let Some((&class_and_id, rest)) = segment.split_first() {
        let (table, n_bytes) = Table::parse(rest)?;
        let class = match class_and_id >> 4 {
            0 => Class::Dc,
            1 => Class::Ac,
            _ => return Err(unknown_table()),
        };
        put(class, usize::from(class_and_id & 15), table)?;
        segment = &rest[n_bytes..];
    }
    Ok(())
}

/// What a Huffman table is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Mean values of blocks.
    Dc,
    /// All other coefficients.
    Ac,
}

pub(crate) fn restart_interval(segment: &[u8]) -> Result<u32, Error> {
    match segment {
        &[high, low] => Ok(u16::from_be_bytes([high, low]).into()),
        _ => Err(corrupt("a restart interval of the wrong length")),
    }
}

pub(crate) fn unknown_table() -> Error {
    corrupt("a Huffman table of no known class")
}

/// Whether a marker has no meaning in images of one frame.
///
/// Before the pixels some writers have such segments; behind them decoders stop.
pub(crate) fn is_meaningless(marker: u8) -> bool {
    matches!(marker, 0x01..=0xbf | 0xc8 | 0xde | 0xdf | 0xf0..=0xfd)
}

pub(crate) fn meaningless() -> Error {
    corrupt("a marker without a meaning is behind the pixels")
}

pub(crate) fn corrupt(what: impl Into<String>) -> Error {
    Error::corrupt(Format::Jpeg, what)
}

pub(crate) fn truncated() -> Error {
    Kind::Truncated(Format::Jpeg, "the pixel data").into()
}
