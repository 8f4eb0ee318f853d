//! Photo-like files on disk, made once.

use std::{
    fs,
    io::{self, Write},
    num::NonZeroU32,
    path::{Path, PathBuf},
    thread,
};

use crate::photo::photo;

/// The seed of every set; another one gives other images of the same kind.
pub const SEED: u64 = 7;

/// Quality of the JPEG files, as cameras and sites use it.
const JPEG_QUALITY: u8 = 90;

/// A file format of the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// Baseline JPEG at quality 90, color at half resolution.
    Jpeg,
    /// PNG with adaptive filters.
    Png,
    /// Lossy WebP.
    WebP,
}

impl FileFormat {
    /// Every format of the set.
    pub const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::WebP];

    /// Returns the file name extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
        }
    }
}

/// Returns the files of one size in `dir`, and makes those that are missing.
///
/// A file is written under another name first, so one that is there is whole.
///
/// # Errors
///
/// When the directory or a file cannot be written, or an encoder refuses the size (JPEG
/// takes 65 535 pixels a side, WebP 16 383).
pub fn files(
    dir: &Path,
    width: NonZeroU32,
    height: NonZeroU32,
) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(dir)?;
    let path_of = |format: FileFormat| {
        dir.join(format!("photo_{width}x{height}.{}", format.extension()))
    };
    let is_missing = |format: &FileFormat| !path_of(*format).exists();
    let missing: Vec<FileFormat> =
        FileFormat::ALL.into_iter().filter(is_missing).collect();
    if !missing.is_empty() {
        let rgb = photo(width, height, SEED);
        let make = &|format: FileFormat| -> io::Result<()> {
            let bytes = encode(&rgb, width.get(), height.get(), format)?;
            let mut file = tempfile::NamedTempFile::new_in(dir)?;
            file.write_all(&bytes)?;
            file.persist(path_of(format)).map_err(|error| error.error)?;
            Ok(())
        };
        thread::scope(|scope| {
            let start = |format| scope.spawn(move || make(format));
            let threads: Vec<_> = missing.into_iter().map(start).collect();
            threads.into_iter().try_for_each(|thread| {
                thread.join().map_err(|_| io::Error::other("an encoder panicked"))?
            })
        })?;
    }
    Ok(FileFormat::ALL.map(path_of).into())
}

/// Encodes an RGB image the way that photos of its size are found on disk.
///
/// # Errors
///
/// When the encoder refuses the size.
pub fn encode(
    rgb: &[u8],
    width: u32,
    height: u32,
    format: FileFormat,
) -> io::Result<Vec<u8>> {
    match format {
        FileFormat::Jpeg => encode_jpeg(rgb, width, height),
        FileFormat::Png => encode_png(rgb, width, height),
        FileFormat::WebP => encode_webp(rgb, width, height),
    }
}

fn encode_jpeg(rgb: &[u8], width: u32, height: u32) -> io::Result<Vec<u8>> {
    let side = |side| u16::try_from(side).map_err(io::Error::other);
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, JPEG_QUALITY);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    let color = jpeg_encoder::ColorType::Rgb;
    encoder.encode(rgb, side(width)?, side(height)?, color).map_err(io::Error::other)?;
    Ok(bytes)
}

fn encode_png(rgb: &[u8], width: u32, height: u32) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::Adaptive);
    let mut writer = encoder.write_header().map_err(io::Error::other)?;
    writer.write_image_data(rgb).map_err(io::Error::other)?;
    writer.finish().map_err(io::Error::other)?;
    Ok(bytes)
}

fn encode_webp(rgb: &[u8], width: u32, height: u32) -> io::Result<Vec<u8>> {
    let rgba: Vec<u8> =
        rgb.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
    let config = webp_rust::LossyEncodingConfig {
        quality: webp_quality(width, height),
        method: webp_method(width, height),
        ..Default::default()
    };
    let (width, height) = (width as usize, height as usize);
    webp_rust::encoder::encode_lossy_rgba_to_webp_with_config(
        width, height, &rgba, &config,
    )
    .map_err(|error| io::Error::other(error.to_string()))
}

/// Fitted, like the roughness of the photo, to the bits per pixel of photos at 2^18, 2^21,
/// 2^22 and 2^24 pixels.
fn webp_quality(width: u32, height: u32) -> f32 {
    match octave(width, height) {
        octave if octave < 19.5 => 85.3,
        octave if octave < 20.5 => 88.0,
        octave if octave < 21.5 => 89.3,
        octave if octave < 23.0 => 87.3,
        _ => 92.0,
    }
}

/// Method 2 chooses block modes as photos have them; the encoder's streams of more than 2^24
/// pixels do not always decode with it, so those use method 0.
fn webp_method(width: u32, height: u32) -> u8 {
    if octave(width, height) <= 24.0 { 2 } else { 0 }
}

/// Returns the binary logarithm of the number of pixels.
fn octave(width: u32, height: u32) -> f64 {
    (f64::from(width) * f64::from(height)).log2()
}
