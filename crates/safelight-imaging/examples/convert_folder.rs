//! Converts the images of a folder to PNG, several at a time.
//!
//! `cargo run --release --example convert_folder -- FOLDER INTO [WORKERS]`

use std::{env, error::Error, fs, num::NonZeroUsize, path::Path};

use safelight_imaging::{Batch, ConvertOptions, Converted, Source, Target, convert};

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [from, into, rest @ ..] = &args[..] else {
        return Err("give a folder, and one for the files made".into());
    };
    let workers = rest.first().map_or(Ok(NonZeroUsize::MIN), |n| n.parse())?;
    let mut paths = Vec::new();
    for entry in fs::read_dir(from)? {
        paths.push(entry?.path());
    }
    paths.sort();
    fs::create_dir_all(into)?;
    let into = Path::new(into).to_owned();
    let work = move |path: &Path| -> Result<Converted, Failure> {
        // Appended: `a.jpg` and `a.webp` are two files.
        let mut name = path.file_name().ok_or("a path without a name")?.to_owned();
        name.push(".png");
        // Only what was decoded in full gets a file.
        let mut png = Vec::new();
        let options = ConvertOptions::default();
        let converted = convert(Source::open(path)?, Target::Png, &options, &mut png)?;
        fs::write(into.join(name), &png)?;
        Ok(converted)
    };
    for item in Batch::new(workers).run(paths, work) {
        match item.result {
            Ok(made) => println!("{}: {}", item.path.display(), made.written),
            Err(error) => println!("{}: {error}", item.path.display()),
        }
    }
    Ok(())
}
