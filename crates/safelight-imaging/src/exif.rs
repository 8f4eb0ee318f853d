//! The one EXIF field that changes pixels: the orientation.

use crate::Orientation;

#[cfg(test)]
mod tests;

/// How much of an EXIF block is searched; the first directory is nearly always up front.
pub(crate) const SEARCHED_BYTES: usize = 64 * 1024;

const ORIENTATION_TAG: u16 = 0x0112;
const SHORT: u16 = 3;

/// Reads the orientation from a TIFF block; upright when there is none.
pub(crate) fn orientation(tiff: &[u8]) -> Orientation {
    Entry::find(tiff)
        .and_then(|entry| Orientation::from_exif(entry.value))
        .unwrap_or_default()
}

/// Makes the block say "upright", after the pixels were turned.
pub(crate) fn set_upright(tiff: &mut [u8]) {
    // What was not looked at has turned nothing.
    let searched = &tiff[..tiff.len().min(SEARCHED_BYTES)];
    let Some(entry) = Entry::find(searched) else { return };
    let upright = Orientation::Upright.to_exif();
    let bytes = if entry.big { upright.to_be_bytes() } else { upright.to_le_bytes() };
    tiff[entry.value_at..entry.value_at + 2].copy_from_slice(&bytes);
}

/// Where the orientation stands.
struct Entry {
    big: bool,
    value_at: usize,
    value: u16,
}

impl Entry {
    fn find(tiff: &[u8]) -> Option<Self> {
        let big = match tiff.get(..4)? {
            b"MM\0*" => true,
            b"II*\0" => false,
            _ => return None,
        };
        let u16_at = |idx: usize| {
            let bytes = tiff.get(idx..idx.checked_add(2)?)?.try_into().ok()?;
            Some(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
        };
        let directory_at = {
            let bytes = tiff.get(4..8)?.try_into().ok()?;
            if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
        };
        let entries_at = usize::try_from(directory_at).ok()?.checked_add(2)?;
        let n_entries = u16_at(entries_at - 2)?;
        (0..usize::from(n_entries))
            .map_while(|idx| entries_at.checked_add(12 * idx))
            .find(|&at| {
                u16_at(at) == Some(ORIENTATION_TAG) && u16_at(at + 2) == Some(SHORT)
            })
            .and_then(|at| Some(Self { big, value_at: at + 8, value: u16_at(at + 8)? }))
    }
}
