//! Thumbnails of a folder, or of two images that it paints itself: made once, then found.
//!
//! `cargo run --release -p safelight-cache --example thumbnails -- FOLDER`

use std::{env, error::Error, fs, path::Path};

use image::{ImageError, Rgb, RgbImage};
use safelight_cache::{Cache, Key, Operation, SourceId, Weigh};
use safelight_core::{ByteSize, Clock, SystemClock};

/// With the version raised, what the code of before has made is not found any more.
const THUMBNAIL: Operation = Operation::new("thumbnail", 1);

/// With the feature `image` the buffers of that crate weigh themselves.
struct Thumbnail(RgbImage);

impl Weigh for Thumbnail {
    fn heap(&self) -> ByteSize {
        ByteSize::from_len(self.0.as_raw().capacity())
    }
}

type Thumbnails = Cache<Key<[u32; 2]>, Thumbnail>;

fn show(cache: &Thumbnails, path: &Path) -> Result<(), Box<dyn Error>> {
    let (start, mut how) = (SystemClock.now(), "hit");
    // A new identity for each request is how a changed file is found out.
    let key = Key::new(SourceId::file(path)?, THUMBNAIL, [256, 256]);
    let answer = cache.try_get_or_compute(key, || {
        how = "loaded";
        let image = image::open(path)?;
        Ok::<_, ImageError>(Thumbnail(image.thumbnail(256, 256).into_rgb8()))
    });
    let took = SystemClock.now() - start;
    let name = path.file_name().unwrap_or_default().display();
    match answer {
        Ok(small) => println!("  {how} in {took:.1?}: {name} {:?}", small.0.dimensions()),
        Err(error) => println!("  failed in {took:.1?}: {name} {:?}", error.source()),
    }
    Ok(())
}

fn show_all(cache: &Thumbnails, folder: &Path) -> Result<(), Box<dyn Error>> {
    println!("the files of {}:", folder.display());
    let entries: Result<Vec<_>, _> = fs::read_dir(folder)?.collect();
    let mut paths: Vec<_> = entries?.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    paths.iter().filter(|path| path.is_file()).try_for_each(|path| show(cache, path))
}

fn paint(path: &Path, red: u8) -> Result<(), ImageError> {
    RgbImage::from_fn(1200, 800, |x, y| Rgb([red, x as u8, y as u8])).save(path)
}

fn main() -> Result<(), Box<dyn Error>> {
    let cache: Thumbnails = Cache::new(ByteSize::mib(64));
    if let Some(folder) = env::args_os().nth(1) {
        (0..2).try_for_each(|_| show_all(&cache, Path::new(&folder)))?;
    } else {
        let folder = tempfile::tempdir()?;
        paint(&folder.path().join("sea.png"), 9)?;
        paint(&folder.path().join("sky.jpg"), 9)?;
        show_all(&cache, folder.path())?;
        // Written over it is another source, and the thumbnail of before is not found.
        paint(&folder.path().join("sky.jpg"), 200)?;
        show_all(&cache, folder.path())?;
    }
    println!("{}", cache.stats());
    Ok(())
}
