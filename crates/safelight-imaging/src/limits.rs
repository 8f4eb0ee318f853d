use safelight_core::ByteSize;

use crate::{
    Error, Light,
    decode::Way,
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
    /// A thumbnail that is made of rows as they come never holds all pixels: what counts
    /// is then [`Info::thumbnail_bytes`](crate::Info::thumbnail_bytes), and
    /// `max_pixels` is what bounds the work.
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
        let mut excesses = self.exceeded_input(header.source_len);
        excesses.extend(self.exceeded_pixels("the declared image", header.largest));
        let needed = header.info.decoding_bytes;
        excesses.extend(self.exceeded_memory("the memory for decoding", needed));
        excesses.extend(self.exceeded_parts(header));
        excesses
    }

    /// Returns the first limit that a thumbnail would be over, as an error.
    pub(crate) fn check_thumbnail(
        &self,
        header: &Header,
        plan: &Plan,
        light: Light,
    ) -> Result<(), Error> {
        let info = &header.info;
        let mut excesses = self.exceeded_input(header.source_len);
        excesses.extend(self.exceeded_pixels("the declared image", header.largest));
        let is_identity = plan.is_identity(info.size());
        let way = Way::new(info, plan, light);
        if way == Way::Full {
            let needed = info.decoding_bytes;
            excesses.extend(self.exceeded_memory("the memory for decoding", needed));
        }
        excesses.extend(self.exceeded_parts(header));
        if !is_identity {
            excesses.extend(self.exceeded_pixels("the thumbnail", plan.to));
            let needed = info.resize_bytes(way, plan, light);
            excesses.extend(self.exceeded_memory("the memory for the thumbnail", needed));
        }
        match excesses.into_iter().next() {
            Some(excess) => Err(excess.into()),
            None => Ok(()),
        }
    }

    fn exceeded_memory(&self, what: &'static str, needed: ByteSize) -> Option<Excess> {
        let (found, limit) = (needed.to_string(), self.max_decoded.to_string());
        (self.max_decoded < needed).then_some(Excess { what, found, limit })
    }

    /// Looks at what is beside the pixels.
    fn exceeded_parts(&self, header: &Header) -> Vec<Excess> {
        let info = &header.info;
        let mut excesses = Vec::new();
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
