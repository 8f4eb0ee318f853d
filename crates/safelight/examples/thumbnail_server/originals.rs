//! The folder of images.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use safelight::{
    Target,
    imaging::{Error, Layout, Pixels, encode},
};
use tempfile::TempDir;

use crate::failure::Failure;

const N_MADE_UP: u32 = 6;

/// A folder whose files, but not those of folders in it, are served.
pub(crate) struct Originals {
    folder: PathBuf,
    /// Goes when this does.
    _made_up: Option<TempDir>,
}

impl Originals {
    pub(crate) fn open(folder: &Path) -> Result<Self, String> {
        if !folder.is_dir() {
            let name = folder.display();
            return Err(format!(
                "--originals {name}: there is no such folder; make it, or leave \
                 --originals out to have some made up"
            ));
        }
        Ok(Self { folder: folder.to_owned(), _made_up: None })
    }

    /// Makes up some photos.
    pub(crate) fn make_up() -> Result<Self, String> {
        let fail = |error: &dyn std::error::Error| {
            format!("cannot make up originals: {error}; give a folder with --originals")
        };
        let made_up = tempfile::Builder::new().prefix("originals-").tempdir();
        let made_up = made_up.map_err(|error| fail(&error))?;
        eprintln!("making up {N_MADE_UP} photos; --originals DIR serves your own");
        for seed in 1..=N_MADE_UP {
            let file = photo(seed).map_err(|error| fail(&error))?;
            let path = made_up.path().join(format!("photo-{seed}.jpg"));
            fs::write(path, file).map_err(|error| fail(&error))?;
        }
        Ok(Self { folder: made_up.path().to_owned(), _made_up: Some(made_up) })
    }

    /// Returns the names of all files, sorted.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.path().is_file() {
                names.extend(entry.file_name().into_string().ok());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Returns where the file of this name would be; no name leads out of the folder.
    pub(crate) fn path_of(&self, name: &str) -> Result<PathBuf, Failure> {
        let mut parts = Path::new(name).components();
        match (parts.next(), parts.next()) {
            // A name with a slash behind it is not the name of a file.
            (Some(Component::Normal(part)), None) if part == name => {
                Ok(self.folder.join(part))
            }
            _ => Err(Failure::not_found("an original is named by its file name alone")),
        }
    }
}

/// Draws hills in the haze, with grain, from a seed.
fn photo(seed: u32) -> Result<Vec<u8>, Error> {
    let (width, height) = (2400, 1600);
    let phase = f64::from(seed);
    let mut rgb = Vec::with_capacity(3 * width as usize * height as usize);
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (f64::from(x) / 2400.0, f64::from(y) / 1600.0);
            let ridge =
                |n: f64| 0.2 + 0.18 * n + 0.09 * (u * (5.0 + n) + phase * n).sin();
            let depth =
                (1..5).rev().map(f64::from).find(|n| ridge(*n) < v).unwrap_or(0.0);
            let texture = (u * 90.0 * depth + (v * 70.0).sin() * 2.0).sin() * 4.0 * depth;
            let grain = f64::from(hash(x, y, seed) % 13) - 6.0;
            let light = 215.0 - 40.0 * depth - 30.0 * v + texture + grain;
            rgb.extend([0.9, 1.0, 1.1].map(|tint: f64| (light * tint) as u8));
        }
    }
    let mut file = Vec::new();
    let pixels = Pixels::new(width, height, Layout::Rgb8, rgb)?;
    encode(&pixels, Target::Jpeg { quality: 90 }, &mut file)?;
    Ok(file)
}

/// Mixes a place and a seed into a number that looks random.
fn hash(x: u32, y: u32, seed: u32) -> u32 {
    let mixed = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77) ^ seed;
    let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x2C1B_3C6D);
    mixed ^ (mixed >> 13)
}
