//! I5, of animations: what is left behind is said, or refused.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use safelight_imaging::{
    Animation, ConvertOptions, Fit, Layout, Source, Target, ThumbnailOptions, convert,
    decode, thumbnail,
};

use crate::support::{JPEG, clean, file, photo, png, webp};

/// An animated WebP, and an animated PNG of as many frames.
fn animations(n: u8) -> [Vec<u8>; 2] {
    let still = photo(20, 10, Layout::Rgba8);
    let webp =
        webp::animated(&file(&still, Target::WebPLossless), 20, 10, usize::from(n));
    let control = png::chunk(b"acTL", &[0, 0, 0, n, 0, 0, 0, 0]);
    [webp, png::with_chunk(&file(&still, Target::Png), &control)]
}

#[test]
fn i05_the_first_frame_is_converted_and_the_others_are_told_of() {
    for bytes in animations(3) {
        let mut made = Vec::new();
        let options = ConvertOptions::default();
        let source = Source::from_slice(&bytes);
        let report = convert(source, Target::Png, &options, &mut made).unwrap();
        assert_eq!(report.n_frames, Some(3));
        let [first, back] = [&bytes, &made]
            .map(|file| decode(Source::from_slice(file), &options.limits).unwrap());
        assert_eq!(first, back);
    }
    let still = clean(JPEG);
    let options = ConvertOptions::default();
    let report = convert(Source::from_slice(&still), JPEG, &options, io::sink());
    assert_eq!(report.unwrap().n_frames, None);
}

/// Counts the bytes that are read.
struct Counted<'a>(Cursor<Vec<u8>>, &'a mut u64);

impl Read for Counted<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.0.read(buf)?;
        *self.1 += n as u64;
        Ok(n)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn i05_an_animation_is_refused_where_that_is_wanted() {
    let refuse =
        ConvertOptions { animation: Animation::Refuse, ..ConvertOptions::default() };
    for bytes in animations(3) {
        let mut made = Vec::new();
        let source = Source::from_slice(&bytes);
        let error = convert(source, Target::Png, &refuse, &mut made).unwrap_err();
        assert!(error.is_animated() && !error.is_unsupported() && made.is_empty());
        let said = error.to_string();
        assert!(said.starts_with("a still image is wanted, the "), "{said}");
        assert!(said.ends_with(" is animated: 3 frames"), "{said}");
    }
    for target in [JPEG, Target::Png, Target::WebPLossless] {
        let bytes = clean(target);
        assert!(convert(Source::from_slice(&bytes), JPEG, &refuse, io::sink()).is_ok());
    }
}

#[test]
fn i05_a_thumbnail_of_an_animation_is_of_its_first_frame_or_refused() {
    let refuse =
        ThumbnailOptions { animation: Animation::Refuse, ..ThumbnailOptions::default() };
    for bytes in animations(3) {
        let small =
            |options| thumbnail(Source::from_slice(&bytes), Fit::inside(8, 8), &options);
        assert!(small(ThumbnailOptions::default()).is_ok());
        assert!(small(refuse).unwrap_err().is_animated());
    }
    let still = clean(JPEG);
    assert!(thumbnail(Source::from_slice(&still), Fit::inside(8, 8), &refuse).is_ok());
}

#[test]
fn i05_refusing_an_animation_decodes_nothing() {
    let still = file(&photo(400, 300, Layout::Rgb8), Target::Png);
    let control = png::chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let bytes = png::with_chunk(&still, &control);
    let refuse =
        ConvertOptions { animation: Animation::Refuse, ..ConvertOptions::default() };
    let mut n_read = 0;
    let source = Source::from_reader(Counted(Cursor::new(bytes.clone()), &mut n_read));
    assert!(convert(source, JPEG, &refuse, io::sink()).unwrap_err().is_animated());
    assert!(4 * n_read < bytes.len() as u64, "{n_read} of {} bytes", bytes.len());
}
