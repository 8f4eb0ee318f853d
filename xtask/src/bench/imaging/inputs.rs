//! The files that are worked on.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use anyhow::{Context, Result};
use safelight_benches::photo_set;
use safelight_imaging::{
    Depth, Format, Layout, Limits, Rules, Source, Validation, decode, validate,
};
use schemars::JsonSchema;
use serde::Serialize;
use walkdir::WalkDir;

use crate::{
    progress::Bar,
    report_file::photo_dir,
    say::say,
    status::{UsageError, describe},
    units::Size,
};

/// Sizes of generated images.
const SIZES: [Size; 4] = [
    Size::new(512, 512),
    Size::new(1920, 1080),
    Size::new(2048, 2048),
    Size::new(4096, 4096),
];

/// An image so small that working on it costs next to nothing.
const TINY: Size = Size::new(16, 16);

/// Files, and those that are left out.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    pub(super) photos: Vec<Photo>,
    pub(super) skipped: Vec<Skipped>,
}

/// A file with which all sides do the same.
#[derive(Clone, Debug)]
pub(super) struct Photo {
    pub(super) path: PathBuf,
    /// A tiny image of the same format.
    pub(super) tiny: PathBuf,
    /// The name of the file, without folders.
    pub(super) name: String,
    pub(super) format: Format,
    pub(super) width: u32,
    pub(super) height: u32,
    /// A progressive JPEG, or an interlaced PNG.
    pub(super) is_progressive: bool,
}

/// A file that was left out.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(in crate::bench) struct Skipped {
    path: String,
    reason: String,
}

impl Inputs {
    /// Searches what the user named, or makes photo-like images.
    pub(super) fn collect(paths: &[PathBuf], interrupted: &AtomicBool) -> Result<Self> {
        let mut inputs = Self::default();
        let tiny = tiny()?;
        let files = if paths.is_empty() {
            generated()?
        } else {
            inputs.search(paths, interrupted)
        };
        for path in files {
            if interrupted.load(Relaxed) {
                break;
            }
            match Photo::open(&path, &tiny) {
                Ok(photo) => inputs.photos.push(photo),
                Err(reason) => inputs.skip(&path, reason),
            }
        }
        for Skipped { path, reason } in &inputs.skipped {
            say(format_args!("skipped: {path}: {reason}"));
        }
        if inputs.photos.is_empty() && !interrupted.load(Relaxed) {
            let places = paths.iter().map(|path| path.display().to_string());
            let places = places.collect::<Vec<_>>().join(", ");
            return Err(UsageError(format!("no photo to work on in {places}")).into());
        }
        Ok(inputs)
    }

    /// Returns every file below the paths, in the order of their names.
    fn search(&mut self, paths: &[PathBuf], interrupted: &AtomicBool) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in paths.iter().flat_map(|path| WalkDir::new(path).sort_by_file_name())
        {
            if interrupted.load(Relaxed) {
                break;
            }
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => found.push(entry.into_path()),
                Err(error) => {
                    let path = error.path().unwrap_or(Path::new("?")).to_owned();
                    self.skip(&path, error.to_string());
                }
            }
        }
        found
    }

    pub(super) fn skip(&mut self, path: &Path, reason: String) {
        self.skipped.push(Skipped { path: path.display().to_string(), reason });
    }
}

impl Photo {
    /// Takes a file in which nothing is wrong, and nothing that sides treat in other ways.
    fn open(path: &Path, tiny: &[PathBuf]) -> Result<Self, String> {
        // Programs are started elsewhere, and pipes would not end.
        let path = fs::canonicalize(path).map_err(|error| error.to_string())?;
        if !path.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Err("not a regular file".to_owned());
        }
        let source = Source::open(&path).map_err(|error| describe(&error))?;
        let rules = Rules {
            side: 16..=u32::MAX,
            aspect: 0.0..=f64::INFINITY,
            ..Rules::default()
        };
        let Validation { info, findings, .. } =
            validate(source, &rules, Depth::Full).map_err(|error| describe(&error))?;
        if let Some(finding) = findings.first() {
            return Err(finding.to_string());
        }
        let info = info.ok_or("it has no header")?;
        if info.has_alpha && !is_opaque(&path)? {
            return Err(
                "it has transparent pixels, which each side composes in its own way"
                    .to_owned(),
            );
        }
        let is_tiny = |path: &&PathBuf| {
            let known = info.format.extensions();
            path.extension()
                .is_some_and(|ending| known.iter().any(|known| *known == ending))
        };
        let tiny =
            tiny.iter().find(is_tiny).ok_or("no such format is generated")?.clone();
        Ok(Self {
            name: path.file_name().unwrap_or_default().display().to_string(),
            tiny,
            format: info.format,
            width: info.width,
            height: info.height,
            is_progressive: info.is_progressive,
            path,
        })
    }

    pub(super) fn n_pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// Whether a file with an alpha channel looks as it would without.
fn is_opaque(path: &Path) -> Result<bool, String> {
    let source = Source::open(path).map_err(|error| describe(&error))?;
    let pixels = decode(source, &Limits::default()).map_err(|error| describe(&error))?;
    let mut alphas = match pixels.layout() {
        Layout::Rgba8 => pixels.data().iter().skip(3).step_by(4),
        Layout::GrayAlpha8 => pixels.data().iter().skip(1).step_by(2),
        // Deeper ones were found already.
        _ => return Ok(true),
    };
    Ok(alphas.all(|alpha| *alpha == 255))
}

/// Makes the images that are not there yet.
fn generated() -> Result<Vec<PathBuf>> {
    let bar = Bar::new("making images", SIZES.len() as u64);
    let mut paths = Vec::new();
    for size in SIZES {
        bar.set_message(format!("{size} (once)"));
        paths.extend(files(size)?);
        bar.inc(1);
    }
    bar.finish();
    Ok(paths)
}

fn tiny() -> Result<Vec<PathBuf>> {
    files(TINY)
}

fn files(size: Size) -> Result<Vec<PathBuf>> {
    let dir = photo_dir();
    photo_set::files(&dir, size.width, size.height)
        .with_context(|| format!("cannot make images of {size} in {}", dir.display()))
}
