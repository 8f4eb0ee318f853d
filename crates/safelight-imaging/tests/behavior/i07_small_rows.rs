//! I7, where rows are made small as they come: nothing passes that a full decode refuses.

use jpeg_encoder::SamplingFactor;
use proptest::{prelude::*, sample::Index};
use safelight_imaging::{
    Depth, Fit, Layout, Limits, Pixels, Rules, Source, Target, ThumbnailOptions, decode,
    thumbnail, validate,
};

use crate::{
    i04_small_rows::sampled,
    support::{self, file, jpeg::segment, photo},
};

fn small(bytes: &[u8]) -> Result<Pixels, safelight_imaging::Error> {
    let options = ThumbnailOptions::default();
    thumbnail(Source::from_slice(bytes), Fit::inside(12, 12), &options)
}

fn files() -> Vec<Vec<u8>> {
    let rgb = photo(75, 53, Layout::Rgb8).with_icc(Some(support::wide_profile()));
    // A comment behind the pixels, so that it is not the pixels that lack when it is cut.
    let mut commented = sampled(&rgb, SamplingFactor::F_2_2, 0);
    let end = commented.split_off(commented.len() - 2);
    commented.extend(segment(0xfe, b"the end is near"));
    commented.extend(end);
    vec![
        commented,
        sampled(&rgb, SamplingFactor::F_2_2, 0),
        sampled(&rgb, SamplingFactor::F_1_1, 3),
        sampled(&photo(75, 53, Layout::Gray8), SamplingFactor::F_1_1, 0),
        file(&rgb, support::JPEG),
        file(&rgb, Target::Png),
        file(&photo(75, 53, Layout::Rgba16), Target::Png),
    ]
}

#[test]
fn i07_truncated_at_any_byte_is_an_error() {
    for (idx, bytes) in files().iter().enumerate() {
        small(bytes).expect("whole");
        for len in 0..bytes.len() {
            assert!(small(&bytes[..len]).is_err(), "file {idx} cut at {len}");
        }
    }
}

/// Compares with the ways that look at all pixels.
///
/// A damaged JPEG may only be told by a reader that looks at every bit of it, which those
/// rows have and a full decode has not: in between is what must be.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let source = || Source::from_slice(bytes);
    let (made, full) = (small(bytes), decode(source(), &Limits::default()));
    match (made, full) {
        (Ok(_), Err(error)) => {
            prop_assert!(error.is_over_limit(), "passes, but: {error}");
        }
        (Err(error), Ok(_)) => {
            let rules = Rules { side: 1..=100_000, ..Rules::default() };
            let validation = validate(source(), &rules, Depth::Full).expect("no i/o");
            let is_damaged = !validation.findings.is_empty();
            prop_assert!(is_damaged, "refused with {error}, but no finding");
        }
        _ => {}
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(384))]

    #[test]
    fn i07_flipped_bits_are_seen_as_in_full(
        file in 0..7_usize,
        flips in prop::collection::vec((any::<Index>(), 0_u32..8), 1..4),
    ) {
        thread_local!(static FILES: Vec<Vec<u8>> = files());
        let mut bytes = FILES.with(|files| files[file].clone());
        for (at, bit) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        check(&bytes)?;
    }
}

#[test]
fn i07_a_marker_without_a_meaning_behind_the_pixels_is_refused() {
    let commented = files().swap_remove(0);
    let at =
        commented.windows(4).rposition(|bytes| bytes == [0xff, 0xfe, 0, 17]).unwrap();
    for (marker, is_taken) in [(0xfe, true), (0x7e, false), (0xc8, false), (0xf4, false)]
    {
        let mut bytes = commented.clone();
        bytes[at + 1] = marker;
        assert_eq!(small(&bytes).is_ok(), is_taken, "{marker:x}");
        check(&bytes).unwrap();
    }
}
