//! Reads the entropy-coded data of a JPEG to its end, without making pixels of it.
//!
//! A decoder fills what is missing with zeros, which makes a cut image gray instead of an
//! error; here every bit that is read must be there.

use crate::{
    Error,
    entropy::{
        Class, Feed, corrupt, is_meaningless, meaningless, read_huffman_tables,
        restart_interval, truncated, unknown_table,
    },
    error::Kind,
    source::Input,
};

use self::{
    frame::Frame,
    scan::{Scan, Tables},
};

mod frame;
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
            marker if 0 < n_scans && is_meaningless(marker) => return Err(meaningless()),
            // A restart marker that no scan has taken, or one without a meaning.
            0x01 | 0xd0..=0xd7 => continue,
            0xd8 => return Err(corrupt("a second start of image within the first")),
            _ => {}
        }
        let segment = feed.segment()?;
        match marker {
            0xc4 => read_tables(&segment, &mut tables)?,
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

fn read_tables(segment: &[u8], tables: &mut Tables) -> Result<(), Error> {
    read_huffman_tables(segment, |class, id, table| {
        let slot = match class {
            Class::Dc => tables.dc.get_mut(id),
            Class::Ac => tables.ac.get_mut(id),
        };
        *slot.ok_or_else(unknown_table)? = Some(table);
        Ok(())
    })
}

fn too_many_scans() -> Error {
    let (found, limit) = ("more".to_owned(), MAX_SCANS.to_string());
    Kind::OverLimit { what: "the number of scans", found, limit }.into()
}
