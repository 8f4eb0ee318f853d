//! Makes thumbnails of the files that are named, twice, and says what that cost.
//!
//! `cargo run -p safelight --example first_steps -- ~/Pictures/*.jpg`

use std::{env, error::Error, path::PathBuf};

use safelight::{Fit, Input, Safelight};

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let safelight = Safelight::builder().start()?;
    for _ in 0..2 {
        for path in &paths {
            match safelight.thumbnail(Input::file(path), Fit::inside(256, 256)) {
                Ok(small) => println!("{}: {small:?}", path.display()),
                Err(error) => eprintln!("{}: {error}", path.display()),
            }
        }
    }
    if let Some(cache) = safelight.cache() {
        println!("{}", cache.stats());
    }
    safelight.stop();
    Ok(())
}
