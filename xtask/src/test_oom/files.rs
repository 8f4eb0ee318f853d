//! The images of a run, made once.

use std::{
    env,
    fs::{self, File},
    io::Write,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use anyhow::{Context, Result};
use safelight_benches::{
    photo::photo,
    photo_set::{self, FileFormat},
};
use safelight_core::ByteSize;
use tempfile::TempDir;

use crate::{control_group, progress::Bar};

/// What the pixels of a photo take, in hundredths of the limit.
pub(super) const PHOTO_PERCENT: [u64; 4] = [12, 18, 24, 28];

/// What the pixels of a preview take, in thousandths of the limit.
const PREVIEW_PERMILLE: u64 = 6;

/// Files in a folder that goes when this does.
///
/// They are written, and so in the page cache, before the groups are made: it counts for
/// this process and not for them.
pub(crate) struct Files {
    pub(crate) photos: Vec<PathBuf>,
    pub(super) preview: PathBuf,
    _dir: TempDir,
}

impl Files {
    /// Makes photos of some sizes, each as JPEG and as PNG; fewer when interrupted.
    pub(crate) fn make(
        limit: ByteSize,
        bar: &Bar,
        interrupted: &AtomicBool,
    ) -> Result<Self> {
        remove_leftovers();
        let dir =
            tempfile::Builder::new().prefix(&control_group::name("images-")).tempdir();
        let dir = dir.context("cannot make a folder for images")?;
        let preview = Picture::of(limit.bytes() / 1000 * PREVIEW_PERMILLE);
        let preview = preview.save(dir.path(), FileFormat::Jpeg)?;
        let mut photos = Vec::new();
        for percent in PHOTO_PERCENT {
            if interrupted.load(Relaxed) {
                break;
            }
            bar.set_message(format!("making images: {percent} % of the limit"));
            let picture = Picture::of(limit.bytes() / 100 * percent);
            photos.push(picture.save(dir.path(), FileFormat::Jpeg)?);
            photos.push(picture.save(dir.path(), FileFormat::Png)?);
        }
        Ok(Self { photos, preview, _dir: dir })
    }
}

/// Removes folders that an earlier run of this command had to leave.
pub(super) fn remove_leftovers() {
    for left in control_group::leftovers(&env::temp_dir(), Path::new("/")) {
        // Another user's stay, which is as well.
        let _ = fs::remove_dir_all(left);
    }
}

/// An RGB image, four times as wide and as high as what was drawn.
struct Picture {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

/// How often what is drawn is repeated to each side: drawing is dearer than decoding.
const N_TILES: usize = 4;

impl Picture {
    /// Makes one in the shape 4:3 whose pixels take about so many bytes.
    fn of(n_bytes: u64) -> Self {
        let n_pixels = n_bytes as f64 / 3.0;
        let side = |share: f64| (share * n_pixels).sqrt() / N_TILES as f64;
        let whole = |side: f64| NonZeroU32::new(side as u32).unwrap_or(NonZeroU32::MIN);
        let (width, height) = (whole(side(4.0 / 3.0)), whole(side(3.0 / 4.0)));
        let tile = photo(width, height, photo_set::SEED);
        let repeated = |row: &[u8]| row.repeat(N_TILES);
        let band: Vec<u8> =
            tile.chunks_exact(3 * width.get() as usize).flat_map(repeated).collect();
        Self {
            width: width.get() * N_TILES as u32,
            height: height.get() * N_TILES as u32,
            rgb: band.repeat(N_TILES),
        }
    }

    fn save(&self, dir: &Path, format: FileFormat) -> Result<PathBuf> {
        let Self { width, height, .. } = self;
        let path = dir.join(format!("photo_{width}x{height}.{}", format.extension()));
        let save = || {
            let bytes = photo_set::encode(&self.rgb, *width, *height, format)?;
            let mut file = File::create(&path)?;
            file.write_all(&bytes)?;
            file.sync_all()
        };
        save().with_context(|| format!("cannot make the image {}", path.display()))?;
        Ok(path)
    }
}
