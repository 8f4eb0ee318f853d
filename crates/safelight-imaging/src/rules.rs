use std::ops::RangeInclusive;

use safelight_core::ByteSize;

use crate::{Code, Color, Format, Info, Limits, finding::Finding, format::Size};

/// What an image has to be like.
///
/// ```
/// use safelight_imaging::{Format, Rules};
///
/// let rules = Rules { formats: vec![Format::Png], ..Rules::default() };
/// assert_eq!(rules.side, 256..=4096);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// The allowed formats; JPEG, PNG and WebP by default.
    pub formats: Vec<Format>,
    /// The allowed pixels a side, upright; 256 to 4096 by default.
    pub side: RangeInclusive<u32>,
    /// The allowed width divided by height, upright; 1:4 to 4:1 by default.
    pub aspect: RangeInclusive<f64>,
    /// The longest file; 50 MiB by default.
    pub max_file: ByteSize,
    /// What decoding may cost.
    pub limits: Limits,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            formats: vec![Format::Jpeg, Format::Png, Format::WebP],
            side: 256..=4096,
            aspect: 0.25..=4.0,
            max_file: ByteSize::mib(50),
            limits: Limits::default(),
        }
    }
}

impl Rules {
    /// Compares what is already known of an image with the rules; returns all findings.
    ///
    /// Nothing is read: it costs less than looking the answer up in a cache.
    /// [`validate`](crate::validate) finds this and more.
    ///
    /// ```
    /// use safelight_imaging::{Code, Layout, Pixels, Rules, Source, Target, encode, inspect};
    ///
    /// let mut png = Vec::new();
    /// encode(&Pixels::new(40, 40, Layout::Gray8, vec![0; 1600])?, Target::Png, &mut png)?;
    /// let info = inspect(Source::from_slice(&png))?;
    /// assert_eq!(Rules::default().check(&info)[0].code, Code::TooSmall);
    /// # Ok::<(), safelight_imaging::Error>(())
    /// ```
    pub fn check(&self, info: &Info) -> Vec<Finding> {
        let mut findings = Vec::from_iter(self.check_format(info.format));
        self.check_attributes(info, &mut findings);
        findings
    }

    pub(crate) fn check_attributes(&self, info: &Info, findings: &mut Vec<Finding>) {
        let (width, height) = info.upright_size();
        self.check_size(Size::new(width, height), findings);
        if info.orientation.swaps_sides() || info.orientation.to_exif() != 1 {
            let found = format!(
                "EXIF orientation {}: stored {}, shown {width} x {height}",
                info.orientation.to_exif(),
                info.size()
            );
            findings.push(Finding::warning(Code::ExifRotated, found, "orientation 1"));
        }
        if info.color.is_ink() {
            let wanted = format!("{} or {}", Color::Rgb, Color::Gray);
            findings.push(Finding::warning(Code::Cmyk, info.color.to_string(), wanted));
        }
        if info.bit_depth == 16 {
            findings.push(Finding::warning(
                Code::SixteenBit,
                "16 bits a sample",
                "8 bits",
            ));
        }
        if let Some(n_frames) = info.n_frames {
            let found = format!("{n_frames} frames");
            findings.push(Finding::warning(Code::Animated, found, "a still image"));
        }
    }

    pub(crate) fn check_file(&self, len: u64) -> Option<Finding> {
        if len <= self.max_file.bytes() {
            return None;
        }
        let found = ByteSize::from_bytes(len).to_string();
        let wanted = format!("at most {}", self.max_file);
        Some(Finding::error(Code::FileTooLarge, found, wanted))
    }

    pub(crate) fn check_format(&self, format: Format) -> Option<Finding> {
        if self.formats.contains(&format) && format.is_supported() {
            return None;
        }
        let allowed = self.formats.iter().filter(|format| format.is_supported());
        let allowed: Vec<_> = allowed.map(ToString::to_string).collect();
        let wanted = allowed.join(", ");
        Some(Finding::error(Code::UnsupportedFormat, format.to_string(), wanted))
    }

    /// Checks the size as it is shown.
    pub(crate) fn check_size(&self, size: Size, findings: &mut Vec<Finding>) {
        let Size { width, height } = size;
        let (shortest, longest) = (*self.side.start(), *self.side.end());
        let wanted = format!("{shortest} to {longest} pixels a side");
        if width.min(height) < shortest {
            let found = format!("{size} pixels");
            findings.push(Finding::error(Code::TooSmall, found, wanted.clone()));
        }
        if longest < width.max(height) {
            findings.push(Finding::error(
                Code::TooLarge,
                format!("{size} pixels"),
                wanted,
            ));
        }
        let aspect = f64::from(width) / f64::from(height);
        if !self.aspect.contains(&aspect) {
            let (narrowest, widest) = (self.aspect.start(), self.aspect.end());
            findings.push(Finding::error(
                Code::AspectOutOfRange,
                format!("{aspect:.3} ({size})"),
                format!("width / height of {narrowest} to {widest}"),
            ));
        }
    }
}
