//! Inks (CMYK, YCCK) to sRGB.

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use crate::{Error, error::Kind};

#[cfg(test)]
mod tests;

/// How a JPEG stores its four inks.
pub(super) struct Inks {
    /// Luma, chroma and black instead of the inks themselves.
    pub(super) is_ycck: bool,
    /// Written by Adobe's rule: 255 means no ink.
    pub(super) is_adobe: bool,
}

impl Inks {
    /// Makes four samples three, in place, through the profile where there is one.
    pub(super) fn to_rgb(
        &self,
        data: &mut Vec<u8>,
        icc: Option<&[u8]>,
    ) -> Result<(), Error> {
        const BLOCK: usize = 1024;
        let transform = icc.map(transform).transpose()?;
        let n_pixels = data.len() / 4;
        let mut inks = [0; BLOCK * 4];
        let mut rgb = [0; BLOCK * 3];
        for start in (0..n_pixels).step_by(BLOCK) {
            let n = BLOCK.min(n_pixels - start);
            let (inks, rgb) = (&mut inks[..n * 4], &mut rgb[..n * 3]);
            inks.copy_from_slice(&data[start * 4..(start + n) * 4]);
            for pixel in inks.as_chunks_mut::<4>().0 {
                *pixel = self.ink_amounts(*pixel);
            }
            if let Some(transform) = &transform {
                transform.transform(inks, rgb).map_err(profile_error)?;
            } else {
                let (pixels, _) = rgb.as_chunks_mut::<3>();
                for (rgb, &inks) in pixels.iter_mut().zip(inks.as_chunks::<4>().0) {
                    *rgb = without_profile(inks);
                }
            }
            data[start * 3..(start + n) * 3].copy_from_slice(rgb);
        }
        data.truncate(n_pixels * 3);
        data.shrink_to_fit();
        Ok(())
    }

    /// Returns cyan, magenta, yellow and black, 255 being the most ink.
    fn ink_amounts(&self, [a, b, c, black]: [u8; 4]) -> [u8; 4] {
        let [cyan, magenta, yellow] = if self.is_ycck {
            rgb_of_ycc(a, b, c).map(|sample| 255 - sample)
        } else {
            [a, b, c]
        };
        let stored = [cyan, magenta, yellow, black];
        if self.is_adobe { stored.map(|sample| 255 - sample) } else { stored }
    }
}

fn transform(icc: &[u8]) -> Result<std::sync::Arc<moxcms::Transform8BitExecutor>, Error> {
    let profile = ColorProfile::new_from_slice(icc).map_err(profile_error)?;
    if profile.color_space != DataColorSpace::Cmyk {
        let what = format!("it is for {:?}, the image is CMYK", profile.color_space);
        return Err(Kind::Profile(what).into());
    }
    profile
        .create_transform_8bit(
            // Four channels of ink go by the name of the layout of four channels.
            Layout::Rgba,
            &ColorProfile::new_srgb(),
            Layout::Rgb,
            TransformOptions::default(),
        )
        .map_err(profile_error)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
fn profile_error(error: moxcms::CmsError) -> Error {
    Kind::Profile(error.to_string()).into()
}

/// Mixes inks as if each took its color away and nothing else.
fn without_profile([cyan, magenta, yellow, black]: [u8; 4]) -> [u8; 3] {
    let paper = |ink: u8| {
        let light = u32::from(255 - ink) * u32::from(255 - black);
        ((light + 127) / 255) as u8
    };
    [paper(cyan), paper(magenta), paper(yellow)]
}

/// Converts by the JFIF equations, in fixed point of 16 bits.
pub(super) fn rgb_of_ycc(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let (y, cb, cr) = (i32::from(y) << 16, i32::from(cb) - 128, i32::from(cr) - 128);
    let sample = |value: i32| ((value + (1 << 15)) >> 16).clamp(0, 255) as u8;
    [
        sample(y + 91_881 * cr),
        sample(y - 22_554 * cb - 46_802 * cr),
        sample(y + 116_130 * cb),
    ]
}
