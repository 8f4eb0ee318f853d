//! The files of a corpus folder beside the workspace, where there is one; everything that
//! they show is shown by generated files as well.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use expect_test::{Expect, expect};
use safelight_imaging::{
    Depth, Fit, Limits, Rules, Source, ThumbnailOptions, decode, inspect, thumbnail,
    validate,
};

fn corpus() -> Option<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    if corpus.is_dir() {
        return Some(corpus);
    }
    // Written past the macros, whose output the test harness keeps to itself.
    writeln!(io::stderr(), "skipped: no corpus folder beside the workspace")
        .expect("standard error is open");
    None
}

/// Lists the findings of all files whose names start so.
fn findings(corpus: &Path, prefix: &str) -> String {
    let mut names: Vec<_> = corpus
        .read_dir()
        .expect("a readable folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(prefix))
        .collect();
    names.sort();
    let mut list = String::new();
    for name in names {
        let source = Source::open(corpus.join(&name)).expect("a readable file");
        let validation = validate(source, &Rules::default(), Depth::Full);
        let validation = validation.expect("a readable file");
        writeln!(list, "{name}\n{validation}").expect("a string takes all");
    }
    list
}

#[track_caller]
fn check(prefix: &str, expected: &Expect) {
    if let Some(corpus) = corpus() {
        expected.assert_eq(&findings(&corpus, prefix));
    }
}

#[test]
fn corpus_specials_have_their_findings() {
    check(
        "special_",
        &expect![[r#"
        special_alpha.png
        no findings
        special_anim.gif
        error unsupported-format: found GIF, wanted JPEG, PNG, WebP; convert the image to an allowed format
        special_anim.webp
        warning animated: found 8 frames, wanted a still image; expect only the first frame, or give a still image
        special_bomb_decl.png
        error over-limit: found the declared image is 50000 x 50000 = 2500.0 million pixels, wanted at most 100.0 million pixels; refuse the file, or raise the limit if it is trusted
        error over-limit: found the memory for decoding is 7 GiB, wanted at most 512 MiB; refuse the file, or raise the limit if it is trusted
        error too-large: found 50000 x 50000 pixels, wanted 256 to 4096 pixels a side; scale the image down
        special_cmyk.jpg
        warning cmyk: found CMYK, wanted RGB or gray; convert the image to RGB, through its profile if it has one
        special_crc.png
        error bad-checksum: found a02e3383 stored for a chunk IDAT, wanted 2b986fc5; fetch or export the file again
        error corrupt: found Corrupt deflate stream. WrongChecksum, wanted data that follows the format; export the image again from its original
        special_exif6.jpg
        warning exif-rotated: found EXIF orientation 6: stored 512 x 256, shown 256 x 512, wanted orientation 1; turn the pixels upright and drop the tag
        special_icc.jpg
        no findings
        special_rgb16.png
        warning sixteen-bit: found 16 bits a sample, wanted 8 bits; reduce it to 8 bits, unless the precision is needed
        special_trunc.jpg
        error truncated: found the JPEG data ends in the pixel data, wanted a whole file; fetch or export the file again
        special_trunc.png
        error truncated: found the PNG data ends in the pixel data, wanted a whole file; fetch or export the file again
        special_trunc.webp
        error truncated: found 195251 bytes, wanted the 390502 bytes that the container declares; fetch or export the file again
    "#]],
    );
}

#[test]
fn corpus_photos_have_none() {
    check(
        "photo_512",
        &expect![[r#"
        photo_512.jpg
        no findings
        photo_512.png
        no findings
        photo_512.webp
        no findings
    "#]],
    );
    check(
        "photo_1080",
        &expect![[r#"
        photo_1080.jpg
        no findings
        photo_1080.png
        no findings
        photo_1080.prog.jpg
        no findings
        photo_1080.webp
        no findings
    "#]],
    );
}

#[test]
fn corpus_what_decodes_is_accepted_and_the_estimate_holds() {
    let Some(corpus) = corpus() else { return };
    for entry in corpus.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.display();
        // The largest are for the benches.
        if ["_4096", "_2048"].iter().any(|large| name.to_string().contains(large)) {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let source = || Source::from_slice(&bytes);
        let validation = validate(source(), &Rules::default(), Depth::Full).unwrap();
        let options = ThumbnailOptions::default();
        let small = thumbnail(source(), Fit::inside(256, 256), &options);
        match decode(source(), &Limits::default()) {
            Ok(pixels) => {
                crate::i03_limits::check_estimate(&name.to_string(), &bytes);
                let (width, height) = inspect(source()).unwrap().upright_size();
                assert_eq!((pixels.width(), pixels.height()), (width, height), "{name}");
                assert!(small.unwrap().width() <= 256, "{name}");
            }
            Err(error) => {
                assert!(!validation.is_acceptable(), "{name}: {error}");
                assert!(small.is_err(), "{name}");
            }
        }
    }
}
