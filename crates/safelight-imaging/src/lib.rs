//! Inspects, validates, thumbnails and converts images, under limits.
//!
//! Every operation takes a [`Source`] (a slice, a file, or anything that can seek) and
//! looks at the header before it allocates: an image that declares more than the
//! [`Limits`] allow is refused at no cost.
//! What is truncated or corrupt is an [`Error`] that says so, never a partly gray picture.
//!
//! ```
//! use safelight_imaging::{
//!     Code, ConvertOptions, Depth, Fit, Layout, Pixels, Rules, Source, Target,
//!     ThumbnailOptions, convert, encode, inspect, thumbnail, validate,
//! };
//!
//! let mut png = Vec::new();
//! let gray = Pixels::new(300, 200, Layout::Gray8, vec![128; 300 * 200])?;
//! encode(&gray, Target::Png, &mut png)?;
//!
//! let source = || Source::from_slice(&png).with_name("gray.png");
//! assert_eq!(inspect(source())?.width, 300);
//! assert!(validate(source(), &Rules::default(), Depth::Full)?.has(Code::TooSmall));
//! let small = thumbnail(source(), Fit::inside(64, 64), &ThumbnailOptions::default())?;
//! assert_eq!(small.height(), 43);
//! let mut jpeg = Vec::new();
//! let target = Target::Jpeg { quality: 85 };
//! convert(source(), target, &ConvertOptions::default(), &mut jpeg)?;
//! # Ok::<(), safelight_imaging::Error>(())
//! ```
//!
//! # When not to use it
//!
//! For drawing, filters or formats other than JPEG, PNG and WebP use the `image` crate.
//! For lossy WebP, or the last third of JPEG speed, C libraries are needed: see below.
//!
//! # Features
//!
//! - `image`: conversions between [`Pixels`] and the buffers of the `image` crate, which is
//!   not compiled without it.
//! - `native`: JPEG and WebP by libjpeg-turbo and libwebp, and a target for lossy WebP. Both
//!   are built from source, which takes a C compiler, cmake and, on x86, nasm. What they do
//!   not take is left to the decoders in Rust; what is damaged is an error all the same.

#![forbid(unsafe_code)]

mod animation;
mod batch;
mod cancel;
mod contained;
mod convert;
mod decode;
mod encode;
mod entropy;
mod error;
mod exif;
mod finding;
mod fit;
mod format;
mod frame_pair;
mod header;
mod info;
mod inspect;
mod integrity;
#[cfg(feature = "image")]
mod interop;
mod layout;
mod limits;
mod orientation;
mod pixels;
mod profile;
mod resize;
mod rules;
mod shrink;
mod source;
mod thumbnail;
mod validate;

pub use crate::{
    animation::Animation,
    batch::{Batch, BatchItem, Batched},
    cancel::Cancel,
    convert::{ConvertOptions, Converted, Metadata, convert},
    decode::decode,
    encode::{Target, encode},
    error::Error,
    finding::{Code, Finding, Severity},
    fit::Fit,
    format::Format,
    frame_pair::{
        Frame, FramePair, Opacity, Outline, PairCheck, PairCode, PairFinding, PairRules,
        Presence, Repair, Repairs, Reshape, Resolution,
    },
    info::{Color, Info},
    inspect::inspect,
    layout::Layout,
    limits::Limits,
    orientation::Orientation,
    pixels::Pixels,
    profile::Icc,
    rules::Rules,
    shrink::Light,
    source::Source,
    thumbnail::{ThumbnailOptions, thumbnail},
    validate::{Depth, Validation, validate},
};
