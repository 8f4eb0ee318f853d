use std::io;

use safelight_cache::{Class, Operation};
use safelight_core::ByteSize;
use safelight_imaging::{
    ConvertOptions, Converted, Depth, Fit, Info, Limits, Pixels, Target,
    ThumbnailOptions, Validation,
};

use crate::{Error, Input, Safelight, Shared, job::Need, stored::Weight};

const INSPECT: Operation = Operation::new("inspect", 1);
const VALIDATE: Operation = Operation::new("validate", 1);
const THUMBNAIL: Operation = Operation::new("thumbnail", 1);
const THUMBNAIL_FILE: Operation = Operation::new("thumbnail file", 1);
const CONVERT: Operation = Operation::new("convert", 1);

/// What reading a header takes.
pub(crate) const HEADER: ByteSize = ByteSize::kib(64);

/// An encoded image, and what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Encoded {
    /// The file.
    pub bytes: Vec<u8>,
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
}

impl Safelight {
    /// Returns what the header of an image says.
    ///
    /// It costs about as much as looking it up, so it is not kept.
    ///
    /// # Errors
    ///
    /// When the image cannot be read, or the job is not admitted in time.
    pub fn inspect<'a>(&self, input: impl Into<Input<'a>>) -> Result<Info, Error> {
        let input = input.into();
        let job = self.job(INSPECT).memory(HEADER);
        job.run_once(|| safelight_imaging::inspect(input.open()?))
    }

    /// Returns all findings about an image by the rules of the configuration.
    ///
    /// # Errors
    ///
    /// When the image cannot be read, or the job is not admitted in time; bad content is a
    /// finding.
    pub fn validate<'a>(
        &self,
        input: impl Into<Input<'a>>,
        depth: Depth,
    ) -> Result<Shared<Validation>, Error> {
        let input = input.into();
        let (rules, version) = self.parts().rules.get();
        let key = || Ok::<_, io::Error>((input.id()?, input.extension(), depth, version));
        let need = || {
            let info = safelight_imaging::inspect(input.open()?);
            // What cannot be read is a finding, and little work.
            Ok::<_, safelight_imaging::Error>(info.map_or_else(
                |_| Need::default(),
                |info| {
                    let bytes =
                        if depth == Depth::Header { HEADER } else { info.decoding_bytes };
                    need_of(&info, bytes, &rules.limits)
                },
            ))
        };
        let work = || safelight_imaging::validate(input.open()?, &rules, depth);
        self.job(VALIDATE).run_weighed(key, need, work, |validation| {
            let text = |text: &str| ByteSize::from_len(text.len());
            let of_finding = |finding: &safelight_imaging::Finding| {
                ByteSize::from_len(size_of_val(finding))
                    + text(&finding.found)
                    + text(&finding.wanted)
            };
            let heap = validation.findings.iter().map(of_finding).sum();
            Weight { heap, class: Class::Small }
        })
    }

    /// Returns a small, upright picture.
    ///
    /// # Errors
    ///
    /// When the image cannot be read or is over a limit, or the job is not admitted in time.
    pub fn thumbnail<'a>(
        &self,
        input: impl Into<Input<'a>>,
        fit: Fit,
    ) -> Result<Shared<Pixels>, Error> {
        let input = input.into();
        let (options, version) = self.thumbnail_options();
        let key = || Ok::<_, io::Error>((input.id()?, fit, version));
        let need = || {
            need_for(input, &options.limits, |info| info.thumbnail_bytes(fit, &options))
        };
        let work = || safelight_imaging::thumbnail(input.open()?, fit, &options);
        self.job(THUMBNAIL).run_weighed(key, need, work, |pixels| Weight {
            heap: pixels.byte_size(),
            class: Class::Bulk,
        })
    }

    /// Returns a small, upright picture as a file.
    ///
    /// JPEG has no opacity: there it is laid over white, as [`convert`](Self::convert) does.
    ///
    /// # Errors
    ///
    /// When the image cannot be read or is over a limit, or the job is not admitted in time.
    pub fn thumbnail_file<'a>(
        &self,
        input: impl Into<Input<'a>>,
        fit: Fit,
        target: Target,
    ) -> Result<Shared<Encoded>, Error> {
        let input = input.into();
        let (options, version) = self.thumbnail_options();
        let key = || Ok::<_, io::Error>((input.id()?, fit, target, version));
        let need = || {
            need_for(input, &options.limits, |info| info.thumbnail_bytes(fit, &options))
        };
        let work = || {
            let pixels = safelight_imaging::thumbnail(input.open()?, fit, &options)?;
            let pixels = match target {
                Target::Jpeg { .. } => {
                    pixels.flatten(ConvertOptions::default().background)
                }
                _ => pixels,
            };
            let (width, height) = (pixels.width(), pixels.height());
            let mut bytes = Vec::new();
            safelight_imaging::encode(&pixels, target, &mut bytes)?;
            Ok::<_, safelight_imaging::Error>(Encoded { bytes, width, height })
        };
        self.job(THUMBNAIL_FILE).run_weighed(key, need, work, weight_of)
    }

    /// Returns an image in another format, upright.
    ///
    /// # Errors
    ///
    /// When the image cannot be read or is over a limit, or the job is not admitted in time.
    pub fn convert<'a>(
        &self,
        input: impl Into<Input<'a>>,
        target: Target,
    ) -> Result<Shared<Encoded>, Error> {
        let input = input.into();
        let (rules, version) = self.parts().rules.get();
        let options =
            ConvertOptions { limits: rules.limits, ..ConvertOptions::default() };
        let key = || Ok::<_, io::Error>((input.id()?, target, version));
        let work = || {
            let mut bytes = Vec::new();
            let source = input.open()?;
            let written =
                safelight_imaging::convert(source, target, &options, &mut bytes)?;
            let Converted { width, height, .. } = written;
            Ok::<_, safelight_imaging::Error>(Encoded { bytes, width, height })
        };
        let need = || need_for(input, &options.limits, |info| info.decoding_bytes);
        self.job(CONVERT).run_weighed(key, need, work, weight_of)
    }

    /// Returns the options, and the version of the rules that they are from.
    fn thumbnail_options(&self) -> (ThumbnailOptions, u64) {
        let (rules, version) = self.parts().rules.get();
        let options =
            ThumbnailOptions { limits: rules.limits, ..ThumbnailOptions::default() };
        (options, version)
    }
}

/// Returns what work on the pixels of an image takes, by what is in its header.
fn need_for(
    input: Input<'_>,
    limits: &Limits,
    bytes: impl FnOnce(&Info) -> ByteSize,
) -> Result<Need, safelight_imaging::Error> {
    let info = safelight_imaging::inspect(input.open()?)?;
    Ok(need_of(&info, bytes(&info), limits))
}

fn need_of(info: &Info, bytes: ByteSize, limits: &Limits) -> Need {
    // What is over a limit is refused at its header: nobody should make room for it.
    let is_refused = limits.max_pixels < info.n_pixels() || limits.max_decoded < bytes;
    Need {
        memory: Some(if is_refused { HEADER } else { bytes }),
        pixels: Some((info.width, info.height)),
        bytes_in: 0,
    }
}

fn weight_of(encoded: &Encoded) -> Weight {
    Weight { heap: ByteSize::from_len(encoded.bytes.capacity()), class: Class::Bulk }
}
