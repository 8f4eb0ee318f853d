//! What the start and the end frame of a video may be like.

use safelight::{
    Config, Input, Target,
    imaging::{Layout, Pixels, encode},
};

use crate::{bare, start};

fn file(width: u32, height: u32) -> Vec<u8> {
    let data = vec![100; (width * height * 4) as usize];
    let pixels = Pixels::new(width, height, Layout::Rgba8, data).expect("it is small");
    let mut png = Vec::new();
    encode(&pixels, Target::Png, &mut png).expect("a PNG takes it");
    png
}

fn found(config: &Config, start_and_end: [Option<Input<'_>>; 2]) -> String {
    let [first, last] = start_and_end;
    let check = start(bare(config)).frame_pair(first, last).expect("they are readable");
    check.to_string().replace('\n', "; ")
}

/// Two transparent frames of another aspect.
pub(crate) fn pair(config: &Config) -> String {
    let (first, last) = (file(90, 60), file(90, 60));
    found(config, [Some(Input::bytes(&first)), Some(Input::bytes(&last))])
}

pub(crate) fn no_pair(config: &Config) -> String {
    found(config, [None, None])
}
