//! Real image work on two photos: validated in full, and made into small JPEG files.

use std::{
    env,
    hint::black_box,
    io,
    num::NonZeroU32,
    path::{Path, PathBuf},
    thread,
};

use safelight_imaging::{
    Depth, Error, Fit, Rules, Source, Target, ThumbnailOptions, encode, thumbnail,
    validate,
};

use crate::photo_set;

/// The program with the stack around the pipeline.
pub const STACK: &str = "arm_pipeline_safelight";

/// What thumbnails fit into.
pub const FIT: Fit = Fit::inside(256, 256);

/// What they are written as.
pub const TARGET: Target = Target::Jpeg { quality: 85 };

/// A JPEG and a PNG.
#[derive(Clone, Debug)]
pub struct Photos {
    paths: [PathBuf; 2],
}

impl Photos {
    /// Makes the files, or takes those of an earlier run.
    ///
    /// # Errors
    ///
    /// When they cannot be written to the folder for temporary files.
    ///
    /// # Panics
    ///
    /// Never: the sides are not zero.
    pub fn open() -> io::Result<Self> {
        let dir = env::temp_dir().join("safelight-pipeline-photos");
        let side = |n| NonZeroU32::new(n).expect("it is not zero");
        let files = photo_set::files(&dir, side(1920), side(1080))?;
        let with = |extension: &str| {
            let mut found = files.iter();
            let path =
                found.find(|path| path.extension().is_some_and(|e| e == extension));
            path.cloned().ok_or(io::ErrorKind::NotFound)
        };
        Ok(Self { paths: [with("jpg")?, with("png")?] })
    }

    /// Returns where the files are.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Runs the pipeline with nothing around it.
    ///
    /// # Errors
    ///
    /// When a file cannot be read.
    pub fn plain(&self) -> Result<(), Error> {
        self.paths.iter().try_for_each(|path| plain(path))
    }
}

fn plain(path: &Path) -> Result<(), Error> {
    let rules = Rules::default();
    black_box(validate(Source::open(path)?, &rules, Depth::Full)?);
    let small = thumbnail(Source::open(path)?, FIT, &ThumbnailOptions::default())?;
    let mut file = Vec::new();
    encode(&small, TARGET, &mut file)?;
    black_box(file);
    Ok(())
}

/// Runs work on each of these at once, n times; on a thread of its own but for the first.
pub fn at_once<T: Sync>(n: u64, of: &[T], run: impl Fn(&T) + Sync) {
    let Some((first, others)) = of.split_first() else { return };
    thread::scope(|scope| {
        for one in others {
            scope.spawn(|| (0..n).for_each(|_| run(one)));
        }
        (0..n).for_each(|_| run(first));
    });
}
