//! Encodes by libjpeg-turbo and libwebp.

mod jpeg;
mod webp;

pub(super) use self::{jpeg::encode as encode_jpeg, webp::encode as encode_webp};
