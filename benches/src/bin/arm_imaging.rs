//! What image operations cost in ours and in `image`: `arm_imaging FILE [OUT]`.
//!
//! Workloads are operations on the file, those of `image` with `image_` before the name.
//! `write_<workload>` leaves in OUT what it makes, and `peak_rss` is the highest resident set
//! of this process so far, in bytes.

use std::{
    cell::OnceCell,
    fs::{self, File},
    hint::black_box,
    io::{self, BufReader, Cursor},
    path::{Path, PathBuf},
};

use image::{
    DynamicImage, ImageFormat, ImageReader, codecs::jpeg::JpegEncoder,
    imageops::FilterType,
};
use safelight_benches::arm::{answer, cpu_of, unknown};
use safelight_core::ByteSize;
use safelight_imaging::{
    ConvertOptions, Fit, Limits, Pixels, Source, Target, ThumbnailOptions, convert,
    decode, encode, inspect, thumbnail,
};
use safelight_probe::Process;

/// The box of thumbnails.
const SIDE: u32 = 256;

const QUALITY: u8 = 85;
const JPEG: Target = Target::Jpeg { quality: QUALITY };

/// What a workload makes.
enum Product {
    /// Something else than an image.
    Nothing,
    Pixels(Pixels),
    Image(DynamicImage),
    /// The bytes of a file.
    Encoded(Vec<u8>),
}

/// The file, and it decoded for what begins with pixels.
struct Work {
    file: PathBuf,
    pixels: OnceCell<Pixels>,
    image: OnceCell<DynamicImage>,
}

impl Work {
    /// Runs a workload once.
    fn run(&self, name: &str) -> io::Result<Product> {
        match name.strip_prefix("image_") {
            Some(name) => self.peer(name),
            None => self.ours(name),
        }
    }

    /// Decodes the file where a workload begins with pixels, which is not what it costs.
    fn prepare(&self, name: &str) -> io::Result<()> {
        match name {
            "encode" => self.pixels().map(drop),
            "image_encode" => self.image().map(drop),
            _ => Ok(()),
        }
    }

    fn pixels(&self) -> io::Result<&Pixels> {
        if self.pixels.get().is_none() {
            let source = Source::open(&self.file).map_err(io::Error::other)?;
            let pixels = decode(source, &Limits::default()).map_err(io::Error::other)?;
            let _ = self.pixels.set(pixels);
        }
        Ok(self.pixels.get().expect("it was set"))
    }

    fn image(&self) -> io::Result<&DynamicImage> {
        if self.image.get().is_none() {
            let _ = self.image.set(self.open()?);
        }
        Ok(self.image.get().expect("it was set"))
    }

    fn reader(&self) -> io::Result<ImageReader<BufReader<File>>> {
        let input = BufReader::new(File::open(&self.file)?);
        ImageReader::new(input).with_guessed_format()
    }

    fn open(&self) -> io::Result<DynamicImage> {
        self.reader()?.decode().map_err(io::Error::other)
    }

    fn ours(&self, name: &str) -> io::Result<Product> {
        let source = || Source::open(&self.file).map_err(io::Error::other);
        Ok(match name {
            "thumbnail" => {
                let options = ThumbnailOptions::default();
                let made = thumbnail(source()?, Fit::inside(SIDE, SIDE), &options);
                Product::Pixels(made.map_err(io::Error::other)?)
            }
            "decode" => {
                let made = decode(source()?, &Limits::default());
                Product::Pixels(made.map_err(io::Error::other)?)
            }
            "encode" => {
                let pixels = self.pixels()?;
                encoded(|sink| encode(pixels, JPEG, sink).map(drop))?
            }
            "to_jpeg" | "to_png" => {
                let target = if name == "to_jpeg" { JPEG } else { Target::Png };
                let (source, options) = (source()?, ConvertOptions::default());
                encoded(|sink| convert(source, target, &options, sink).map(drop))?
            }
            "header" => {
                black_box(inspect(source()?).map_err(io::Error::other)?);
                Product::Nothing
            }
            _ => return Err(unknown(name)),
        })
    }

    fn peer(&self, name: &str) -> io::Result<Product> {
        Ok(match name {
            "thumbnail" => {
                Product::Image(self.open()?.resize(SIDE, SIDE, FilterType::Lanczos3))
            }
            "decode" => Product::Image(self.open()?),
            "encode" => to_jpeg(self.image()?)?,
            "to_jpeg" => to_jpeg(&self.open()?)?,
            "to_png" => {
                let made = self.open()?;
                encoded(|sink| made.write_to(&mut Cursor::new(sink), ImageFormat::Png))?
            }
            "header" => {
                black_box(self.reader()?.into_dimensions().map_err(io::Error::other)?);
                Product::Nothing
            }
            _ => return Err(unknown(name)),
        })
    }
}

impl Product {
    fn write(&self, out: &Path) -> io::Result<()> {
        match self {
            Self::Nothing => Err(io::Error::other("it makes no image")),
            Self::Encoded(bytes) => fs::write(out, bytes),
            Self::Image(image) => {
                image.save_with_format(out, ImageFormat::Png).map_err(io::Error::other)
            }
            Self::Pixels(pixels) => {
                let file = File::create(out)?;
                encode(pixels, Target::Png, file).map(drop).map_err(io::Error::other)
            }
        }
    }
}

fn to_jpeg(image: &DynamicImage) -> io::Result<Product> {
    encoded(|sink| image.write_with_encoder(JpegEncoder::new_with_quality(sink, QUALITY)))
}

fn encoded<E>(write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> io::Result<Product>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut bytes = Vec::new();
    write(&mut bytes).map_err(io::Error::other)?;
    Ok(Product::Encoded(bytes))
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let file = arguments.next().ok_or_else(|| io::Error::other("no file was named"))?;
    let out = arguments.next();
    let work = Work { file, pixels: OnceCell::new(), image: OnceCell::new() };
    answer(|name, n| {
        if name == "peak_rss" {
            return Process::read()
                .peak_rss
                .map(ByteSize::bytes)
                .map_err(io::Error::other);
        }
        if let Some(name) = name.strip_prefix("write_") {
            let out =
                out.as_ref().ok_or_else(|| io::Error::other("no place to write"))?;
            return work.run(name)?.write(out).map(|()| 0);
        }
        work.prepare(name)?;
        cpu_of(|| {
            (0..n).try_for_each(|_| work.run(name).map(|made| drop(black_box(made))))
        })
    })
}
