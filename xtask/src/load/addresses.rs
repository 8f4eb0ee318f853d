//! What is asked for: more thumbnails than any cache here holds.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::server::{Server, Silence};

#[cfg(test)]
mod tests;

/// The widths that a site would show; half of the requests are for these.
const POPULAR: [u32; 2] = [256, 512];

/// The widths of the other half, up to the longest side that the server makes.
const OTHERS: std::ops::Range<u32> = 275..1025;
const STEP: usize = 2;

/// The addresses of all thumbnails, without the server.
pub(super) struct Addresses {
    popular: Vec<String>,
    others: Vec<String>,
}

impl Addresses {
    pub(super) fn of(originals: &[PathBuf]) -> Result<Self> {
        let name = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.map(str::to_owned).context("an original has no name")
        };
        let names = originals.iter().map(name).collect::<Result<Vec<String>>>()?;
        let all = |widths: &[u32]| {
            let of_name = |name| {
                widths
                    .iter()
                    .map(move |width| format!("/thumbnails/{name}?width={width}"))
            };
            names.iter().flat_map(of_name).collect()
        };
        let others: Vec<u32> = OTHERS.step_by(STEP).collect();
        Ok(Self { popular: all(&POPULAR), others: all(&others) })
    }

    pub(super) fn len(&self) -> usize {
        self.popular.len() + self.others.len()
    }

    /// Returns the lines for the script, where nobody knows a thumbnail yet.
    pub(super) fn lines(&self) -> String {
        lines(self.popular.iter().map(|path| (path, None)), &self.others)
    }

    /// Returns the lines where each second popular thumbnail is known to who asks, as it is
    /// to a browser that comes again.
    ///
    /// # Errors
    ///
    /// Why the server does not answer; that is a result too, as here it may die.
    pub(super) fn lines_with_known(&self, server: &Server) -> Result<String, Silence> {
        let mut popular = Vec::new();
        for (idx, path) in self.popular.iter().enumerate() {
            let etag = if idx % 2 == 0 { server.etag(path)? } else { None };
            popular.push((path, etag));
        }
        Ok(lines(popular, &self.others))
    }
}

fn lines<'a>(
    popular: impl IntoIterator<Item = (&'a String, Option<String>)>,
    others: &[String],
) -> String {
    let mut text = String::new();
    for (path, etag) in popular {
        let etag = etag.unwrap_or_default();
        writeln!(text, "{path} {etag}").expect("a string takes all");
    }
    text.push('\n');
    for path in others {
        writeln!(text, "{path}").expect("a string takes all");
    }
    text
}

/// Returns the folder that all originals lie in.
pub(super) fn folder(originals: &[PathBuf]) -> Result<&Path> {
    originals.first().and_then(|path| path.parent()).context("there are no originals")
}
