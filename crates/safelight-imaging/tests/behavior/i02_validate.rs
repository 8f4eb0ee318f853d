//! I2: validation reports all findings, each with what was found and what was wanted.

use expect_test::{Expect, expect};
use safelight_core::ByteSize;
use safelight_imaging::{
    Code, Depth, Layout, Limits, Rules, Source, Target, decode, validate,
};

use crate::support::{JPEG, clean, exif, file, jpeg, photo, png, webp, wide_profile};

#[track_caller]
fn check_with(rules: &Rules, name: &str, bytes: &[u8], expected: &Expect) {
    let source = Source::from_slice(bytes).with_name(name);
    let validation = validate(source, rules, Depth::Full).expect("no i/o to fail");
    expected.assert_eq(&validation.to_string());
}

#[track_caller]
fn check(name: &str, bytes: &[u8], expected: &Expect) {
    check_with(&Rules::default(), name, bytes, expected);
}

fn flat(samples: &[u8], adobe: Option<u8>) -> Vec<u8> {
    jpeg::Flat { width: 256, height: 256, samples, adobe, restart_interval: 0 }.baseline()
}

#[test]
fn i02_clean_images_have_no_findings() {
    check("a.jpg", &clean(JPEG), &expect!["no findings"]);
    check("a.JPEG", &clean(JPEG), &expect!["no findings"]);
    check("a.png", &clean(Target::Png), &expect!["no findings"]);
    check("a.webp", &clean(Target::WebPLossless), &expect!["no findings"]);
    check("no extension", &clean(JPEG), &expect!["no findings"]);
    check(
        "restarts.jpg",
        &{
            let flat = jpeg::Flat {
                width: 256,
                height: 300,
                samples: &[9, 8, 7],
                adobe: None,
                restart_interval: 31,
            };
            flat.baseline()
        },
        &expect!["no findings"],
    );
}

#[test]
fn i02_what_is_no_image() {
    check(
        "a.jpg",
        b"",
        &expect!["error empty: found 0 bytes, wanted an image; fetch the file again"],
    );
    check(
        "a.jpg",
        b"\xff\xd8",
        &expect![
            "error not-an-image: found no known signature, wanted an image; give an image file"
        ],
    );
    check(
        "a.jpg",
        b"<html>404</html>",
        &expect![
            "error not-an-image: found no known signature, wanted an image; give an image file"
        ],
    );
}

#[test]
fn i02_wrong_extension() {
    check(
        "a.png",
        &clean(JPEG),
        &expect![
            "warning wrong-extension: found .png, wanted .jpg for JPEG content; rename the file"
        ],
    );
    check(
        "a.jpg",
        &clean(Target::WebPLossless),
        &expect![
            "warning wrong-extension: found .jpg, wanted .webp for WebP content; rename the file"
        ],
    );
}

#[test]
fn i02_unsupported_formats_and_features() {
    check(
        "a.gif",
        b"GIF89a\x20\x03\x20\x00",
        &expect![[r#"
        error unsupported-format: found GIF, wanted JPEG, PNG, WebP; convert the image to an allowed format
        error too-small: found 800 x 32 pixels, wanted 256 to 4096 pixels a side; use a larger original, or scale it up
        error aspect-out-of-range: found 25.000 (800 x 32), wanted width / height of 0.25 to 4; crop or pad the image"#]],
    );
    check(
        "a.tif",
        b"II*\0\x08\0\0\0",
        &expect![
            "error unsupported-format: found TIFF, wanted JPEG, PNG, WebP; convert the image to an allowed format"
        ],
    );
    check(
        "a.avif",
        b"\0\0\0\x20ftypavif\0\0\0\0",
        &expect![
            "error unsupported-format: found AVIF, wanted JPEG, PNG, WebP; convert the image to an allowed format"
        ],
    );
    let rules =
        Rules { formats: vec![safelight_imaging::Format::Png], ..Rules::default() };
    check_with(
        &rules,
        "a.jpg",
        &clean(JPEG),
        &expect![
            "error unsupported-format: found JPEG, wanted PNG; convert the image to an allowed format"
        ],
    );
    let mut deep = clean(JPEG);
    let frame_at = jpeg::frame_at(&deep);
    deep[frame_at] = 12;
    check(
        "12 bits.jpg",
        &deep,
        &expect![
            "error unsupported-feature: found JPEG with samples of 12 bits, wanted a common kind of the format; export the image without this feature"
        ],
    );
    let mut arithmetic = clean(JPEG);
    arithmetic[frame_at - 3] = 0xc9;
    check(
        "arithmetic.jpg",
        &arithmetic,
        &expect![
            "error unsupported-feature: found JPEG with arithmetic coding, wanted a common kind of the format; export the image without this feature"
        ],
    );
}

#[test]
fn i02_truncated() {
    let jpeg = clean(JPEG);
    check(
        "half.jpg",
        &jpeg[..jpeg.len() / 2],
        &expect![
            "error truncated: found the JPEG data ends in the pixel data, wanted a whole file; fetch or export the file again"
        ],
    );
    check(
        "header.jpg",
        // In the marker behind the first segment, whoever wrote the file.
        &jpeg[..21],
        &expect![
            "error truncated: found the JPEG data ends in the header, wanted a whole file; fetch or export the file again"
        ],
    );
    check(
        "no end.jpg",
        &jpeg[..jpeg.len() - 2],
        &expect![
            "error truncated: found the JPEG data ends in the pixel data, wanted a whole file; fetch or export the file again"
        ],
    );
    let closed = [&jpeg[..jpeg.len() / 2], b"\xff\xd9"].concat();
    check(
        "half, closed.jpg",
        &closed,
        &expect![
            "error truncated: found the JPEG data ends in the pixel data, wanted a whole file; fetch or export the file again"
        ],
    );
    let png = clean(Target::Png);
    check(
        "half.png",
        &png[..png.len() / 2],
        &expect![
            "error truncated: found the PNG data ends in the pixel data, wanted a whole file; fetch or export the file again"
        ],
    );
    check(
        "no end.png",
        &png[..png.len() - 12],
        &expect![
            "error truncated: found the PNG data ends in a chunk header, wanted a whole file; fetch or export the file again"
        ],
    );
    let webp = clean(Target::WebPLossless);
    check(
        "half.webp",
        &webp[..webp.len() / 2],
        &expect![
            "error truncated: found 59858 bytes, wanted the 119716 bytes that the container declares; fetch or export the file again"
        ],
    );
    let half = &webp[12..webp.len() / 2];
    let mended = webp::file(&[webp::chunk(b"VP8L", &half[8..])]);
    // In the words of the decoder.
    let expected = if cfg!(feature = "native") {
        expect![
            "error corrupt: found the pixel data is damaged: libwebp cannot follow it, wanted data that follows the format; export the image again from its original"
        ]
    } else {
        expect![
            "error corrupt: found Corrupt bitstream, wanted data that follows the format; export the image again from its original"
        ]
    };
    check("half, closed.webp", &mended, &expected);
}

#[test]
fn i02_bad_checksums_and_corrupt_data() {
    let mut bad_pixels = clean(Target::Png);
    let at = png::data_at(&bad_pixels, b"IDAT") + 2000;
    bad_pixels[at] ^= 0x10;
    let validation =
        validate(Source::from_slice(&bad_pixels), &Rules::default(), Depth::Full);
    assert!(validation.unwrap().has(Code::BadChecksum));
    let mut text = png::chunk(b"tEXt", b"Title\0A photo");
    let len = text.len();
    text[len - 1] ^= 1;
    check(
        "text.png",
        &png::with_chunk(&clean(Target::Png), &text),
        &expect![
            "warning bad-checksum: found e0fe25e3 stored for a chunk tEXt, wanted e0fe25e2; fetch or export the file again"
        ],
    );
    let garbage = png::file(&[
        png::ihdr(256, 256, 8, 2),
        png::chunk(b"IDAT", &[0x78, 0x01, 0xff, 0xff, 0xff, 0xff]),
        png::chunk(b"IEND", b""),
    ]);
    check(
        "garbage.png",
        &garbage,
        &expect![
            "error corrupt: found Corrupt deflate stream. InvalidBlockType, wanted data that follows the format; export the image again from its original"
        ],
    );
    let mut two_frames = clean(JPEG);
    let frame_at = jpeg::frame_at(&two_frames);
    let frame = two_frames[frame_at - 4..frame_at + 15].to_vec();
    two_frames.splice(frame_at - 4..frame_at - 4, frame);
    check(
        "two frames.jpg",
        &two_frames,
        &expect![
            "error corrupt: found it has more than one start of frame, wanted data that follows the format; export the image again from its original"
        ],
    );
}

#[test]
fn i02_many_damaged_texts_do_not_hide_damaged_pixels() {
    let mut bytes = clean(Target::Png);
    // The end of the image is the last chunk; before it is the checksum of the pixels.
    let len = bytes.len();
    bytes[len - 13] ^= 1;
    let mut text = png::chunk(b"tEXt", b"Title\0A photo");
    let len = text.len();
    text[len - 1] ^= 1;
    let bytes = png::with_chunk(&bytes, &text.repeat(20));
    let validation =
        validate(Source::from_slice(&bytes), &Rules::default(), Depth::Full).unwrap();
    assert!(!validation.is_acceptable());
    assert_eq!(validation.findings.len(), 9);
}

#[test]
fn i02_damage_to_what_changes_the_picture_is_an_error() {
    let mut transparency = png::chunk(b"tRNS", &[0, 7]);
    transparency[8] ^= 1;
    let image = file(&photo(256, 256, Layout::Gray8), Target::Png);
    let bytes = png::with_chunk(&image, &transparency);
    check(
        "a.png",
        &bytes,
        &expect![
            "error bad-checksum: found e8f7589b stored for a chunk tRNS, wanted f1ec69da; fetch or export the file again"
        ],
    );
    let error = decode(Source::from_slice(&bytes), &Limits::default()).unwrap_err();
    assert_eq!(error.to_string(), "corrupt PNG: its transparency is damaged");
    let profile = photo(256, 256, Layout::Rgb8).with_icc(Some(wide_profile()));
    let mut bytes = file(&profile, Target::Png);
    let at = png::data_at(&bytes, b"iCCP");
    bytes[at] ^= 1;
    let validation =
        validate(Source::from_slice(&bytes), &Rules::default(), Depth::Full).unwrap();
    assert!(validation.has(Code::BadChecksum) && !validation.is_acceptable());
    assert!(decode(Source::from_slice(&bytes), &Limits::default()).is_err());
}

#[test]
fn i02_declared_bombs() {
    check(
        "30 000.png",
        &png::bomb(30_000, 30_000),
        &expect![[r#"
        error over-limit: found the declared image is 30000 x 30000 = 900.0 million pixels, wanted at most 100.0 million pixels; refuse the file, or raise the limit if it is trusted
        error over-limit: found the memory for decoding is 2.5 GiB, wanted at most 512 MiB; refuse the file, or raise the limit if it is trusted
        error too-large: found 30000 x 30000 pixels, wanted 256 to 4096 pixels a side; scale the image down"#]],
    );
    check(
        "50 000.png",
        &png::bomb(50_000, 50_000),
        &expect![[r#"
        error over-limit: found the declared image is 50000 x 50000 = 2500.0 million pixels, wanted at most 100.0 million pixels; refuse the file, or raise the limit if it is trusted
        error over-limit: found the memory for decoding is 7 GiB, wanted at most 512 MiB; refuse the file, or raise the limit if it is trusted
        error too-large: found 50000 x 50000 pixels, wanted 256 to 4096 pixels a side; scale the image down"#]],
    );
    let rules = Rules {
        limits: Limits {
            max_decoded: ByteSize::kib(100),
            max_input: ByteSize::kib(1),
            max_frames: 2,
            ..Limits::default()
        },
        ..Rules::default()
    };
    let still = file(&photo(256, 256, Layout::Rgba8), Target::WebPLossless);
    check_with(
        &rules,
        "a.webp",
        &webp::animated(&still, 256, 256, 3),
        &expect![[r#"
            error over-limit: found the length of the source is 306.3 KiB, wanted at most 1 KiB; refuse the file, or raise the limit if it is trusted
            error over-limit: found the memory for decoding is 2.3 MiB, wanted at most 100 KiB; refuse the file, or raise the limit if it is trusted
            error over-limit: found the number of frames is 3, wanted at most 2; refuse the file, or raise the limit if it is trusted
            warning animated: found 3 frames, wanted a still image; expect only the first frame, or give a still image"#]],
    );
}

#[test]
fn i02_cmyk_and_sixteen_bits() {
    check(
        "cmyk.jpg",
        &flat(&[10, 20, 30, 40], Some(0)),
        &expect![
            "warning cmyk: found CMYK, wanted RGB or gray; convert the image to RGB, through its profile if it has one"
        ],
    );
    check(
        "ycck.jpg",
        &flat(&[10, 20, 30, 40], Some(2)),
        &expect![
            "warning cmyk: found YCCK, wanted RGB or gray; convert the image to RGB, through its profile if it has one"
        ],
    );
    check(
        "deep.png",
        &file(&photo(256, 256, Layout::Rgb16), Target::Png),
        &expect![
            "warning sixteen-bit: found 16 bits a sample, wanted 8 bits; reduce it to 8 bits, unless the precision is needed"
        ],
    );
}

#[test]
fn i02_exif_rotation_and_the_rules_for_the_upright_size() {
    let block = [b"Exif\0\0", &exif(6)[..]].concat();
    check(
        "a.jpg",
        &jpeg::with_segment(&clean(JPEG), 0xe1, &block),
        &expect![
            "warning exif-rotated: found EXIF orientation 6: stored 320 x 256, shown 256 x 320, wanted orientation 1; turn the pixels upright and drop the tag"
        ],
    );
    let png = png::with_chunk(&clean(Target::Png), &png::chunk(b"eXIf", &exif(3)));
    check(
        "a.png",
        &png,
        &expect![
            "warning exif-rotated: found EXIF orientation 3: stored 320 x 256, shown 320 x 256, wanted orientation 1; turn the pixels upright and drop the tag"
        ],
    );
    let image = webp::image_chunk(&clean(Target::WebPLossless));
    let webp =
        webp::file(&[webp::vp8x(0x08, 320, 256), image, webp::chunk(b"EXIF", &exif(8))]);
    check(
        "a.webp",
        &webp,
        &expect![
            "warning exif-rotated: found EXIF orientation 8: stored 320 x 256, shown 256 x 320, wanted orientation 1; turn the pixels upright and drop the tag"
        ],
    );
    let rules = Rules { aspect: 1.0..=4.0, ..Rules::default() };
    let turned = jpeg::with_segment(&clean(JPEG), 0xe1, &block);
    check_with(
        &rules,
        "wide, shown tall.jpg",
        &turned,
        &expect![[r#"
        error aspect-out-of-range: found 0.800 (256 x 320), wanted width / height of 1 to 4; crop or pad the image
        warning exif-rotated: found EXIF orientation 6: stored 320 x 256, shown 256 x 320, wanted orientation 1; turn the pixels upright and drop the tag"#]],
    );
}

#[test]
fn i02_animations() {
    let still = file(&photo(256, 256, Layout::Rgba8), Target::WebPLossless);
    check(
        "a.webp",
        &webp::animated(&still, 256, 256, 3),
        &expect![
            "warning animated: found 3 frames, wanted a still image; expect only the first frame, or give a still image"
        ],
    );
    let control = png::chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]);
    check(
        "a.png",
        &png::with_chunk(&clean(Target::Png), &control),
        &expect![
            "warning animated: found 1 frames, wanted a still image; expect only the first frame, or give a still image"
        ],
    );
}

#[test]
fn i02_size_and_aspect() {
    let image = |width, height| file(&photo(width, height, Layout::Gray8), Target::Png);
    check(
        "small.png",
        &image(255, 256),
        &expect![
            "error too-small: found 255 x 256 pixels, wanted 256 to 4096 pixels a side; use a larger original, or scale it up"
        ],
    );
    check(
        "large.png",
        &image(4097, 1100),
        &expect![
            "error too-large: found 4097 x 1100 pixels, wanted 256 to 4096 pixels a side; scale the image down"
        ],
    );
    check(
        "wide.png",
        &image(2000, 300),
        &expect![
            "error aspect-out-of-range: found 6.667 (2000 x 300), wanted width / height of 0.25 to 4; crop or pad the image"
        ],
    );
    check(
        "small, large and wide.png",
        &image(4100, 8),
        &expect![[r#"
        error too-small: found 4100 x 8 pixels, wanted 256 to 4096 pixels a side; use a larger original, or scale it up
        error too-large: found 4100 x 8 pixels, wanted 256 to 4096 pixels a side; scale the image down
        error aspect-out-of-range: found 512.500 (4100 x 8), wanted width / height of 0.25 to 4; crop or pad the image"#]],
    );
    let rules = Rules { max_file: ByteSize::kib(3), ..Rules::default() };
    check_with(&rules, "file.jpg", &flat(&[1, 2, 3], None), &expect!["no findings"]);
}

#[test]
fn i02_file_at_the_size_limit_and_one_byte_over() {
    for target in [JPEG, Target::Png, Target::WebPLossless] {
        let bytes = clean(target);
        let name = format!("a.{}", target.format().extensions()[0]);
        let len = ByteSize::from_len(bytes.len());
        let rules = Rules { max_file: len, ..Rules::default() };
        check_with(&rules, &name, &bytes, &expect!["no findings"]);
        let rules = Rules { max_file: len - ByteSize::from_bytes(1), ..rules };
        let source = Source::from_slice(&bytes).with_name(name);
        let validation = validate(source, &rules, Depth::Full).unwrap();
        assert!(validation.has(Code::FileTooLarge), "{validation}");
        assert_eq!(validation.findings.len(), 1, "{validation}");
        assert!(!validation.is_acceptable());
    }
    let rules = Rules { max_file: ByteSize::from_bytes(1_000), ..Rules::default() };
    check_with(
        &rules,
        "a.jpg",
        &flat(&[1, 2, 3], None),
        &expect![
            "error file-too-large: found 2 KiB, wanted at most 1000 B; compress the image more, or scale it down"
        ],
    );
}

#[test]
fn i02_trailing_data() {
    for target in [JPEG, Target::Png, Target::WebPLossless] {
        let bytes = [&clean(target)[..], b"PK\x03\x04"].concat();
        let name = format!("a.{}", target.format().extensions()[0]);
        let finding = "warning trailing-data: found 4 bytes behind the end of the image, \
            wanted nothing; cut the file at the end of the image";
        let validation = validate(
            Source::from_slice(&bytes).with_name(name),
            &Rules::default(),
            Depth::Full,
        );
        assert_eq!(validation.unwrap().to_string(), finding);
    }
}

#[test]
fn i02_bad_profiles() {
    let piece = b"ICC_PROFILE\0\x01\x02only the first of two";
    check(
        "a.jpg",
        &jpeg::with_segment(&clean(JPEG), 0xe2, piece),
        &expect![
            "error bad-profile: found the ICC profile is unusable: its segments do not fit together, wanted a valid profile, or none; export the image with another profile, or without"
        ],
    );
    let packed = png::chunk(b"iCCP", b"name\0\0not deflate data");
    check(
        "a.png",
        &png::with_chunk(&clean(Target::Png), &packed),
        &expect![
            "error bad-profile: found the ICC profile is unusable: it cannot be unpacked within the limit for metadata, wanted a valid profile, or none; export the image with another profile, or without"
        ],
    );
}

#[test]
fn i02_all_findings_at_once() {
    let image = file(&photo(2000, 60, Layout::Rgb16), Target::Png);
    let turned = png::with_chunk(&image, &png::chunk(b"eXIf", &exif(6)));
    let mut bytes = turned;
    bytes.truncate(bytes.len() - 200);
    check(
        "all.gif",
        &bytes,
        &expect![[r#"
        warning wrong-extension: found .gif, wanted .png for PNG content; rename the file
        error too-small: found 60 x 2000 pixels, wanted 256 to 4096 pixels a side; use a larger original, or scale it up
        error aspect-out-of-range: found 0.030 (60 x 2000), wanted width / height of 0.25 to 4; crop or pad the image
        warning exif-rotated: found EXIF orientation 6: stored 2000 x 60, shown 60 x 2000, wanted orientation 1; turn the pixels upright and drop the tag
        warning sixteen-bit: found 16 bits a sample, wanted 8 bits; reduce it to 8 bits, unless the precision is needed
        error truncated: found the PNG data ends in the pixel data, wanted a whole file; fetch or export the file again"#]],
    );
    let source = Source::from_slice(&bytes);
    let header = validate(source, &Rules::default(), Depth::Header).unwrap();
    assert!(!header.has(Code::Truncated), "the header alone cannot tell");
    assert!(header.info.is_some() && !header.is_acceptable());
}
