//! What images may be like.

use safelight::{
    Config, Depth, Fit, Safelight, Target,
    imaging::{Layout, Pixels, Severity, encode},
};

use crate::{bare, start};

/// Makes a chunk of a PNG with its checksum.
fn chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
    let named = [name, data].concat();
    let crc = named.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    });
    let len = u32::try_from(data.len()).expect("it is short");
    [&len.to_be_bytes()[..], &named, &(!crc).to_be_bytes()].concat()
}

/// Makes an image of two frames with a comment, which the defaults accept.
fn image() -> Vec<u8> {
    const END_OF_HEADER: usize = 33;
    let gray = vec![100; 300 * 300];
    let pixels = Pixels::new(300, 300, Layout::Gray8, gray).expect("as many as needed");
    let mut png = Vec::new();
    encode(&pixels, Target::Png, &mut png).expect("a PNG takes gray pixels");
    let (header, pixels) = png.split_at(END_OF_HEADER);
    let frames = chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let comment = chunk(b"tEXt", &[&b"Comment\0"[..], &[b'a'; 200]].concat());
    [header, &frames, &comment, pixels].concat()
}

fn errors(safelight: &Safelight) -> String {
    let validation = safelight.validate(&image(), Depth::Header).expect("it is there");
    let errors = validation.findings.iter();
    let errors = errors.filter(|finding| Severity::Error <= finding.severity);
    let errors: Vec<_> =
        errors.map(|found| format!("{}, wanted {}", found.code, found.wanted)).collect();
    if errors.is_empty() { "acceptable".to_owned() } else { errors.join("; ") }
}

pub(crate) fn rules(config: &Config) -> String {
    errors(&start(bare(config)))
}

/// What is found to be over a limit is also refused.
pub(crate) fn limits(config: &Config) -> String {
    let safelight = start(bare(config));
    let made = match safelight.thumbnail(&image(), Fit::inside(30, 30)) {
        Ok(pixels) => format!("a thumbnail of {} x {}", pixels.width(), pixels.height()),
        Err(error) if error.is_too_large() => "no thumbnail".to_owned(),
        Err(error) => panic!("{error}"),
    };
    format!("{}; {made}", errors(&safelight))
}
