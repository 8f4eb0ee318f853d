//! Inspects and validates every file of a folder.
//!
//! `cargo run --release --example inspect_folder -- FOLDER`

use std::{env, error::Error, fs};

use safelight_imaging::{Depth, Rules, Source, inspect, validate};

fn main() -> Result<(), Box<dyn Error>> {
    let Some(folder) = env::args_os().nth(1) else {
        return Err("give a folder".into());
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            paths.push(entry.path());
        }
    }
    paths.sort();
    for path in paths {
        match inspect(Source::open(&path)?) {
            Ok(info) => println!(
                "{}: {} {} x {}, {} of {} bits, {} to decode",
                path.display(),
                info.format,
                info.width,
                info.height,
                info.color,
                info.bit_depth,
                info.decoding_bytes
            ),
            Err(error) => println!("{}: {error}", path.display()),
        }
        let validation = validate(Source::open(&path)?, &Rules::default(), Depth::Full)?;
        for finding in validation.findings {
            println!("    {finding}");
        }
    }
    Ok(())
}
