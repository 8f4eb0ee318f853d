//! I7: random bytes and damaged files give a result or a precise error, within limits.

use std::{io, sync::LazyLock};

use proptest::{prelude::*, sample::Index};
use safelight_alloc::Span;
use safelight_core::ByteSize;
use safelight_imaging::{
    ConvertOptions, Depth, Fit, Layout, Limits, Rules, Source, Target, ThumbnailOptions,
    convert, decode, inspect, thumbnail, validate,
};

use crate::support::{self, JPEG, exif, file, jpeg, photo, png, webp};

/// Small valid files of many kinds.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let rgb = photo(40, 30, Layout::Rgb8).with_icc(Some(support::wide_profile()));
    let rgba = photo(33, 29, Layout::Rgba8);
    let deep = photo(20, 20, Layout::GrayAlpha16);
    let flat = jpeg::Flat {
        width: 40,
        height: 24,
        samples: &[50, 60, 70, 80],
        adobe: Some(2),
        restart_interval: 3,
    };
    let gray = jpeg::Flat { samples: &[99], adobe: None, restart_interval: 0, ..flat };
    let exif_segment = [b"Exif\0\0", &exif(7)[..]].concat();
    let still = file(&rgba, Target::WebPLossless);
    vec![
        jpeg::with_segment(&file(&rgb, JPEG), 0xe1, &exif_segment),
        flat.baseline(),
        gray.progressive(),
        file(&rgb, Target::Png),
        png::with_chunk(&file(&deep, Target::Png), &png::chunk(b"eXIf", &exif(5))),
        file(&rgb, Target::WebPLossless),
        webp::animated(&still, 33, 29, 2),
        webp::LOSSY.to_vec(),
        b"GIF89a\x20\x03\x20\x00".to_vec(),
    ]
});

const LIMITS: Limits = Limits {
    max_pixels: 1_000_000,
    max_decoded: ByteSize::mib(8),
    max_input: ByteSize::mib(1),
    max_frames: 100,
    max_metadata: ByteSize::kib(256),
};

/// Runs every operation; none may panic, and none may take much more than the limits.
#[track_caller]
pub(crate) fn check(bytes: &[u8]) {
    let source = || Source::from_slice(bytes);
    let ((), usage) = Span::measure(|| {
        let info = inspect(source());
        let rules = Rules { limits: LIMITS, side: 1..=4096, ..Rules::default() };
        let header = validate(source(), &rules, Depth::Header).expect("no i/o to fail");
        let full = validate(source(), &rules, Depth::Full).expect("no i/o to fail");
        // What is seen in the header is seen in full depth as well.
        assert!(header.findings.iter().all(|finding| full.findings.contains(finding)));
        assert_eq!(header.info, info.as_ref().ok().cloned());
        let decoded = decode(source(), &LIMITS);
        match &decoded {
            Ok(pixels) => {
                let info = info.expect("what can be decoded can be inspected");
                assert_eq!((pixels.width(), pixels.height()), info.upright_size());
            }
            Err(error) => {
                let is_sorted = error.is_not_an_image()
                    || error.is_unsupported()
                    || error.is_over_limit()
                    || error.is_truncated()
                    || error.is_corrupt();
                assert!(is_sorted, "{error:?}");
                assert!(!full.is_acceptable(), "{error} but {full}");
            }
        }
        let options = ThumbnailOptions { limits: LIMITS, ..ThumbnailOptions::default() };
        let small = thumbnail(source(), Fit::inside(16, 16), &options);
        match (&small, &decoded) {
            // It may take less than the limit for decoding.
            (Ok(_), Err(error)) => assert!(error.is_over_limit(), "{error}"),
            // It is more strict where it reads every bit, as full depth is.
            (Err(error), Ok(_)) => assert!(!full.findings.is_empty(), "{error}"),
            _ => {}
        }
        let options = ConvertOptions { limits: LIMITS, ..ConvertOptions::default() };
        let _ = convert(source(), JPEG, &options, io::sink());
    });
    let most = LIMITS.max_decoded.bytes() * 2;
    assert!(usage.peak_bytes < most, "{usage:?}");
}

#[test]
fn i07_the_files_themselves_are_fine() {
    for (idx, bytes) in FILES.iter().enumerate() {
        check(bytes);
        let is_supported = idx + 1 < FILES.len();
        assert_eq!(decode(Source::from_slice(bytes), &LIMITS).is_ok(), is_supported);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn i07_random_bytes(
        head in prop::sample::select(vec![
            &b""[..], b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\xff\xff\0\0WEBP", b"BM",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        check(&[head, &rest].concat());
    }

    #[test]
    fn i07_truncations(file in any::<Index>(), len in any::<Index>()) {
        let bytes = file.get(&FILES);
        let len = len.index(bytes.len());
        check(&bytes[..len]);
        let cut = decode(Source::from_slice(&bytes[..len]), &LIMITS);
        // The last byte of the WebP files pads a chunk.
        prop_assert!(cut.is_err());
    }

    #[test]
    fn i07_bit_flips(
        file in any::<Index>(),
        flips in prop::collection::vec((any::<Index>(), 0u32..8), 1..6),
    ) {
        let mut bytes = file.get(&FILES).clone();
        for (at, bit) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        check(&bytes);
    }

    #[test]
    fn i07_headers_with_bytes_overwritten(
        file in any::<Index>(),
        at in 0usize..64,
        patch in prop::collection::vec(any::<u8>(), 1..8),
    ) {
        let mut bytes = file.get(&FILES).clone();
        let at = at.min(bytes.len());
        let end = (at + patch.len()).min(bytes.len());
        bytes[at..end].copy_from_slice(&patch[..end - at]);
        check(&bytes);
    }
}
