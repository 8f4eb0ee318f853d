//! I3: decoding stops at the limits before it allocates past them.

use std::io;

use safelight_alloc::Span;
use safelight_core::ByteSize;
use safelight_imaging::{
    Code, ConvertOptions, Depth, Fit, Layout, Limits, Rules, Source, Target,
    ThumbnailOptions, convert, decode, inspect, thumbnail, validate,
};

use crate::support::{JPEG, clean, file, jpeg, photo, png, webp};

/// Runs every operation on a file that must be refused, and looks at its peak of heap.
#[track_caller]
fn check_refused(name: &str, bytes: &[u8]) {
    const MIB: u64 = 1 << 20;
    let source = || Source::from_slice(bytes);
    let limits = Limits::default();
    let (result, usage) = Span::measure(|| decode(source(), &limits).map(drop));
    assert!(result.is_err_and(|error| error.is_over_limit()), "{name}");
    assert!(usage.peak_bytes < MIB, "{name}, decode: {usage:?}");
    let options = ThumbnailOptions::default();
    let (result, usage) =
        Span::measure(|| thumbnail(source(), Fit::inside(64, 64), &options).map(drop));
    assert!(result.is_err_and(|error| error.is_over_limit()), "{name}");
    assert!(usage.peak_bytes < MIB, "{name}, thumbnail: {usage:?}");
    let options = ConvertOptions::default();
    let (result, usage) =
        Span::measure(|| convert(source(), Target::Png, &options, io::sink()).map(drop));
    assert!(result.is_err_and(|error| error.is_over_limit()), "{name}");
    assert!(usage.peak_bytes < MIB, "{name}, convert: {usage:?}");
    let (validation, usage) =
        Span::measure(|| validate(source(), &Rules::default(), Depth::Full));
    assert!(!validation.expect("no i/o to fail").is_acceptable(), "{name}");
    assert!(usage.peak_bytes < MIB, "{name}, validate: {usage:?}");
}

#[test]
fn i03_declared_bomb_is_rejected_before_it_allocates() {
    assert_eq!(png::bomb(30_000, 30_000).len(), 66);
    check_refused("30 000 x 30 000 in 66 bytes", &png::bomb(30_000, 30_000));
    check_refused("50 000 x 50 000", &png::bomb(50_000, 50_000));
    check_refused("one row of 2^31", &png::bomb(i32::MAX as u32, 1));
    check_refused("2^31 x 2^31", &png::bomb(i32::MAX as u32, i32::MAX as u32));
}

#[test]
fn i03_jpeg_and_webp_bombs_are_rejected_too() {
    let mut bytes = clean(JPEG);
    let at = jpeg::frame_at(&bytes);
    bytes[at + 1..at + 5].fill(0xff);
    check_refused("65 535 x 65 535", &bytes);

    let image =
        webp::image_chunk(&file(&photo(4, 4, Layout::Rgba8), Target::WebPLossless));
    check_refused(
        "a canvas of 16 384 x 16 384",
        &webp::file(&[webp::vp8x(webp::ALPHA, 16_384, 16_384), image.clone()]),
    );
    let mut large = image;
    // Both sides 16 384, in 14 bits each.
    large[9..13].copy_from_slice(&0x1fff_ffff_u32.to_le_bytes());
    check_refused(
        "a frame of 16 384 x 16 384 in a canvas of 4 x 4",
        &webp::file(&[webp::vp8x(webp::ALPHA, 4, 4), large]),
    );
}

/// Decoders take the pixels of an animation from the first chunks of its first frame.
#[test]
fn i03_pixels_that_no_decoder_looks_at_hide_no_bomb() {
    let lossy = |width, height| webp::lossy_head(width, height, 64)[12..].to_vec();
    let animation = |chunks: &[Vec<u8>]| {
        let head = [webp::vp8x(webp::ANIMATION, 4, 4), webp::chunk(b"ANIM", &[0; 6])];
        webp::file(&[&head, chunks].concat())
    };
    let bomb = webp::frame(4, 4, &[lossy(16_383, 16_383)]);
    check_refused("small pixels before the frame", &animation(&[lossy(4, 4), bomb]));

    let opacity = webp::chunk(b"ALPH", &[0; 17]);
    let unnamed = [webp::chunk(b"JUNK", &lossy(16_383, 16_383)[8..]), lossy(4, 4)];
    let refused = [
        animation(&[webp::frame(4, 4, &[&[opacity][..], &unnamed].concat())]),
        animation(&[webp::frame(4, 4, &unnamed)]),
        // The decoder would take the frame's pixels, which take more than the still's.
        webp::file(&[
            webp::vp8x(0, 4, 4),
            lossy(4, 4),
            webp::frame(4, 4, &[webp::chunk(b"VP8L", &[0; 32])]),
        ]),
    ];
    for (idx, bytes) in refused.iter().enumerate() {
        let error = inspect(Source::from_slice(bytes)).unwrap_err();
        assert!(error.is_corrupt(), "{idx}: {error}");
    }
}

#[test]
fn i03_a_file_of_heads_only_is_not_read_to_its_end() {
    let n = 4 << 20;
    let mut fill = b"\xff\xd8\xff\xe0\0\x02".to_vec();
    fill.resize(n, 0xff);
    let mut chunks = webp::file(&[webp::vp8x(0, 4, 4)]);
    chunks.resize(n, 0);
    chunks[4..8].copy_from_slice(&(n as u32 - 8).to_le_bytes());
    for (name, bytes) in [("JPEG", fill), ("WebP", chunks)] {
        let error = inspect(Source::from_slice(&bytes)).unwrap_err();
        let text = error.to_string();
        assert!(text.ends_with("goes on for longer than a header may"), "{name}: {text}");
    }
}

#[test]
fn i03_a_profile_that_unpacks_to_too_much_is_refused() {
    let zeros = photo(4, 4, Layout::Rgb8).with_icc(Some(vec![0; 8 << 20]));
    let bytes = file(&zeros, Target::Png);
    assert!(bytes.len() < 64 * 1024, "packed to {}", bytes.len());
    let limits = Limits { max_metadata: ByteSize::kib(256), ..Limits::default() };
    let (result, usage) = Span::measure(|| decode(Source::from_slice(&bytes), &limits));
    let error = result.unwrap_err();
    assert!(error.is_corrupt() && error.to_string().contains("limit"), "{error}");
    assert!(usage.peak_bytes < 1 << 20, "{usage:?}");
    let rules = Rules { limits, ..Rules::default() };
    let validation = validate(Source::from_slice(&bytes), &rules, Depth::Full).unwrap();
    assert!(validation.has(Code::BadProfile), "{validation}");
}

#[test]
fn i03_long_chunks_of_metadata_are_refused_by_their_declared_length() {
    let limits = Limits { max_metadata: ByteSize::kib(100), ..Limits::default() };
    let small = file(&photo(4, 4, Layout::Rgb8), Target::Png);
    for (what, chunk) in [
        (
            "the longest text chunk is 195.3 KiB",
            png::chunk(b"tEXt", &vec![b'a'; 200_000]),
        ),
        ("the ICC profile is 195.3 KiB", png::iccp(&vec![0; 200_000])),
        ("the EXIF block is 195.3 KiB", png::chunk(b"eXIf", &vec![0; 200_000])),
    ] {
        let bytes = png::with_chunk(&small, &chunk);
        let (result, usage) =
            Span::measure(|| decode(Source::from_slice(&bytes), &limits));
        let message = format!("over the limit: {what}, the limit is 100 KiB");
        assert_eq!(result.unwrap_err().to_string(), message);
        assert!(usage.peak_bytes < 80 * 1024, "{usage:?}");
    }
}

#[test]
fn i03_a_thumbnail_over_the_limits_is_refused_before_it_allocates() {
    let bytes = file(&photo(30, 20, Layout::Rgba8), Target::Png);
    let check = |bytes: &[u8], fit, limits, message: &str| {
        let options = ThumbnailOptions { limits, enlarge: true, ..Default::default() };
        let source = Source::from_slice(bytes);
        let (result, usage) = Span::measure(|| thumbnail(source, fit, &options));
        let error = result.unwrap_err();
        assert!(error.is_over_limit(), "{error:?}");
        assert!(error.to_string().starts_with(message), "{error}");
        assert!(usage.peak_bytes < 80 * 1024, "{fit:?}: {usage:?}");
    };
    let some = Limits::default();
    let pixels = "over the limit: the thumbnail is ";
    check(&bytes, Fit::inside(u32::MAX, u32::MAX), some, pixels);
    check(&bytes, Fit::cover(u32::MAX, u32::MAX), some, pixels);
    let tight = Limits { max_pixels: 60 * 40 - 1, ..some };
    check(&bytes, Fit::inside(60, 40), tight, "over the limit: the thumbnail is 60 x 40");
    let memory = "over the limit: the memory for the thumbnail is ";
    let cramped = Limits { max_decoded: ByteSize::mib(4), ..some };
    check(&bytes, Fit::inside(1500, 1000), cramped, memory);
    // The weights of the filter are many where one side is very long.
    check(&bytes, Fit::cover(100_000_000, 1), some, memory);
    let options = ThumbnailOptions {
        limits: Limits { max_pixels: 60 * 40, ..some },
        enlarge: true,
        ..Default::default()
    };
    let made = thumbnail(Source::from_slice(&bytes), Fit::inside(60, 40), &options);
    assert_eq!(made.expect("at the limit is allowed").width(), 60);
}

#[test]
fn i03_a_column_of_100_million_pixels_takes_no_more_than_a_short_one() {
    let bytes = png::bomb(1, 100_000_000);
    let options = ThumbnailOptions::default();
    let source = Source::from_slice(&bytes);
    let (result, usage) =
        Span::measure(|| thumbnail(source, Fit::inside(256, 256), &options));
    let error = result.unwrap_err();
    assert!(error.is_truncated() || error.is_corrupt(), "{error:?}");
    assert!(usage.peak_bytes < 2 << 20, "{usage:?}");
}

#[test]
fn i03_resizing_stays_under_the_estimate() {
    let bytes = file(&photo(200, 150, Layout::Rgba16), Target::Png);
    let fit = Fit::inside(1_200, 900);
    let mut options = ThumbnailOptions { enlarge: true, ..Default::default() };
    let info = inspect(Source::from_slice(&bytes)).unwrap();
    options.limits.max_decoded = info.thumbnail_bytes(fit, &options);
    let source = Source::from_slice(&bytes);
    let (made, usage) = Span::measure(|| thumbnail(source, fit, &options));
    assert_eq!(made.expect("it is at the limit").width(), 1_200);
    assert!(usage.peak_bytes <= options.limits.max_decoded.bytes(), "{usage:?}");
}

#[test]
fn i03_each_limit_holds() {
    let bytes = clean(JPEG);
    let check = |limits: Limits, message: &str| {
        let error = decode(Source::from_slice(&bytes), &limits).unwrap_err();
        assert!(error.is_over_limit());
        assert!(error.to_string().starts_with(message), "{error}");
    };
    let some = Limits::default();
    check(
        Limits { max_pixels: 320 * 256 - 1, ..some },
        "over the limit: the declared image is 320 x 256 = 0.1 million pixels",
    );
    check(
        Limits { max_decoded: ByteSize::kib(240), ..some },
        "over the limit: the memory for decoding is",
    );
    check(
        Limits { max_input: ByteSize::kib(1), ..some },
        "over the limit: the length of the source is",
    );
    let animated = file(&photo(4, 4, Layout::Rgba8), Target::WebPLossless);
    let animated = webp::animated(&animated, 4, 4, 3);
    let two = Limits { max_frames: 2, ..some };
    let error = decode(Source::from_slice(&animated), &two).unwrap_err();
    assert!(error.to_string().contains("number of frames is 3"), "{error}");
    let three = Limits { max_frames: 3, ..some };
    decode(Source::from_slice(&animated), &three).expect("at the limit is allowed");
}

#[test]
fn i03_decoding_stays_under_the_estimate() {
    let layouts = [Layout::Gray8, Layout::Rgb8, Layout::Rgba8, Layout::Rgba16];
    for (target, layouts) in [
        (JPEG, &layouts[..2]),
        (Target::Png, &layouts[..]),
        (Target::WebPLossless, &layouts[..3]),
    ] {
        for &layout in layouts {
            let bytes = file(&photo(900, 700, layout), target);
            check_estimate(&format!("{target:?} {layout:?}"), &bytes);
        }
    }
    let still = file(&photo(600, 500, Layout::Rgba8), Target::WebPLossless);
    check_estimate("animated", &webp::animated(&still, 600, 500, 2));
    let samples = &[1, 2, 3, 4];
    let inks = jpeg::Flat {
        width: 800,
        height: 800,
        samples,
        adobe: Some(2),
        restart_interval: 0,
    };
    check_estimate("inks", &inks.baseline());
    let gray = jpeg::Flat { samples: &[100], adobe: None, ..inks };
    check_estimate("progressive", &gray.progressive());
}

#[track_caller]
pub(crate) fn check_estimate(name: &str, bytes: &[u8]) {
    let info = inspect(Source::from_slice(bytes)).expect("a valid header");
    let source = Source::from_reader(io::Cursor::new(bytes));
    let (result, usage) = Span::measure(|| decode(source, &Limits::default()));
    let pixels = result.expect("a valid image");
    assert_eq!(pixels.data().len() as u64, info.pixel_bytes.bytes(), "{name}");
    let estimate = info.decoding_bytes.bytes();
    let peak = usage.peak_bytes;
    assert!(peak <= estimate, "{name}: {peak} over the estimate {estimate}");
}
