//! Image work through the facade.

use std::fs;

use safelight::{
    ByteSize, Capacity, Config, Depth, Fit, Input, Memory, Safelight, Target,
    imaging::{
        Code, Frame, Layout, Limits, PairCode, Pixels, Presence, Resolution, Source,
        decode, encode,
    },
};

fn config() -> Config {
    let capacity = Capacity::Bytes(ByteSize::mib(512));
    let memory = Memory { capacity, ..Memory::default() };
    Config { memory: Some(memory), ..Config::default() }
}

fn start(config: Config) -> Safelight {
    Safelight::builder().config(config).start().expect("the machine can be read")
}

/// A file of so many gray pixels.
fn png(width: u32, height: u32) -> Vec<u8> {
    let data = (0..width * height).map(|n| (n % 251) as u8).collect();
    let pixels = Pixels::new(width, height, Layout::Gray8, data).expect("it fits");
    let mut file = Vec::new();
    encode(&pixels, Target::Png, &mut file).expect("a vector takes everything");
    file
}

#[test]
fn x01_image_work_is_kept_by_content_and_by_file() {
    let safelight = start(config());
    let file = png(300, 200);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sea.png");
    fs::write(&path, &file).unwrap();
    for _ in 0..2 {
        let small = safelight.thumbnail(&file, Fit::inside(30, 30)).unwrap();
        assert_eq!((small.width(), small.height()), (30, 20));
        let small = safelight.thumbnail(&path, Fit::inside(15, 15)).unwrap();
        assert_eq!((small.width(), small.height()), (15, 10));
        let jpeg = Target::Jpeg { quality: 80 };
        let converted = safelight.convert(&file, jpeg).unwrap();
        assert!(converted.bytes.starts_with(&[0xff, 0xd8]));
        let small = safelight.thumbnail_file(&file, Fit::cover(20, 20), jpeg).unwrap();
        assert_eq!((small.width, small.height), (20, 20));
        assert!(safelight.validate(&file, Depth::Full).unwrap().has(Code::TooSmall));
        assert_eq!(safelight.inspect(&file).unwrap().width, 300);
    }
    let stats = safelight.cache().unwrap().stats();
    assert_eq!((stats.n_loads, stats.n_hits), (5, 5));
    let recording = safelight.profiler().unwrap().recording();
    for name in ["thumbnail", "thumbnail file", "convert", "validate", "inspect"] {
        let n_expected = if name == "thumbnail" { 4 } else { 2 };
        assert_eq!(recording.n_runs(name), n_expected, "{name}");
    }
}

#[test]
fn a_name_is_part_of_what_a_validation_depends_on() {
    let safelight = start(config());
    let file = png(300, 300);
    let named = |name| Input::bytes(&file).with_name(name);
    let validate = |input| safelight.validate(input, Depth::Header).unwrap();
    assert!(validate(named("a.jpg")).has(Code::WrongExtension));
    assert!(!validate(named("a.png")).has(Code::WrongExtension));
    assert!(!validate(Input::bytes(&file)).has(Code::WrongExtension));
}

#[test]
fn x03_other_rules_give_other_findings_at_once() {
    let safelight = start(config());
    let file = png(300, 300);
    assert!(safelight.validate(&file, Depth::Header).unwrap().is_acceptable());
    let mut changed = config();
    changed.images.side = 400..=4096;
    safelight.reload(changed).unwrap();
    assert!(safelight.validate(&file, Depth::Header).unwrap().has(Code::TooSmall));
}

#[test]
fn bad_images_are_errors_that_say_why_and_hold_nothing() {
    let safelight = start(config());
    let whole = png(300, 300);
    let half = &whole[..whole.len() / 2];
    let error = safelight.thumbnail(half, Fit::inside(9, 9)).unwrap_err();
    let cause = error.downcast_ref::<safelight::imaging::Error>().unwrap();
    assert!(error.is_failed() && cause.is_truncated(), "{cause}");
    let absent = std::path::Path::new("/no/such/image.png");
    let error = safelight.thumbnail(absent, Fit::inside(9, 9)).unwrap_err();
    assert!(error.is_failed() && !error.is_busy());
    // Too large for the limits, and then for the memory that there is.
    let mut small = config();
    small.images.limits.max_pixels = 100;
    let error = start(small).thumbnail(&whole, Fit::inside(9, 9)).unwrap_err();
    assert!(error.is_too_large(), "{error}");
    let mut tight = config();
    tight.memory.as_mut().unwrap().capacity = Capacity::Bytes(ByteSize::kib(8));
    let error = start(tight).thumbnail(&whole, Fit::inside(9, 9)).unwrap_err();
    assert!(error.is_too_large(), "{error}");
    let usage = safelight.permits().unwrap().usage();
    assert_eq!(usage.granted, ByteSize::ZERO);
}

#[test]
fn x01_a_look_at_the_header_asks_for_no_room_for_pixels() {
    let safelight = start(config());
    let file = png(300, 300);
    let most = || safelight.permits().unwrap().usage().most_granted;
    safelight.validate(&file, Depth::Header).unwrap();
    assert!(most() <= ByteSize::kib(64), "{}", most());
    safelight.validate(&file, Depth::Full).unwrap();
    assert!(ByteSize::kib(64) < most(), "{}", most());
}

#[test]
fn x01_what_cannot_be_identified_is_a_job_that_failed() {
    let safelight = start(config());
    let path = std::path::Path::new("no such file.png");
    let error = safelight.thumbnail(path, Fit::inside(30, 30)).unwrap_err();
    let source = error.downcast_ref::<std::io::Error>().expect("it is of I/O");
    assert_eq!(source.kind(), std::io::ErrorKind::NotFound);
    assert_eq!(safelight.report().jobs.operations[0].n_failed, 1);
}

#[test]
fn x03_lowered_limits_hold_for_what_was_kept_as_well() {
    let safelight = start(config());
    let file = png(300, 200);
    safelight.thumbnail(&file, Fit::inside(30, 30)).unwrap();
    let mut lower = config();
    lower.images.limits.max_pixels = 1000;
    safelight.reload(lower).unwrap();
    let error = safelight.thumbnail(&file, Fit::inside(30, 30)).unwrap_err();
    assert!(error.is_too_large(), "{error}");
}

#[test]
fn what_is_over_a_limit_is_refused_before_anybody_makes_room_for_it() {
    let safelight = start(config());
    let file = png(300, 200);
    let mut lower = config();
    lower.images.limits.max_pixels = 1000;
    safelight.reload(lower).unwrap();
    let error = safelight.thumbnail(&file, Fit::inside(30, 30)).unwrap_err();
    assert!(error.is_too_large(), "{error}");
    let most = safelight.permits().unwrap().usage().most_granted;
    // Beside what the cache holds.
    assert!(most <= ByteSize::kib(64), "{most}");
}

#[test]
fn a_transparent_picture_becomes_a_jpeg_on_white() {
    let safelight = start(config());
    let pixels = Pixels::new(64, 64, Layout::Rgba8, vec![0; 64 * 64 * 4]).unwrap();
    let mut file = Vec::new();
    encode(&pixels, Target::Png, &mut file).unwrap();
    let jpeg = Target::Jpeg { quality: 90 };
    let small = safelight.thumbnail_file(&file, Fit::inside(32, 32), jpeg).unwrap();
    let source = Source::from_slice(&small.bytes);
    let decoded = decode(source, &Limits::default()).unwrap();
    assert!(decoded.data().iter().all(|sample| 250 < *sample));
}

#[test]
fn an_error_prints_its_causes_where_it_is_asked_to() {
    let safelight = start(config());
    let path = std::path::Path::new("no such file.png");
    let error = safelight.thumbnail(path, Fit::inside(30, 30)).unwrap_err();
    assert_eq!(error.to_string(), "`thumbnail` failed");
    let all = format!("{error:#}");
    assert!(all.starts_with("`thumbnail` failed: cannot read the identity of"), "{all}");
    assert!(all.contains("No such file"), "{all}");
    assert_eq!(format!("{error:?}"), all);
}

#[test]
fn i06_a_frame_pair_is_checked_kept_and_counted() {
    let safelight = start(config());
    let (first, last) = (png(300, 200), png(200, 200));
    let [start_frame, end_frame] = [&first, &last].map(|file| Some(Input::bytes(file)));
    for _ in 0..2 {
        let check = safelight.frame_pair(start_frame, end_frame).unwrap();
        assert_eq!(check.target, Some(Resolution::HD));
        assert!(check.has(Frame::Start, PairCode::Aspect));
        assert!(check.has(Frame::End, PairCode::Aspect));
    }
    // Another pair, and one frame only.
    assert!(!safelight.frame_pair(end_frame, start_frame).unwrap().is_acceptable());
    assert!(!safelight.frame_pair(start_frame, None).unwrap().is_acceptable());
    let stats = safelight.cache().unwrap().stats();
    assert_eq!((stats.n_loads, stats.n_hits), (3, 1));
    let report = safelight.report();
    let operation = &report.jobs.operations[0];
    assert_eq!(operation.operation, "frame pair");
    assert_eq!(safelight.profiler().unwrap().recording().n_runs("frame pair"), 4);
}

#[test]
fn i06_repairs_of_a_frame_pair_make_it_acceptable() {
    let safelight = start(config());
    let files = [png(300, 200), png(200, 200)];
    let [start_frame, end_frame] =
        [&files[0], &files[1]].map(|file| Some(Input::bytes(file)));
    let check = safelight.frame_pair(start_frame, end_frame).unwrap();
    let mended =
        [(Frame::Start, &files[0]), (Frame::End, &files[1])].map(|(frame, file)| {
            let pixels = decode(Source::from_slice(file), &Limits::default()).unwrap();
            let pixels = check.repairs_of(frame).apply(pixels).unwrap();
            let mut file = Vec::new();
            encode(&pixels, Target::Png, &mut file).unwrap();
            file
        });
    let [start_frame, end_frame] =
        [&mended[0], &mended[1]].map(|file| Some(Input::bytes(file)));
    let check = safelight.frame_pair(start_frame, end_frame).unwrap();
    assert!(check.is_acceptable(), "{}", *check);
}

#[test]
fn i06_rules_of_frames_can_change_while_it_runs() {
    let safelight = start(config());
    let file = png(1280, 720);
    let frame = Some(Input::bytes(&file));
    assert!(safelight.frame_pair(frame, None).unwrap().is_acceptable());
    let mut changed = config();
    changed.frames.end = Presence::Required;
    safelight.reload(changed).unwrap();
    let check = safelight.frame_pair(frame, None).unwrap();
    assert!(check.has(Frame::End, PairCode::Missing));
}

#[test]
fn i06_the_error_of_a_frame_pair_names_the_frame() {
    let safelight = start(config());
    let file = png(64, 48);
    let (whole, cut) = (Some(Input::bytes(&file)), Some(Input::bytes(&file[..9])));
    let absent = Some(Input::file("no such file.png"));
    for (start_frame, end_frame, name) in [
        (cut, whole, "`frame pair, start frame` failed"),
        (whole, cut, "`frame pair, end frame` failed"),
        (whole, absent, "`frame pair, end frame` failed"),
    ] {
        let error = safelight.frame_pair(start_frame, end_frame).unwrap_err();
        assert_eq!(error.to_string(), name, "{error:#}");
        assert!(error.is_failed());
    }
    let error = safelight.frame_pair(cut, None).unwrap_err();
    assert!(error.downcast_ref::<safelight::imaging::Error>().is_some());
}
