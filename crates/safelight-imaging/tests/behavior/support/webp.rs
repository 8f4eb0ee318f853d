/// Makes a chunk, padded to an even length.
pub(crate) fn chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
    let mut bytes = name.to_vec();
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes.extend(vec![0; data.len() % 2]);
    bytes
}

/// Makes a file of chunks.
pub(crate) fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = chunks.concat();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((body.len() as u32 + 4).to_le_bytes());
    bytes.extend(b"WEBP");
    bytes.extend(body);
    bytes
}

pub(crate) const ANIMATION: u8 = 0x02;
pub(crate) const ALPHA: u8 = 0x10;

pub(crate) fn vp8x(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let mut data = vec![flags, 0, 0, 0];
    data.extend(&(width - 1).to_le_bytes()[..3]);
    data.extend(&(height - 1).to_le_bytes()[..3]);
    chunk(b"VP8X", &data)
}

/// Returns the one chunk of a plain lossless file.
pub(crate) fn image_chunk(webp: &[u8]) -> Vec<u8> {
    assert_eq!(&webp[12..16], b"VP8L");
    webp[12..].to_vec()
}

/// Makes an animation of a plain lossless file, shown `n` times.
pub(crate) fn animated(webp: &[u8], width: u32, height: u32, n: usize) -> Vec<u8> {
    let mut chunks =
        vec![vp8x(ANIMATION | ALPHA, width, height), chunk(b"ANIM", &[0; 6])];
    chunks.extend(vec![frame(width, height, &[image_chunk(webp)]); n]);
    file(&chunks)
}

/// Makes a frame of an animation of these chunks.
pub(crate) fn frame(width: u32, height: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut frame = vec![0; 6];
    frame.extend(&(width - 1).to_le_bytes()[..3]);
    frame.extend(&(height - 1).to_le_bytes()[..3]);
    frame.extend([100, 0, 0, 0]);
    frame.extend(chunks.concat());
    chunk(b"ANMF", &frame)
}

/// A lossy image of one pixel.
pub(crate) const LOSSY: &[u8] = b"RIFF\x22\0\0\0WEBPVP8 \x16\0\0\0\x30\x01\0\x9d\x01\x2a\
    \x01\0\x01\0\x0e\xc0\xfe\x25\xa4\0\x03\x70\0\0\0\0";

/// Makes a lossy file of which only the head is real, with `len` bytes of pixel data.
pub(crate) fn lossy_head(width: u16, height: u16, len: usize) -> Vec<u8> {
    let mut data = LOSSY[20..26].to_vec();
    data.extend(width.to_le_bytes());
    data.extend(height.to_le_bytes());
    data.resize(len, 0);
    file(&[chunk(b"VP8 ", &data)])
}
