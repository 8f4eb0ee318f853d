use crate::{
    Code, Error, Finding, Format, Severity,
    header::{Bytes, Header},
    source::Input,
};

use super::Damage;

/// More bad checksums of one severity than this are not listed.
const MAX_LISTED: usize = 8;

/// Walks over all chunks and compares their checksums.
pub(super) fn check(
    input: &mut Input<'_>,
    header: &Header,
    damage: &mut Damage,
) -> Result<(), Error> {
    let mut bytes = Bytes::new(input, Format::Png, header.source_len);
    bytes.seek(8)?;
    let (mut n_errors, mut n_warnings) = (0, 0);
    let walked = loop {
        match next_chunk(&mut bytes) {
            Ok(Chunk { is_last, mismatch }) => {
                if let Some(finding) = mismatch {
                    let n_listed = match finding.severity {
                        Severity::Error => &mut n_errors,
                        Severity::Warning => &mut n_warnings,
                    };
                    *n_listed += 1;
                    if *n_listed <= MAX_LISTED {
                        damage.findings.push(finding);
                    }
                }
                if is_last {
                    damage.check_end(bytes.at(), header.source_len);
                    break Ok(());
                }
            }
            Err(error) => break Err(error),
        }
    };
    damage.add_result(walked)?;
    bytes.seek(0)
}

struct Chunk {
    is_last: bool,
    mismatch: Option<Finding>,
}

fn next_chunk(bytes: &mut Bytes<'_, '_>) -> Result<Chunk, Error> {
    let mut buf = [0; 4096];
    let mut left = u64::from(bytes.u32_be("a chunk header")?);
    let name = bytes.array::<4>("a chunk header")?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&name);
    while 0 < left {
        let n = left.min(buf.len() as u64);
        let part = &mut buf[..n as usize];
        bytes.fill(part, chunk_name(name))?;
        hasher.update(part);
        left -= n;
    }
    let stored = bytes.u32_be("a checksum")?;
    let counted = hasher.finalize();
    let mismatch = (stored != counted).then(|| mismatch(name, stored, counted));
    Ok(Chunk { is_last: &name == b"IEND", mismatch })
}

fn mismatch(name: [u8; 4], stored: u32, counted: u32) -> Finding {
    let found =
        format!("{stored:08x} stored for a chunk {}", String::from_utf8_lossy(&name));
    let wanted = format!("{counted:08x}");
    // A lower-case first letter marks a chunk that the picture can do without; but without
    // these two it would not look the same.
    if name[0].is_ascii_lowercase() && !matches!(&name, b"iCCP" | b"tRNS") {
        Finding::warning(Code::BadChecksum, found, wanted)
    } else {
        Finding::error(Code::BadChecksum, found, wanted)
    }
}

fn chunk_name(name: [u8; 4]) -> &'static str {
    match &name {
        b"IDAT" => "the pixel data",
        _ => "a chunk",
    }
}
