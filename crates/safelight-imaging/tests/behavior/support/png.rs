/// Makes a chunk with its checksum.
pub(crate) fn chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
    let mut bytes = (data.len() as u32).to_be_bytes().to_vec();
    bytes.extend(name);
    bytes.extend(data);
    bytes.extend(crc32fast::hash(&bytes[4..]).to_be_bytes());
    bytes
}

/// Makes a header chunk.
pub(crate) fn ihdr(width: u32, height: u32, bit_depth: u8, color: u8) -> Vec<u8> {
    let mut data = width.to_be_bytes().to_vec();
    data.extend(height.to_be_bytes());
    data.extend([bit_depth, color, 0, 0, 0]);
    chunk(b"IHDR", &data)
}

/// Makes a file of chunks.
pub(crate) fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend(chunks.iter().flatten());
    bytes
}

/// Makes a file of 66 bytes that declares any size.
pub(crate) fn bomb(width: u32, height: u32) -> Vec<u8> {
    let pixels = [0x78, 0x01, 0x63, 0, 0, 0, 1, 0, 1];
    file(&[ihdr(width, height, 8, 2), chunk(b"IDAT", &pixels), chunk(b"IEND", b"")])
}

/// Puts a chunk behind the header chunk.
pub(crate) fn with_chunk(png: &[u8], chunk: &[u8]) -> Vec<u8> {
    const END_OF_IHDR: usize = 8 + 25;
    [&png[..END_OF_IHDR], chunk, &png[END_OF_IHDR..]].concat()
}

/// Returns the position of the data of the first chunk of this name.
pub(crate) fn data_at(png: &[u8], name: &[u8]) -> usize {
    let at = png.windows(4).position(|window| window == name);
    at.expect("a chunk of this name") + 4
}

/// Makes an `iCCP` chunk of stored (not compressed) data.
pub(crate) fn iccp(profile: &[u8]) -> Vec<u8> {
    let mut data = b"profile\0\0\x78\x01".to_vec();
    let mut blocks = profile.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        let len = block.len() as u16;
        data.push(u8::from(blocks.peek().is_none()));
        data.extend(len.to_le_bytes());
        data.extend((!len).to_le_bytes());
        data.extend(block);
    }
    let (mut a, mut b) = (1u32, 0u32);
    for &byte in profile {
        a = (a + u32::from(byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    data.extend((b << 16 | a).to_be_bytes());
    chunk(b"iCCP", &data)
}
