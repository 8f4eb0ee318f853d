//! Decodes a JPEG at half its size, and writes it as a lossy WebP.
//!
//! `cargo run -p safelight-native --example halve -- photo.jpg small.webp`

use std::{env, error::Error, fs};

use safelight_native::{Picture, Samples, jpeg, webp};

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<_> = env::args_os().skip(1).collect();
    let [from, to] = &paths[..] else {
        return Err("it takes two paths: a JPEG, and where the WebP goes".into());
    };
    let bytes = fs::read(from)?;
    let half = jpeg::Decoder::new(&bytes)?.decode(Samples::Rgb, jpeg::Scale::Half)?;
    let picture = Picture { pixels: &half.data, width: half.width, height: half.height };
    fs::write(to, &*webp::encode_lossy(&picture, Samples::Rgb, 80, 4)?)?;
    println!("{} x {} pixels", half.width, half.height);
    Ok(())
}
