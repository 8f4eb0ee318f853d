//! How like the best that could be made of a file an image is that was made of it.

use std::{fs::File, io, path::Path};

use image::{ImageReader, RgbImage, imageops};

use crate::ssim::{Luma, ssim};

#[cfg(test)]
mod tests;

/// A file decoded in full, to shrink with a Lanczos filter as it stands: in gamma space, which
/// is what programs do that make thumbnails.
///
/// The filter is that of `image`, with which our thumbnails are not made.
#[derive(Clone, Debug)]
pub struct Reference {
    full: RgbImage,
    /// What images are compared at; the aspect is kept.
    longest_side: u32,
}

impl Reference {
    /// Decodes a file, to compare what was made of it at `longest_side` pixels at most.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or decoded.
    pub fn open(path: &Path, longest_side: u32) -> io::Result<Self> {
        Ok(Self { full: open(path)?, longest_side })
    }

    /// Returns the mean structural similarity of the image in a file to this one.
    ///
    /// What is larger than images are compared at is shrunk with the same filter first.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or decoded, its aspect is another one, or it is smaller
    /// than what is compared.
    pub fn similarity(&self, made: &Path) -> io::Result<f64> {
        let made = open(made)?;
        let (width, height) = self.size_to_compare(made.dimensions())?;
        let wanted = luma(&shrunk(&self.full, width, height));
        let found = luma(&shrunk(&made, width, height));
        ssim(&found, &wanted).ok_or_else(|| {
            io::Error::other(format!("{width} x {height} pixels are too few to compare"))
        })
    }

    /// Returns the size of a thumbnail as it is, and that of a thumbnail of anything larger.
    fn size_to_compare(&self, (width, height): (u32, u32)) -> io::Result<(u32, u32)> {
        let (full_width, full_height) = self.full.dimensions();
        // To a pixel, which is how far sides are rounded.
        let wanted =
            f64::from(width) * f64::from(full_height) / f64::from(full_width.max(1));
        if 1.0 < (wanted - f64::from(height)).abs() {
            return Err(io::Error::other(format!(
                "{width} x {height} pixels were made of {full_width} x {full_height}"
            )));
        }
        let share = f64::from(self.longest_side) / f64::from(width.max(height));
        if 1.0 <= share {
            return Ok((width, height));
        }
        let side = |side: u32| ((f64::from(side) * share).round() as u32).max(1);
        Ok((side(width), side(height)))
    }
}

fn open(path: &Path) -> io::Result<RgbImage> {
    let file = io::BufReader::new(File::open(path)?);
    let reader = ImageReader::new(file).with_guessed_format()?;
    Ok(reader.decode().map_err(io::Error::other)?.into_rgb8())
}

fn shrunk(image: &RgbImage, width: u32, height: u32) -> RgbImage {
    if image.dimensions() == (width, height) {
        return image.clone();
    }
    imageops::resize(image, width, height, imageops::FilterType::Lanczos3)
}

fn luma(image: &RgbImage) -> Luma {
    Luma::of_rgb(image.width() as usize, image.as_raw())
}
