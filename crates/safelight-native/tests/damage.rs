//! What is cut or damaged is an error, and never ends the process.

use std::sync::LazyLock;

use proptest::{prelude::*, sample::Index};
use safelight_native::{
    Error, Image, Picture, Samples,
    jpeg::{self, Chroma, Decoder, Scale},
    webp,
};

const WIDTH: u32 = 61;
const HEIGHT: u32 = 43;

/// Something with edges and gradients.
fn pixels(samples: Samples) -> Vec<u8> {
    let places = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
    let sample = |(x, y): (u32, u32), channel: usize| {
        let edge = if (x / 9 + y / 7) % 2 == 0 { 60 } else { 0 };
        (edge + x * 2 + y * (channel as u32 + 1)) as u8
    };
    let n_channels = samples.pixel_len();
    places.flat_map(|at| (0..n_channels).map(move |idx| sample(at, idx))).collect()
}

fn picture(pixels: &[u8]) -> Picture<'_> {
    Picture { pixels, width: WIDTH, height: HEIGHT }
}

static JPEGS: LazyLock<Vec<(Samples, Vec<u8>)>> = LazyLock::new(|| {
    let encoded = |samples, chroma| {
        let pixels = pixels(samples);
        let file = jpeg::encode(&picture(&pixels), samples, 85, chroma);
        (samples, file.expect("as many pixels as there must be").to_vec())
    };
    vec![
        encoded(Samples::Gray, Chroma::Whole),
        encoded(Samples::Rgb, Chroma::Whole),
        encoded(Samples::Rgb, Chroma::Halved),
    ]
});

static WEBPS: LazyLock<Vec<(Samples, Vec<u8>)>> = LazyLock::new(|| {
    let encoded = |samples| {
        let pixels = pixels(samples);
        let file = webp::encode_lossy(&picture(&pixels), samples, 85, 4);
        (samples, file.expect("as many pixels as there must be").to_vec())
    };
    vec![encoded(Samples::Rgb), encoded(Samples::Rgba)]
});

const SCALES: [Scale; 5] =
    [Scale::Whole, Scale::Half, Scale::ThreeEighths, Scale::Quarter, Scale::Eighth];

fn decode_jpeg(bytes: &[u8], samples: Samples, scale: Scale) -> Result<Image, Error> {
    Decoder::new(bytes)?.decode(samples, scale)
}

#[test]
fn every_scale_has_the_size_that_it_says() {
    for (samples, file) in JPEGS.iter() {
        let mut decoder = Decoder::new(file).unwrap();
        let header = decoder.header();
        assert_eq!((header.width, header.height), (WIDTH, HEIGHT));
        assert!(!header.is_coarse);
        // One decoder may be asked often.
        for scale in SCALES.into_iter().chain(SCALES) {
            let image = decoder.decode(*samples, scale).unwrap();
            assert_eq!(image.width, scale.apply(WIDTH));
            assert_eq!(image.height, scale.apply(HEIGHT));
            let wanted = image.width * image.height * samples.pixel_len() as u32;
            assert_eq!(image.data.len(), wanted as usize);
        }
    }
}

#[test]
fn what_was_encoded_comes_back() {
    let difference = |image: &Image, samples| {
        let wanted = pixels(samples);
        let pairs = image.data.iter().zip(&wanted);
        let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum as f64 / wanted.len() as f64
    };
    for (samples, file) in JPEGS.iter() {
        let image = decode_jpeg(file, *samples, Scale::Whole).unwrap();
        assert!(difference(&image, *samples) < 6.0, "{samples:?}");
    }
    for (samples, file) in WEBPS.iter() {
        let image = webp::decode(file, *samples).unwrap();
        assert!(difference(&image, *samples) < 6.0, "{samples:?}");
    }
}

#[test]
fn every_cut_is_an_error_at_every_scale() {
    for (samples, file) in JPEGS.iter() {
        for len in 0..file.len() {
            for scale in SCALES {
                let error = decode_jpeg(&file[..len], *samples, scale).unwrap_err();
                let is_header = Decoder::new(&file[..len]).is_err();
                assert!(error.is_truncated() || is_header, "{len}: {error}");
            }
        }
    }
    for (samples, file) in WEBPS.iter() {
        for len in 0..file.len() {
            assert!(webp::decode(&file[..len], *samples).is_err(), "{len}");
            assert!(webp::decode_scaled(&file[..len], 20, 14).is_err(), "{len}");
        }
    }
}

#[test]
fn what_the_libraries_do_not_take_is_refused() {
    let opaque = pixels(Samples::Rgb);
    let one_short = Picture { height: HEIGHT + 1, ..picture(&opaque) };
    let none = Picture { pixels: &[], width: 0, height: 7 };
    for picture in [one_short, none] {
        let made = jpeg::encode(&picture, Samples::Rgb, 80, Chroma::Whole);
        assert!(made.unwrap_err().is_refused());
        let made = webp::encode_lossy(&picture, Samples::Rgb, 80, 4);
        assert!(made.unwrap_err().is_refused());
    }
    let long = vec![0; 70_000];
    let long = Picture { pixels: &long, width: 70_000, height: 1 };
    let made = jpeg::encode(&long, Samples::Gray, 80, Chroma::Whole);
    assert!(made.unwrap_err().is_refused());
    let (_, with_opacity) = &WEBPS[1];
    assert!(webp::decode_scaled(with_opacity, 20, 14).unwrap_err().is_refused());
    let (_, opaque) = &WEBPS[0];
    assert!(webp::decode_scaled(opaque, 0, 14).unwrap_err().is_refused());
    assert!(webp::decode(opaque, Samples::Gray).unwrap_err().is_refused());
    let (_, file) = &JPEGS[1];
    let made = decode_jpeg(file, Samples::Rgba, Scale::Whole);
    assert!(made.unwrap_err().is_refused());
}

/// The library decodes those whole, whatever the scale.
#[test]
fn lossless_jpeg_is_refused_by_its_header() {
    let (_, mut file) = JPEGS[0].clone();
    let frame = file.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    file[frame + 1] = 0xc3;
    let error = Decoder::new(&file).unwrap_err();
    assert!(error.to_string().contains("it is lossless"), "{error}");
}

#[test]
fn an_animation_of_any_size_is_refused_before_pixels_are_allocated() {
    let mut file = b"RIFF\x2a\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0".to_vec();
    file.extend(b"\xff\xff\0\xfe\xff\0ANIM\x06\0\0\0\0\0\0\0\0\0");
    file.extend(b"ANMF\0\0\0\0");
    let error = webp::decode(&file, Samples::Rgba).unwrap_err();
    assert!(error.to_string().contains("it is animated"), "{error}");
}

#[test]
fn a_decoder_may_work_on_another_thread_each() {
    std::thread::scope(|threads| {
        let workers: Vec<_> = (0..8)
            .map(|_| {
                threads.spawn(|| {
                    let (samples, file) = &JPEGS[2];
                    decode_jpeg(file, *samples, Scale::Half).unwrap()
                })
            })
            .collect();
        let mut images = workers.into_iter().map(|worker| worker.join().unwrap());
        let first = images.next().unwrap();
        assert!(images.all(|image| image == first));
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn damage_never_ends_the_process(
        file in any::<Index>(),
        at in any::<Index>(),
        patch in prop::collection::vec(any::<u8>(), 0..24),
        n_taken in 0usize..24,
        is_webp in any::<bool>(),
        scale in prop::sample::select(SCALES.to_vec()),
    ) {
        let files = if is_webp { &*WEBPS } else { &*JPEGS };
        let (samples, file) = file.get(files);
        let mut bytes = file.clone();
        let at = at.index(bytes.len());
        let end = (at + n_taken).min(bytes.len());
        bytes.splice(at..end, patch);
        if is_webp {
            // The sides may be others now: a few pixels are a bound of what that takes.
            let is_small = webp::header(&bytes)
                .is_ok_and(|header| header.width * header.height < 1 << 22);
            if is_small {
                let _ = webp::decode(&bytes, *samples);
                let _ = webp::decode_scaled(&bytes, 20, 14);
            }
        } else if let Ok(mut decoder) = Decoder::new(&bytes) {
            let header = decoder.header();
            if u64::from(header.width) * u64::from(header.height) < 1 << 22 {
                let width = decoder.decode(*samples, scale).map(|image| image.width);
                prop_assert!(width.is_err() || width == Ok(scale.apply(header.width)));
            }
        }
    }

    #[test]
    fn random_bytes_are_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(webp::decode(&bytes, Samples::Rgb).is_err());
        prop_assert!(decode_jpeg(&bytes, Samples::Rgb, Scale::Whole).is_err());
        let bytes = [&b"\xff\xd8\xff"[..], &bytes].concat();
        prop_assert!(decode_jpeg(&bytes, Samples::Rgb, Scale::Whole).is_err());
    }
}
