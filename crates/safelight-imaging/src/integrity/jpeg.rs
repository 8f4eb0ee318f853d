//! Reads the entropy-coded data of a JPEG to its end, without making pixels of it.
//!
//! A decoder fills what is missing with zeros, which makes a cut image gray instead of an
//! error; here every bit that is read must be there.

use crate::{Error, Format, error::Kind, source::Input};

use self::{
    feed::Feed,
    frame::Frame,
    huffman::Table,
    scan::{Scan, Tables},
};

mod feed;
mod frame;
mod huffman;
mod scan;

/// More scans than this only serve to keep a reader busy; encoders write about ten.
const MAX_SCANS: u32 = 100;

/// Where the image ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct End {
    /// The position behind the end marker.
    pub(super) at: u64,
    /// The bytes within scans that no block used.
    pub(super) n_left_over: u64,
}

/// Reads all scans; an error says where the data stops making sense.
pub(super) fn skim(input: &mut Input<'_>, len: u64) -> Result<End, Error> {
    let mut feed = Feed::start(input, len)?;
    feed.skip(2)?;
    let mut tables = Tables::default();
    let mut frame: Option<Frame> = None;
    let mut n_left_over = 0;
    let mut n_scans = 0;
    loop {
        let marker = feed.marker()?;
        match marker {
            0xd9 => break,
            // A restart marker that no scan has taken, or one without a meaning.
            0x01 | 0xd0..=0xd7 => continue,
            0xd8 => return Err(corrupt("a second start of image within the first")),
            _ => {}
        }
        let segment = feed.segment()?;
        match marker {
            0xc4 => read_huffman_tables(&segment, &mut tables)?,
            0xc0..=0xc2 if frame.is_none() => {
                frame = Some(Frame::parse(&segment, marker)?);
            }
            0xc0..=0xcf if !matches!(marker, 0xc8 | 0xcc) => {
                return Err(corrupt("a second start of frame"));
            }
            0xdd => tables.restart_interval = restart_interval(&segment)?,
            0xda => {
                let frame =
                    frame.as_mut().ok_or_else(|| corrupt("a scan before its frame"))?;
                n_scans += 1;
                if MAX_SCANS < n_scans {
                    return Err(too_many_scans());
                }
                let scan = Scan::parse(&segment, frame)?;
                scan.skim(&mut feed, frame, &tables)?;
                n_left_over += feed.end_scan()?;
            }
            _ => {}
        }
    }
    match frame {
        Some(frame) if frame.is_covered() => Ok(End { at: feed.at(), n_left_over }),
        Some(_) => Err(truncated()),
        None => Err(corrupt("no frame")),
    }
}

fn read_huffman_tables(mut segment: &[u8], tables: &mut Tables) -> Result<(), Error> {
    while let Some((&class_and_id, rest)) = segment.split_first() {
        let (class, id) = (class_and_id >> 4, usize::from(class_and_id & 15));
        let (table, n_bytes) = Table::parse(rest)?;
        let slot = match class {
            0 => tables.dc.get_mut(id),
            1 => tables.ac.get_mut(id),
            _ => None,
        };
        let slot = slot.ok_or_else(|| corrupt("a Huffman table of no known class"))?;
        *slot = Some(table);
        segment = &rest[n_bytes..];
    }
    Ok(())
}

fn restart_interval(segment: &[u8]) -> Result<u32, Error> {
    match segment {
        &[high, low] => Ok(u16::from_be_bytes([high, low]).into()),
        _ => Err(corrupt("a restart interval of the wrong length")),
    }
}

fn corrupt(what: impl Into<String>) -> Error {
    Error::corrupt(Format::Jpeg, what)
}

fn too_many_scans() -> Error {
    let (found, limit) = ("more".to_owned(), MAX_SCANS.to_string());
    Kind::OverLimit { what: "the number of scans", found, limit }.into()
}

fn truncated() -> Error {
    Kind::Truncated(Format::Jpeg, "the pixel data").into()
}
