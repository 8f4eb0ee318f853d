use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use anyhow::{Context, Result};
use safelight_benches::photo_set;
use safelight_core::ByteSize;
use safelight_imaging::{Format, Source};
use safelight_probe::Sampler;
use walkdir::WalkDir;

use super::{document::Skipped, progress, settings::Settings};
use crate::{report_file::photo_dir, status::describe};

/// Files on which caching is tried out, and the largest of them.
const MAX_CACHED_FILES: usize = 8;
const MAX_CACHED_PIXELS: u64 = 5_000_000;

/// How often an operation may hold what decoding takes: converting also encodes.
const COPIES: u64 = 2;

/// The files to measure, and those that cannot be.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    pub(super) files: Vec<Input>,
    pub(super) skipped: Vec<Skipped>,
}

/// An image file whose header could be read.
#[derive(Clone, Debug)]
pub(super) struct Input {
    pub(super) path: PathBuf,
    pub(super) format: Format,
    /// Width and height as shown, in pixels.
    pub(super) size: (u32, u32),
    pub(super) encoded_bytes: u64,
}

impl Inputs {
    /// Searches what the user named, or makes photo-like images.
    pub(super) fn collect(settings: &Settings, interrupted: &AtomicBool) -> Result<Self> {
        let mut inputs = Self::default();
        let paths = if settings.input.is_empty() {
            generate(settings, interrupted)?
        } else {
            inputs.search(&settings.input, interrupted)
        };
        let room = room();
        for path in paths {
            if interrupted.load(Relaxed) {
                break;
            }
            match Input::open(&path, room) {
                Ok(input) => inputs.files.push(input),
                Err(reason) => inputs.skipped.push(Skipped::file(&path, reason)),
            }
        }
        Ok(inputs)
    }

    /// Returns the files on which caching is tried out, in which nothing is wrong: the
    /// smallest, in their order.
    pub(super) fn to_cache(&self, is_sound: impl Fn(&Input) -> bool) -> Vec<&Input> {
        let is_small = |file: &&Input| {
            u64::from(file.size.0) * u64::from(file.size.1) <= MAX_CACHED_PIXELS
        };
        let sound = self.files.iter().filter(is_small).filter(|file| is_sound(file));
        let mut sound: Vec<&Input> = sound.collect();
        sound.sort_by_key(|file| u64::from(file.size.0) * u64::from(file.size.1));
        sound.truncate(MAX_CACHED_FILES);
        sound
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
                    self.skipped.push(Skipped::file(&path, error.to_string()));
                }
            }
        }
        found
    }
}

impl Input {
    fn open(path: &Path, room: ByteSize) -> Result<Self, String> {
        let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
        if !metadata.is_file() {
            return Err("not a regular file".to_owned());
        }
        let source = Source::open(path).map_err(|error| describe(&error))?;
        let info =
            safelight_imaging::inspect(source).map_err(|error| describe(&error))?;
        if !info.format.is_supported() {
            return Err(format!("{} is recognized but not supported", info.format));
        }
        let needed = info.decoding_bytes.saturating_mul(COPIES);
        if room < needed {
            return Err(format!(
                "working on it may take {needed}, and only {room} can be had here"
            ));
        }
        Ok(Self {
            path: path.to_owned(),
            format: info.format,
            size: info.upright_size(),
            encoded_bytes: metadata.len(),
        })
    }
}

/// Returns how much memory can be had, where that is known.
fn room() -> ByteSize {
    let mut sampler = Sampler::open();
    let headroom = sampler.sample().headroom.as_ref();
    headroom.map_or(ByteSize::MAX, |headroom| headroom.available)
}

/// Makes the images that are not there yet; they depend on the seed alone.
fn generate(settings: &Settings, interrupted: &AtomicBool) -> Result<Vec<PathBuf>> {
    let dir = photo_dir();
    let bar = progress::steps("making images", settings.sizes.len());
    let mut paths = Vec::new();
    for size in &settings.sizes {
        if interrupted.load(Relaxed) {
            break;
        }
        bar.set_message(format!("{size} (once)"));
        let files =
            photo_set::files(&dir, size.width, size.height).with_context(|| {
                format!("cannot make photo-like images of {size} in {}", dir.display())
            })?;
        paths.extend(files);
        bar.inc(1);
    }
    bar.finish();
    Ok(paths)
}
