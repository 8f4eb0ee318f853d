//! WebP by libwebp.

mod decode;
mod encode;

pub use self::{
    decode::{Header, decode, decode_scaled, header},
    encode::{Encoded, encode_lossy},
};
