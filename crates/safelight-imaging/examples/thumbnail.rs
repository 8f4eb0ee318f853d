//! Makes a thumbnail of an image as a PNG.
//!
//! `cargo run --release --example thumbnail -- IMAGE THUMBNAIL.png [SIDE]`

use std::{env, error::Error, fs::File};

use safelight_imaging::{Fit, Source, Target, ThumbnailOptions, encode, thumbnail};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [from, to, rest @ ..] = &args[..] else {
        return Err("give an image and the name of the thumbnail".into());
    };
    let side = rest.first().map_or(Ok(256), |side| side.parse())?;
    let options = ThumbnailOptions::default();
    let small = thumbnail(Source::open(from)?, Fit::inside(side, side), &options)?;
    let n_bytes = encode(&small, Target::Png, File::create(to)?)?;
    println!("{to}: {} x {} pixels, {n_bytes} bytes", small.width(), small.height());
    Ok(())
}
