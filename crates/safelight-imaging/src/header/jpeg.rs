use safelight_core::ByteSize;

use super::{Bytes, Extent, Frame, Header};
use crate::{Color, Error, Format, decode::Sampling, format::Size};

/// Reads the segments up to the first scan.
pub(super) fn read(bytes: &mut Bytes<'_, '_>) -> Result<Header, Error> {
    bytes.skip(2, "the signature")?;
    let mut segments = Segments::default();
    loop {
        let marker = next_marker(bytes)?;
        match marker {
            // Markers without a segment have no place here, but do no harm.
            0x01 | 0xd0..=0xd7 => continue,
            0xd8 => return Err(bytes.corrupt("a second start of image in the header")),
            0xd9 => return Err(bytes.corrupt("it ends before the first scan")),
            _ => {}
        }
        let len = bytes.u16_be("a segment length")?;
        let Some(len) = len.checked_sub(2) else {
            return Err(
                bytes.corrupt(format!("segment {marker:#04x} is {len} bytes long"))
            );
        };
        let end = bytes.at() + u64::from(len);
        segments.read(bytes, marker, len)?;
        if marker == 0xda {
            return segments.into_header(bytes);
        }
        let rest = end.checked_sub(bytes.at());
        let rest = rest.ok_or_else(|| bytes.corrupt("a segment is too short"))?;
        bytes.skip(rest, "a segment")?;
    }
}

fn next_marker(bytes: &mut Bytes<'_, '_>) -> Result<u8, Error> {
    let [first] = bytes.array("the header")?;
    if first != 0xff {
        return Err(bytes.corrupt(format!("{first:#04x} stands where a marker should")));
    }
    loop {
        // Any number of fill bytes may stand before a marker.
        match bytes.array("the header")? {
            [0xff] => {}
            [0x00] => return Err(bytes.corrupt("0x00 stands where a marker should")),
            [marker] => return Ok(marker),
        }
    }
}

/// What the segments have said so far.
#[derive(Default)]
struct Segments {
    sof: Option<Sof>,
    adobe_transform: Option<u8>,
    exif: Option<Extent>,
    icc_bytes: u64,
    n_scan_components: u8,
}

/// The start of frame.
struct Sof {
    marker: u8,
    precision: u8,
    size: Size,
    n_components: u8,
    /// Samples of all components together, in whole blocks.
    n_samples: u64,
    /// The sampling factors of each component.
    factors: Vec<(u64, u64)>,
}

impl Segments {
    fn read(
        &mut self,
        bytes: &mut Bytes<'_, '_>,
        marker: u8,
        len: u16,
    ) -> Result<(), Error> {
        match marker {
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                if self.sof.is_some() {
                    return Err(bytes.corrupt("it has more than one start of frame"));
                }
                self.sof = Some(Sof::read(bytes, marker)?);
            }
            0xda => [self.n_scan_components] = bytes.array("the start of scan")?,
            0xe1 if 6 <= len && self.exif.is_none() => {
                let is_exif = bytes.array(EXIF)? == *b"Exif\0\0";
                let extent = Extent { at: bytes.at(), len: u64::from(len) - 6 };
                self.exif = is_exif.then_some(extent);
            }
            0xe2 if 14 <= len => {
                let is_profile = bytes.array("the ICC profile")? == *b"ICC_PROFILE\0";
                self.icc_bytes += if is_profile { u64::from(len) - 14 } else { 0 };
            }
            0xee if 12 <= len => {
                let [name @ .., transform] = bytes.array::<12>("the Adobe segment")?;
                if name.starts_with(b"Adobe") {
                    self.adobe_transform = Some(transform);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn into_header(self, bytes: &Bytes<'_, '_>) -> Result<Header, Error> {
        let Some(sof) = self.sof else {
            return Err(bytes.corrupt("its first scan has no start of frame"));
        };
        let color = match (sof.n_components, self.adobe_transform) {
            (1, _) => Color::Gray,
            (3, _) => Color::Rgb,
            (4, Some(2)) => Color::Ycck,
            (4, _) => Color::Cmyk,
            (n, _) => {
                let what = format!("images of {n} color components");
                return Err(Error::unsupported(Format::Jpeg, what));
            }
        };
        let is_progressive = sof.marker == 0xc2;
        // Coefficients are kept, 16 bits each, if the scans hold a part of the image each.
        let in_parts = is_progressive || self.n_scan_components < sof.n_components;
        let coefficients = if in_parts { sof.n_samples * 2 } else { 0 };
        // Inks are decoded as four samples, and made three in place.
        let inks = if color.is_ink() { sof.size.pixels() } else { 0 };
        let sampling = match (in_parts, sof.n_components, self.adobe_transform) {
            // Three components without black are not what this transform is of.
            (true, ..) | (false, 3, Some(2)) => None,
            _ => Sampling::new(&sof.factors),
        };
        let frame = Frame {
            format: Format::Jpeg,
            size: sof.size,
            color,
            bit_depth: sof.precision,
            has_alpha: false,
            pixel_len: if color == Color::Gray { 1 } else { 3 },
            // The decoder wants the whole file in memory, and copies metadata out of it.
            working_bytes: coefficients + inks + rows(sof.size) + 2 * bytes.len(),
        };
        let mut header = frame.into_header(bytes.len());
        header.info.is_progressive = is_progressive;
        header.info.icc =
            (0 < self.icc_bytes).then(|| ByteSize::from_bytes(self.icc_bytes));
        header.exif = self.exif;
        header.info.sampling = sampling;
        header.adobe_transform = self.adobe_transform;
        header.is_adobe = self.adobe_transform.is_some();
        let is_lower = sof.factors.iter().any(|(_, v)| *v != sof.factors[0].1);
        header.is_split = in_parts && !is_progressive && is_lower;
        header.scan_at = bytes.at();
        Ok(header)
    }
}

const EXIF: &str = "the EXIF block";
const SOF: &str = "the start of frame";

impl Sof {
    fn read(bytes: &mut Bytes<'_, '_>, marker: u8) -> Result<Self, Error> {
        let kind = match marker {
            0xc0..=0xc2 => None,
            0xc3 | 0xc7 | 0xcb | 0xcf => Some("lossless coding"),
            0xc5 | 0xc6 => Some("hierarchical coding"),
            _ => Some("arithmetic coding"),
        };
        if let Some(kind) = kind {
            return Err(Error::unsupported(Format::Jpeg, kind));
        }
        let [precision] = bytes.array(SOF)?;
        let height = bytes.u16_be(SOF)?;
        let width = bytes.u16_be(SOF)?;
        let [n_components] = bytes.array(SOF)?;
        if precision != 8 {
            let what = format!("samples of {precision} bits");
            return Err(Error::unsupported(Format::Jpeg, what));
        }
        if width == 0 || height == 0 {
            return Err(bytes.corrupt(format!("it declares {width} x {height} pixels")));
        }
        let size = Size::new(width.into(), height.into());
        let factors = factors(bytes, n_components)?;
        let n_samples = n_samples(size, &factors);
        Ok(Self { marker, precision, size, n_components, n_samples, factors })
    }
}

fn factors(
    bytes: &mut Bytes<'_, '_>,
    n_components: u8,
) -> Result<Vec<(u64, u64)>, Error> {
    let mut factors = Vec::with_capacity(n_components.into());
    for _ in 0..n_components {
        let [_id, sampling, _table] = bytes.array(SOF)?;
        let (h, v) = (u64::from(sampling >> 4), u64::from(sampling & 15));
        if !(1..=4).contains(&h) || !(1..=4).contains(&v) {
            return Err(bytes.corrupt(format!("a sampling factor is {h} x {v}")));
        }
        factors.push((h, v));
    }
    Ok(factors)
}

fn n_samples(size: Size, factors: &[(u64, u64)]) -> u64 {
    let h_max = factors.iter().map(|&(h, _)| h).max().unwrap_or(1);
    let v_max = factors.iter().map(|&(_, v)| v).max().unwrap_or(1);
    let n_mcus = u64::from(size.width).div_ceil(8 * h_max)
        * u64::from(size.height).div_ceil(8 * v_max);
    factors.iter().map(|&(h, v)| n_mcus * h * v * 64).sum()
}

/// Estimates the rows and tables that the decoder keeps.
fn rows(size: Size) -> u64 {
    256 * 1024 + u64::from(size.width) * 400
}
