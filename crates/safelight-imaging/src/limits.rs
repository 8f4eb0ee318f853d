use safelight_core::ByteSize;

use crate::{
    Error,
    error::Kind,
    fit::Plan,
    format::Size,
    header::{Extent, Header},
};

/// What one image may cost; checked on its header before anything is allocated.
///
/// ```
/// use safelight_core::ByteSize;
/// use safelight_imaging::Limits;
///
/// let limits = Limits { max_pixels: 16_000_000, ..Limits::default() };
/// assert_eq!(limits.max_decoded, ByteSize::mib(512));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most pixels an image may declare, or be enlarged to; 100 million by default.
    pub max_pixels: u64,
    /// The most memory that decoding may take, pixels included; 512 MiB by default.
    ///
    /// It is compared with [`Info::decoding_bytes`](crate::Info::decoding_bytes).
    /// What is made *from* the pixels (a thumbnail, a converted file) comes on top; a
    /// thumbnail, with what its filter needs, is held to the same limit by itself.
    pub max_decoded: ByteSize,
    /// The longest source; 256 MiB by default.
    pub max_input: ByteSize,
    /// The most frames of an animation; 10 000 by default.
    pub max_frames: u32,
    /// The most memory for the ICC profile and for EXIF, each; 16 MiB by default.
    ///
    /// It also bounds the stored length of a PNG text chunk.
    pub max_metadata: ByteSize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_pixels: 100_000_000,
            max_decoded: ByteSize::mib(512),
            max_input: ByteSize::mib(256),
            max_frames: 10_000,
            max_metadata: ByteSize::mib(16),
        }
    }
}

impl Limits {
    /// Returns the first limit that the image is over, as an error.
    pub(crate) fn check(&self, header: &Header) -> Result<(), Error> {
        match self.exceeded(header).into_iter().next() {
            Some(excess) => Err(excess.into()),
            None => Ok(()),
        }
    }

    /// Returns every limit that the image is over.
    pub(crate) fn exceeded(&self, header: &Header) -> Vec<Excess> {
        let info = &header.info;
        let mut excesses = self.exceeded_input(header.source_len);
        excesses.extend(self.exceeded_pixels("the declared image", header.largest));
        if self.max_decoded < info.decoding_bytes {
            excesses.push(Excess {
                what: "the memory for decoding",
                found: info.decoding_bytes.to_string(),
                limit: self.max_decoded.to_string(),
            });
        }
        if let Some(n_frames) = info.n_frames.filter(|&n| self.max_frames < n) {
            excesses.push(Excess {
                what: "the number of frames",
                found: n_frames.to_string(),
                limit: self.max_frames.to_string(),
            });
        }
        let exif = header.exif.map_or(0, |Extent { len, .. }| len);
        let icc = info.icc.unwrap_or_default().bytes();
        for (what, len) in [
            ("the EXIF block", exif),
            ("the ICC profile", icc),
            ("the longest text chunk", header.longest_text),
        ] {
            if self.max_metadata.bytes() < len {
                excesses.push(Excess {
                    what,
                    found: ByteSize::from_bytes(len).to_string(),
                    limit: self.max_metadata.to_string(),
                });
            }
        }
        excesses
    }

    /// Returns the limit that making a thumbnail would be over, as an error.
    pub(crate) fn check_plan(&self, plan: &Plan, pixel_len: u64) -> Result<(), Error> {
        if let Some(excess) = self.exceeded_pixels("the thumbnail", plan.to) {
            return Err(excess.into());
        }
        let needed = ByteSize::from_bytes(plan.resize_bytes(pixel_len));
        if needed <= self.max_decoded {
            return Ok(());
        }
        Err(Excess {
            what: "the memory for the thumbnail",
            found: needed.to_string(),
            limit: self.max_decoded.to_string(),
        }
        .into())
    }

    fn exceeded_pixels(&self, what: &'static str, size: Size) -> Option<Excess> {
        let millions = |n: u64| format!("{:.1} million pixels", n as f64 / 1e6);
        (self.max_pixels < size.pixels()).then(|| Excess {
            what,
            found: format!("{size} = {}", millions(size.pixels())),
            limit: millions(self.max_pixels),
        })
    }

    /// Checks the length of the source alone, before its header is read.
    pub(crate) fn exceeded_input(&self, len: u64) -> Vec<Excess> {
        if len <= self.max_input.bytes() {
            return Vec::new();
        }
        vec![Excess {
            what: "the length of the source",
            found: ByteSize::from_bytes(len).to_string(),
            limit: self.max_input.to_string(),
        }]
    }
}

/// One limit that an image is over.
pub(crate) struct Excess {
    pub(crate) what: &'static str,
    pub(crate) found: String,
    pub(crate) limit: String,
}

impl From<Excess> for Error {
    fn from(excess: Excess) -> Self {
        let Excess { what, found, limit } = excess;
        Kind::OverLimit { what, found, limit }.into()
    }
}
