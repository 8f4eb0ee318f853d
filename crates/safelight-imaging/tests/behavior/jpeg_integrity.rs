//! The reader of entropy-coded data agrees with the decoder on what is whole.

use safelight_imaging::{
    Code, Depth, Layout, Pixels, Rules, Source, Validation, validate,
};

use crate::support::{JPEG, clean, decoded, file, jpeg::Flat, photo};

fn look(bytes: &[u8]) -> Validation {
    let rules = Rules { side: 1..=4096, ..Rules::default() };
    validate(Source::from_slice(bytes), &rules, Depth::Full).expect("no i/o to fail")
}

const GRAY: Flat<'_> =
    Flat { width: 200, height: 120, samples: &[77], adobe: None, restart_interval: 0 };

fn is_flat(pixels: &Pixels, wanted: [u8; 3]) -> bool {
    pixels.data().as_chunks::<3>().0.iter().all(|&rgb| {
        rgb.iter().zip(wanted).all(|(sample, wanted)| sample.abs_diff(wanted) <= 1)
    })
}

#[test]
fn whole_images_of_all_kinds_are_whole() {
    assert_eq!(look(&GRAY.baseline()).to_string(), "no findings");
    assert!(decoded(&GRAY.baseline()).data().iter().all(|&sample| sample == 77));
    for restart_interval in [1, 7, 24, 25, 375] {
        let bytes = Flat { restart_interval, ..GRAY }.baseline();
        assert_eq!(look(&bytes).to_string(), "no findings", "{restart_interval}");
    }
    for layout in [Layout::Gray8, Layout::Rgb8] {
        for (width, height) in [(1, 1), (8, 8), (9, 17), (250, 131)] {
            let bytes = file(&photo(width, height, layout), JPEG);
            assert_eq!(look(&bytes).to_string(), "no findings", "{width} x {height}");
        }
    }
}

#[test]
fn progressive_scans_and_their_refinements_are_followed() {
    let bytes = GRAY.progressive();
    assert_eq!(look(&bytes).to_string(), "no findings");
    let pixels = decoded(&bytes);
    // All blocks but the first hold nothing but their mean.
    assert_eq!(pixels.data()[8..200], [77; 192]);
    for len in (700..bytes.len()).step_by(7) {
        let cut = [&bytes[..len], b"\xff\xd9"].concat();
        let validation = look(&cut);
        let is_found = validation.has(Code::Truncated) || validation.has(Code::Corrupt);
        // A cut between two scans leaves an image that is coarser, but whole.
        let is_between_scans = bytes[len] == 0xff && bytes[len + 1] != 0;
        assert!(is_found || is_between_scans, "cut at {len} of {}", bytes.len());
    }
}

#[test]
fn every_cut_of_a_baseline_image_is_found_even_with_an_end_marker() {
    let bytes = clean(JPEG);
    let scan_at = bytes.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap() + 14;
    for len in (scan_at..bytes.len() - 4).step_by(97) {
        assert!(look(&bytes[..len]).has(Code::Truncated), "cut at {len}");
        let closed = [&bytes[..len], b"\xff\xd9"].concat();
        assert!(!look(&closed).is_acceptable(), "cut at {len}, closed");
    }
}

#[test]
fn restart_markers_out_of_order_are_found() {
    let bytes = Flat { restart_interval: 50, ..GRAY }.baseline();
    let at = bytes.windows(2).position(|pair| pair == [0xff, 0xd1]).unwrap();
    let mut wrong = bytes;
    wrong[at + 1] = 0xd5;
    let validation = look(&wrong);
    assert!(validation.has(Code::Corrupt), "{validation}");
}

#[test]
fn scans_without_number_are_not_followed() {
    let bytes = GRAY.baseline();
    let scan_at = bytes.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
    let (head, rest) = bytes.split_at(scan_at);
    let (scan, end) = rest.split_at(rest.len() - 2);
    let repeated = |n| [head, &scan.repeat(n), end].concat();
    assert!(!look(&repeated(100)).has(Code::OverLimit));
    let validation = look(&repeated(101));
    assert!(validation.has(Code::OverLimit), "{validation}");
}

#[test]
fn data_that_no_pixel_uses_is_found() {
    let mut bytes = GRAY.baseline();
    let end = bytes.len() - 2;
    bytes.splice(end..end, [0; 40]);
    let validation = look(&bytes);
    assert!(validation.is_acceptable());
    assert_eq!(validation.findings[0].code, Code::Corrupt);
    assert!(validation.findings[0].found.starts_with("40 bytes"), "{validation}");
}

#[test]
fn inks_become_the_colors_they_print() {
    let inks = |samples, adobe| {
        let flat = Flat { width: 16, height: 16, samples, adobe, restart_interval: 0 };
        decoded(&flat.baseline())
    };
    // Adobe: 255 is no ink. Red is magenta and yellow.
    assert!(is_flat(&inks(&[255, 0, 0, 255], Some(0)), [255, 0, 0]));
    assert!(is_flat(&inks(&[255, 255, 255, 0], Some(0)), [0, 0, 0]));
    assert!(is_flat(&inks(&[0, 255, 255, 0], None), [255, 0, 0]));
    assert!(is_flat(&inks(&[0, 128, 128, 255], Some(2)), [255, 255, 255]));
    assert!(is_flat(&inks(&[0, 128, 128, 100], Some(2)), [100, 100, 100]));
}
