//! JPEG by libjpeg-turbo.

mod decoder;
mod encode;
mod handle;

pub use self::{
    decoder::{Color, Decoder, Header, Scale},
    encode::{Chroma, Encoded, encode},
};
