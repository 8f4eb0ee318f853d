//! Safe, strict bindings of libjpeg-turbo and libwebp.
//!
//! It is what `safelight-imaging` uses with its feature `native`, and knows nothing of it:
//! slices go in, owned bytes come out, and every buffer has a size that is known before.
//! What is truncated or corrupt is an error, never a partly gray picture: the first warning
//! of a library ends the work.
//!
//! ```
//! # #[cfg(feature = "jpeg")]
//! # fn main() -> Result<(), safelight_native::Error> {
//! use safelight_native::{Picture, Samples, jpeg};
//!
//! let picture = Picture { pixels: &[200; 40 * 24], width: 40, height: 24 };
//! let file = jpeg::encode(&picture, Samples::Gray, 90, jpeg::Chroma::Whole)?;
//!
//! let mut decoder = jpeg::Decoder::new(&file)?;
//! assert_eq!(decoder.header().color, jpeg::Color::Gray);
//! let small = decoder.decode(Samples::Gray, jpeg::Scale::Quarter)?;
//! assert_eq!((small.width, small.height), (10, 6));
//!
//! let mut cut = jpeg::Decoder::new(&file[..file.len() - 1])?;
//! let error = cut.decode(Samples::Gray, jpeg::Scale::Whole).unwrap_err();
//! assert!(error.is_truncated());
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "jpeg"))]
//! # fn main() {}
//! ```
//!
//! # When not to use it
//!
//! To work with images use `safelight-imaging`: limits, orientation, color profiles, and
//! the formats and kinds of JPEG that are not taken here are all its part.
//!
//! # Features
//!
//! None is on by default, and without one there is nothing here: the libraries are built
//! from the C source that their `-sys` crates carry, and linked statically.
//!
//! - `jpeg`: libjpeg-turbo. It takes a C compiler, cmake and, on x86, nasm.
//! - `webp`: libwebp. It takes a C compiler.

#[cfg(any(feature = "jpeg", feature = "webp"))]
mod error;
#[cfg(any(feature = "jpeg", feature = "webp"))]
mod image;
#[cfg(feature = "jpeg")]
pub mod jpeg;
#[cfg(feature = "webp")]
pub mod webp;

#[cfg(any(feature = "jpeg", feature = "webp"))]
pub use crate::{
    error::Error,
    image::{Image, Picture, Samples},
};
