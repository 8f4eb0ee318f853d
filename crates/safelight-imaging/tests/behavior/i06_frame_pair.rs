//! I6: what does not fit in a pair of frames is found, and can be mended.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use safelight_core::Share;
use safelight_imaging::{
    Frame, FramePair, Layout, Opacity, Outline, PairCode, PairRules, Pixels, Presence,
    Repair, Reshape, Resolution, Severity, Source, Target, inspect,
};

use crate::support::{self, JPEG, decoded, exif, file, photo, png};

const LAYOUTS: [Layout; 8] = [
    Layout::Gray8,
    Layout::GrayAlpha8,
    Layout::Rgb8,
    Layout::Rgba8,
    Layout::Gray16,
    Layout::GrayAlpha16,
    Layout::Rgb16,
    Layout::Rgba16,
];

fn flat(width: u32, height: u32, layout: Layout) -> Pixels {
    let len = width as usize * height as usize * layout.pixel_len();
    Pixels::new(width, height, layout, vec![90; len]).expect("as long as it must be")
}

/// Prints the findings, and what would be done about them.
#[track_caller]
fn check(pair: FramePair, rules: &PairRules, expected: &Expect) {
    let check = pair.check(rules);
    let [start, end] = [Frame::Start, Frame::End].map(|frame| check.repairs_of(frame));
    expected.assert_eq(&format!("{check}\nstart: {start}\nend: {end}"));
}

#[test]
fn i06_a_pair_that_fits_has_no_findings() {
    let start = flat(1280, 720, Layout::Rgb8);
    check(
        FramePair::new(&start, &start),
        &PairRules::default(),
        &expect![["
        target 1280 x 720: no findings
        start: nothing
        end: nothing"]],
    );
}

#[test]
fn i06_all_findings_are_told_with_their_repairs() {
    let profile = Some(support::wide_profile());
    let start = flat(1600, 1200, Layout::Rgba8).with_icc(profile);
    let end = flat(640, 352, Layout::GrayAlpha16);
    let rules = PairRules::default();
    check(FramePair::new(&start, &end), &rules, &expect![["
        target 1920 x 1080: 6 findings
        warning profile, start frame: found an ICC profile, wanted sRGB, which video is made in; convert to sRGB
        error alpha, start frame: found transparency, wanted opaque pixels; flatten over #ffffff
        error aspect, start frame: found an aspect of 1.333 (1600 x 1200 pixels), wanted 1.778 (1920 x 1080); crop to 1920 x 1080, or pad to 1920 x 1080 with #000000
        error alpha, end frame: found transparency, wanted opaque pixels; flatten over #ffffff
        error color, end frame: found gray pixels, wanted color, as in the other frame; make RGB of gray
        error aspect, end frame: found an aspect of 1.818 (640 x 352 pixels), wanted 1.778 (1920 x 1080); crop to 1920 x 1080, or pad to 1920 x 1080 with #000000
        start: convert to sRGB, flatten over #ffffff, crop to 1920 x 1080
        end: flatten over #ffffff, make RGB of gray, crop to 1920 x 1080"]]);
    let padded = PairRules { reshape: Reshape::Pad, bars: [16, 32, 48], ..rules };
    check(FramePair::new(&start, &end), &padded, &expect![["
        target 1920 x 1080: 6 findings
        warning profile, start frame: found an ICC profile, wanted sRGB, which video is made in; convert to sRGB
        error alpha, start frame: found transparency, wanted opaque pixels; flatten over #ffffff
        error aspect, start frame: found an aspect of 1.333 (1600 x 1200 pixels), wanted 1.778 (1920 x 1080); pad to 1920 x 1080 with #102030, or crop to 1920 x 1080
        error alpha, end frame: found transparency, wanted opaque pixels; flatten over #ffffff
        error color, end frame: found gray pixels, wanted color, as in the other frame; make RGB of gray
        error aspect, end frame: found an aspect of 1.818 (640 x 352 pixels), wanted 1.778 (1920 x 1080); pad to 1920 x 1080 with #102030, or crop to 1920 x 1080
        start: convert to sRGB, flatten over #ffffff, pad to 1920 x 1080 with #102030
        end: flatten over #ffffff, make RGB of gray, pad to 1920 x 1080 with #102030"]]);
}

#[test]
fn i06_frames_are_required_allowed_or_refused() {
    let frame = flat(1280, 720, Layout::Rgb8);
    let (start, end) = (Presence::Required, Presence::Required);
    let both = PairRules { start, end, ..PairRules::default() };
    check(
        FramePair::default(),
        &both,
        &expect![["
        2 findings
        error missing, start frame: found nothing, wanted a start frame; give one
        error missing, end frame: found nothing, wanted an end frame; give one
        start: nothing
        end: nothing"]],
    );
    check(
        FramePair::default().with_end(&frame),
        &PairRules::default(),
        &expect![["
        target 1280 x 720: 1 finding
        error missing, start frame: found nothing, wanted a start frame; give one
        start: nothing
        end: nothing"]],
    );
    let end = Presence::Refused;
    let alone = PairRules { end, ..PairRules::default() };
    check(
        FramePair::new(&frame, &flat(9, 9, Layout::Rgba8)),
        &alone,
        &expect![["
        target 1280 x 720: 1 finding
        error unwanted, end frame: found 9 x 9 pixels, wanted none; leave it out
        start: nothing
        end: nothing"]],
    );
}

#[test]
fn i06_a_refused_frame_does_not_count_for_the_other() {
    let gray = flat(1024, 1024, Layout::Gray8);
    let start = Presence::Refused;
    let rules = PairRules { start, ..PairRules::default() };
    let pair = FramePair::new(&flat(1280, 720, Layout::Rgb8), &gray);
    let check = pair.check(&rules);
    assert_eq!(check.target, Some(Resolution::SQUARE));
    assert!(check.has(Frame::Start, PairCode::Unwanted) && check.findings.len() == 1);
}

#[test]
fn i06_without_resolutions_the_end_has_to_be_like_the_start() {
    let start = flat(300, 200, Layout::Rgb8);
    let rules = PairRules { resolutions: Vec::new(), ..PairRules::default() };
    let fits = |end: &Pixels| FramePair::new(&start, end).check(&rules);
    assert!(fits(&start).findings.is_empty());
    assert!(fits(&flat(150, 100, Layout::Rgb8)).has(Frame::End, PairCode::Size));
    assert!(fits(&flat(200, 300, Layout::Rgb8)).has(Frame::End, PairCode::Aspect));
    assert_eq!(FramePair::default().check(&rules).target, None);
}

#[test]
fn i06_the_nearest_resolution_is_that_of_the_nearest_aspect_then_size() {
    let rules = PairRules::default();
    for (width, height, nearest) in [
        (1280, 720, Resolution::HD),
        (1281, 720, Resolution::HD),
        (3840, 2160, Resolution::FULL_HD),
        (640, 360, Resolution::HD),
        (1816, 1000, Resolution::HD_BY_64),
        (3900, 3000, Resolution::SQUARE),
        (5000, 3000, Resolution::FULL_HD),
        (10, 9000, Resolution::SQUARE),
    ] {
        assert_eq!(rules.nearest(width, height), Some(nearest), "{width} x {height}");
    }
}

#[test]
fn i06_tolerance_is_what_may_be_stretched() {
    let frame = flat(1300, 720, Layout::Rgb8);
    let code = |percent: f64| {
        let tolerance = Share::new(percent / 100.0);
        let resolutions = vec![Resolution::HD];
        let rules = PairRules { tolerance, resolutions, ..PairRules::default() };
        FramePair::default().with_start(&frame).check(&rules).findings[0].code
    };
    // 1300 is 1.56 % more than 1280.
    assert_eq!([code(1.5), code(1.6)], [PairCode::Aspect, PairCode::Size]);
}

#[test]
fn i06_transparency_may_be_allowed_to_both() {
    let rules = PairRules { opacity: Opacity::Same, ..PairRules::default() };
    let [clear, opaque] =
        [Layout::Rgba8, Layout::Rgb8].map(|layout| flat(1280, 720, layout));
    assert!(FramePair::new(&clear, &clear).check(&rules).findings.is_empty());
    let check = FramePair::new(&opaque, &clear).check(&rules);
    assert!(check.has(Frame::End, PairCode::Alpha) && check.findings.len() == 1);
}

#[test]
fn i06_crop_and_pad_are_centered() {
    let shades = Pixels::new(6, 2, Layout::Gray8, [0, 0, 9, 9, 0, 0].repeat(2)).unwrap();
    let to = Resolution::new(2, 2);
    let cropped = Repair::Crop { to }.apply(shades.clone()).unwrap();
    assert_eq!(cropped.data(), [9; 4]);
    let to = Resolution::new(6, 6);
    let padded = Repair::Pad { to, color: [255, 255, 255] }.apply(shades).unwrap();
    let rows: Vec<_> = padded.data().chunks(6).collect();
    assert_eq!(rows[2..4], [[0, 0, 9, 9, 0, 0]; 2]);
    assert!(rows[..2].iter().chain(&rows[4..]).all(|row| **row == [255; 6]));
}

#[test]
fn i06_bars_are_of_the_stated_color_in_every_layout() {
    for layout in LAYOUTS {
        let to = Resolution::new(8, 4);
        let made = Repair::Pad { to, color: [255, 0, 0] }.apply(flat(4, 4, layout));
        let made = made.unwrap().into_8_bit();
        let corner = &made.data()[..made.layout().pixel_len()];
        let wanted: &[u8] = match made.layout() {
            Layout::Gray8 => &[76],
            Layout::GrayAlpha8 => &[76, 255],
            Layout::Rgb8 => &[255, 0, 0],
            _ => &[255, 0, 0, 255],
        };
        assert_eq!(corner, wanted, "{layout:?}");
        assert_eq!(
            made.data()[2 * corner.len()..][..corner.len()],
            *[90; 4].split_at(corner.len()).0
        );
    }
}

#[test]
fn i06_gray_becomes_rgb_of_the_same_shades() {
    for layout in LAYOUTS.into_iter().filter(|layout| layout.is_gray()) {
        let gray = photo(9, 7, layout);
        let rgb = Repair::ToRgb.apply(gray.clone()).unwrap();
        let n_samples = if layout.has_alpha() { 2 } else { 1 };
        let sample_len = layout.pixel_len() / n_samples;
        assert_eq!(rgb.layout().n_channels(), n_samples + 2);
        let pixels = rgb.data().chunks(rgb.layout().pixel_len());
        for (made, own) in pixels.zip(gray.data().chunks(layout.pixel_len())) {
            let (shade, alpha) = own.split_at(sample_len);
            assert_eq!(made, [shade, shade, shade, alpha].concat());
        }
        assert_eq!(Repair::ToRgb.apply(rgb.clone()).unwrap(), rgb);
    }
    let wide = photo(9, 7, Layout::Gray8).with_icc(Some(support::gray_profile()));
    let rgb = Repair::ToRgb.apply(wide.clone()).unwrap();
    assert_eq!(rgb.icc(), None);
    assert_ne!(rgb.data()[0], wide.data()[0]);
}

#[test]
fn i06_flattening_keeps_gray_gray() {
    let clear = Pixels::new(2, 1, Layout::GrayAlpha16, vec![0; 8]).unwrap();
    let made = Repair::Flatten { background: [0, 255, 0] }.apply(clear).unwrap();
    assert_eq!((made.layout(), made.data()), (Layout::Gray8, &[150, 150][..]));
}

#[test]
fn i06_a_size_beyond_the_limits_is_an_error_and_costs_nothing() {
    let to = Resolution::new(u32::MAX, u32::MAX);
    for repair in
        [Repair::Crop { to }, Repair::Pad { to, color: [0; 3] }, Repair::Scale { to }]
    {
        let error = repair.apply(flat(2, 2, Layout::Gray8)).unwrap_err();
        assert!(error.is_over_limit(), "{error:?}");
    }
    assert_eq!(Resolution::new(0, 0), Resolution::new(1, 1));
}

#[test]
fn i06_headers_say_of_a_frame_what_its_pixels_do() {
    for layout in LAYOUTS {
        let pixels = photo(31, 17, layout).with_icc(Some(if layout.is_gray() {
            support::gray_profile()
        } else {
            support::wide_profile()
        }));
        let image = file(&pixels, Target::Png);
        let turned = png::with_chunk(&image, &png::chunk(b"eXIf", &exif(6)));
        let mut files = vec![image, turned];
        if !layout.is_deep() && !layout.is_gray() {
            files.push(file(&pixels, Target::WebPLossless));
        }
        if !layout.is_deep() && !layout.has_alpha() {
            files.push(file(&pixels, JPEG));
        }
        for bytes in files {
            let info = inspect(Source::from_slice(&bytes)).unwrap();
            let outline = Outline::from(&info);
            assert_eq!(outline, Outline::from(&decoded(&bytes)), "{info:?}");
        }
    }
}

fn any_rules() -> impl Strategy<Value = PairRules> {
    let resolution =
        (1u32..40, 1u32..40).prop_map(|(width, height)| Resolution::new(width, height));
    let opacity = prop_oneof![Just(Opacity::Refused), Just(Opacity::Same)];
    let reshape = prop_oneof![Just(Reshape::Crop), Just(Reshape::Pad)];
    let resolutions = prop::collection::vec(resolution, 0..4);
    let tolerance = (0.0..0.2f64).prop_map(Share::new);
    let colors = (any::<[u8; 3]>(), any::<[u8; 3]>());
    let parts = (opacity, reshape, resolutions, tolerance, colors);
    parts.prop_map(|(opacity, reshape, resolutions, tolerance, (background, bars))| {
        let default = PairRules::default();
        PairRules {
            resolutions,
            tolerance,
            opacity,
            reshape,
            background,
            bars,
            ..default
        }
    })
}

fn any_frame() -> impl Strategy<Value = Pixels> {
    let layout = prop::sample::select(&LAYOUTS[..]);
    (1u32..60, 1u32..60, layout, any::<bool>()).prop_map(
        |(width, height, layout, wide)| {
            let profile = (wide && !layout.is_gray()).then(support::wide_profile);
            flat(width, height, layout).with_icc(profile)
        },
    )
}

proptest! {
    #[test]
    fn i06_what_is_mended_passes(
        start in any_frame(),
        end in prop::option::of(any_frame()),
        rules in any_rules(),
    ) {
        let pair_of = |start: &Pixels, end: Option<&Pixels>| {
            let pair = FramePair::default().with_start(start);
            end.map_or(pair, |end| pair.with_end(end))
        };
        let check = pair_of(&start, end.as_ref()).check(&rules);
        prop_assert!(check.findings.iter().all(|finding| !finding.repairs.is_empty()));
        if let Some(end) = &end {
            let differ = (start.width(), start.height()) != (end.width(), end.height());
            let size = |frame| check.has(frame, PairCode::Aspect) || check.has(frame, PairCode::Size);
            prop_assert!(!differ || size(Frame::Start) || size(Frame::End));
            let alpha = |frame| check.has(frame, PairCode::Alpha);
            let differ = start.layout().has_alpha() != end.layout().has_alpha();
            prop_assert!(!differ || alpha(Frame::Start) || alpha(Frame::End));
        }
        let mended_start = check.repairs_of(Frame::Start).apply(start).unwrap();
        let mended_end = end.map(|end| check.repairs_of(Frame::End).apply(end).unwrap());
        let again = pair_of(&mended_start, mended_end.as_ref()).check(&rules);
        prop_assert!(again.findings.is_empty(), "{check}\nbecame {again}");
    }

    #[test]
    fn i06_every_alternative_mends_its_finding(
        start in any_frame(),
        end in any_frame(),
        rules in any_rules(),
    ) {
        let check = FramePair::new(&start, &end).check(&rules);
        for finding in &check.findings {
            for repair in &finding.repairs {
                let pair = match finding.frame {
                    Frame::Start => {
                        let mended = repair.apply(start.clone()).unwrap();
                        FramePair::new(&mended, &end)
                    }
                    Frame::End => {
                        let mended = repair.apply(end.clone()).unwrap();
                        FramePair::new(&start, &mended)
                    }
                };
                // The target goes with the start frame: hold it.
                let resolutions = check.target.into_iter().collect();
                let held = PairRules { resolutions, ..rules.clone() };
                let left = pair.check(&held);
                prop_assert!(!left.has(finding.frame, finding.code), "{repair}: {left}");
            }
        }
    }
}

#[test]
fn i06_warnings_alone_are_acceptable() {
    let wide = flat(1280, 720, Layout::Rgb8).with_icc(Some(support::wide_profile()));
    let check = FramePair::default().with_start(&wide).check(&PairRules::default());
    assert!(check.is_acceptable() && check.findings[0].severity == Severity::Warning);
}
