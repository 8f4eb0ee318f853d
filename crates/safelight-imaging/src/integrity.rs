//! Looks at every byte of an image, more strictly than a decoder has to.

use crate::{
    Code, Error, Finding, Format, Limits,
    decode::{guarded, stored_pixels},
    header::Header,
    source::Input,
};

mod jpeg;
mod png;

#[cfg(test)]
mod tests;

/// Returns everything that is damaged; only I/O is an error.
pub(crate) fn check(
    input: &mut Input<'_>,
    header: &Header,
    limits: &Limits,
) -> Result<Vec<Finding>, Error> {
    let mut damage = Damage::default();
    match header.info.format {
        Format::Jpeg => {
            let skimmed = guarded(Format::Jpeg, || jpeg::skim(input, header.source_len));
            match skimmed {
                Ok(end) => {
                    damage.check_padding(end.n_left_over);
                    damage.check_end(end.at, header.source_len);
                }
                Err(error) => damage.add_result(Err(error))?,
            }
            // What is known to be cut need not be decoded to find out.
            if !damage.has(Code::Truncated) {
                let decoded = stored_pixels(input, header, limits);
                damage.add_result(decoded.map(drop))?;
            }
        }
        Format::Png => {
            png::check(input, header, &mut damage)?;
            let unpacked =
                guarded(Format::Png, || crate::decode::unpack_png(input, header, limits));
            damage.add_result(unpacked)?;
        }
        Format::WebP => {
            if let Some(declared) = header.declared_len {
                damage.check_end(declared, header.source_len);
            }
            // The header has reported a container that is cut.
            if header.declared_len <= Some(header.source_len) {
                let decoded = stored_pixels(input, header, limits);
                damage.add_result(decoded.map(drop))?;
            }
        }
        _ => {}
    }
    Ok(damage.findings)
}

/// Findings in the making.
#[derive(Default)]
struct Damage {
    findings: Vec<Finding>,
}

impl Damage {
    /// Adds what stopped a decoder, unless the same kind of damage is known already.
    fn add_result(&mut self, result: Result<(), Error>) -> Result<(), Error> {
        let Err(error) = result else { return Ok(()) };
        let finding = Finding::from_error(error)?;
        let is_known = |known: &Finding| {
            known.code == finding.code && finding.severity <= known.severity
        };
        if !self.findings.iter().any(is_known) {
            self.findings.push(finding);
        }
        Ok(())
    }

    fn has(&self, code: Code) -> bool {
        self.findings.iter().any(|finding| finding.code == code)
    }

    /// Notes what stands behind the end of the image.
    fn check_end(&mut self, end: u64, source_len: u64) {
        if end < source_len {
            self.findings.push(Finding::warning(
                Code::TrailingData,
                format!("{} bytes behind the end of the image", source_len - end),
                "nothing",
            ));
        }
    }

    /// Notes pixel data that no pixel used.
    fn check_padding(&mut self, n_left_over: u64) {
        if 0 < n_left_over {
            self.findings.push(Finding::warning(
                Code::Corrupt,
                format!("{n_left_over} bytes of pixel data that belong to no pixel"),
                "data that follows the format",
            ));
        }
    }
}
