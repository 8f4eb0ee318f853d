use std::fmt;

use crate::{
    Code, Error, Finding, Info, Rules, Severity, Source,
    error::Kind,
    format::Format,
    header::{Header, recognize},
    integrity,
};

/// How deep a validation looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Depth {
    /// At the header alone; microseconds.
    Header,
    /// At every byte: checksums, and a strict decode.
    Full,
}

/// All findings about an image.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Validation {
    /// What the header says, unless it could not be read.
    pub info: Option<Info>,
    /// What is wrong, or worth to know, in the order in which it was looked for.
    pub findings: Vec<Finding>,
}

impl Validation {
    /// Whether nothing speaks against using the image; there may be warnings.
    pub fn is_acceptable(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity < Severity::Error)
    }

    /// Whether there is a finding of this kind.
    pub fn has(&self, code: Code) -> bool {
        self.findings.iter().any(|finding| finding.code == code)
    }
}

impl fmt::Display for Validation {
    /// Prints a finding a line, or "no findings".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.findings.is_empty() {
            return f.write_str("no findings");
        }
        for (idx, finding) in self.findings.iter().enumerate() {
            let separator = if idx == 0 { "" } else { "\n" };
            write!(f, "{separator}{finding}")?;
        }
        Ok(())
    }
}

/// Compares an image with the rules; returns all findings, not the first.
///
/// Rules about size and aspect are applied to the image as it is shown.
///
/// ```
/// use safelight_imaging::{
///     Code, Depth, Layout, Pixels, Rules, Source, Target, encode, validate,
/// };
///
/// let mut png = Vec::new();
/// encode(&Pixels::new(40, 2, Layout::Gray8, vec![0; 80])?, Target::Png, &mut png)?;
///
/// let source = Source::from_slice(&png).with_name("photo.jpg");
/// let validation = validate(source, &Rules::default(), Depth::Full)?;
/// let codes: Vec<_> = validation.findings.iter().map(|finding| finding.code).collect();
/// assert_eq!(codes, [Code::WrongExtension, Code::TooSmall, Code::AspectOutOfRange]);
/// # Ok::<(), safelight_imaging::Error>(())
/// ```
///
/// # Errors
///
/// When the source cannot be read ([`Error::is_io`]); bad content is a finding.
pub fn validate(
    mut source: Source<'_>,
    rules: &Rules,
    depth: Depth,
) -> Result<Validation, Error> {
    let mut findings = Vec::new();
    let info = look(&mut source, rules, depth, &mut findings)?;
    Ok(Validation { info, findings })
}

fn look(
    source: &mut Source<'_>,
    rules: &Rules,
    depth: Depth,
    findings: &mut Vec<Finding>,
) -> Result<Option<Info>, Error> {
    let (format, len) = match recognize(&mut source.input) {
        Ok(recognized) => recognized,
        Err(error) => {
            findings.push(Finding::from_error(error)?);
            return Ok(None);
        }
    };
    findings.extend(check_name(source, format));
    findings.extend(rules.check_format(format));
    findings.extend(rules.check_file(len));
    let header = match Header::read(&mut source.input) {
        Ok(header) => header,
        Err(error) => {
            stopped(error, rules, findings)?;
            return Ok(None);
        }
    };
    let excesses = rules.limits.exceeded(&header);
    let is_over_limit = !excesses.is_empty();
    for excess in excesses {
        findings.push(Finding::from_error(excess.into())?);
    }
    check_header(&header, rules, findings);
    if depth == Depth::Full && !is_over_limit {
        findings.extend(integrity::check(&mut source.input, &header, &rules.limits)?);
    }
    Ok(Some(header.info))
}

/// Notes why the header could not be read; of some formats the size is known all the same.
fn stopped(
    error: Error,
    rules: &Rules,
    findings: &mut Vec<Finding>,
) -> Result<(), Error> {
    match error.kind() {
        // The format itself has been noted.
        Kind::UnsupportedFormat(_, size) => {
            if let Some(size) = size.filter(|size| 0 < size.pixels()) {
                rules.check_size(size, findings);
            }
        }
        _ => findings.push(Finding::from_error(error)?),
    }
    Ok(())
}

fn check_name(source: &Source<'_>, format: Format) -> Option<Finding> {
    let extension = source.extension()?;
    if format.extensions().contains(&extension.as_str()) {
        return None;
    }
    let wanted = format!(".{} for {format} content", format.extensions()[0]);
    Some(Finding::warning(Code::WrongExtension, format!(".{extension}"), wanted))
}

fn check_header(header: &Header, rules: &Rules, findings: &mut Vec<Finding>) {
    if let Some(declared) = header.declared_len.filter(|&len| header.source_len < len) {
        findings.push(Finding::error(
            Code::Truncated,
            format!("{} bytes", header.source_len),
            format!("the {declared} bytes that the container declares"),
        ));
    }
    rules.check_attributes(&header.info, findings);
}
