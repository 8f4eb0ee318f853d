//! Sources and sinks that fail, and those that are not at their start.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use safelight_imaging::{
    ConvertOptions, Depth, Layout, Limits, Rules, Source, Target, convert, decode,
    encode, inspect, validate,
};

use crate::support::{JPEG, clean, decoded, photo};

/// Reads some bytes, then fails.
struct Failing(Cursor<Vec<u8>>, u64);

impl Read for Failing {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.1 <= self.0.position() {
            return Err(io::Error::other("the disk is gone"));
        }
        let n = buf.len().min((self.1 - self.0.position()) as usize);
        self.0.read(&mut buf[..n])
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_failing_source_is_an_io_error_and_never_a_finding() {
    for target in [JPEG, Target::Png, Target::WebPLossless] {
        let bytes = clean(target);
        for good in [0, 100, bytes.len() as u64 / 2] {
            let source =
                || Source::from_reader(Failing(Cursor::new(bytes.clone()), good));
            let error = decode(source(), &Limits::default()).unwrap_err();
            assert!(error.is_io(), "{target:?} {good}: {error:?}");
            let error = validate(source(), &Rules::default(), Depth::Full).unwrap_err();
            assert!(error.is_io(), "{target:?} {good}: {error:?}");
        }
    }
}

struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is full"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_failing_sink_is_an_io_error() {
    for target in [JPEG, Target::Png, Target::WebPLossless] {
        let error = encode(&photo(64, 64, Layout::Rgb8), target, Full).unwrap_err();
        assert!(error.is_io(), "{target:?}: {error:?}");
        let (bytes, options) = (clean(JPEG), ConvertOptions::default());
        let error =
            convert(Source::from_slice(&bytes), target, &options, Full).unwrap_err();
        assert!(error.is_io(), "{target:?}: {error:?}");
    }
}

#[test]
fn a_reader_gives_the_same_as_a_slice_wherever_it_stands() {
    for target in [JPEG, Target::Png, Target::WebPLossless] {
        let bytes = clean(target);
        let mut reader = Cursor::new(&bytes);
        reader.set_position(77);
        let from_reader = decode(Source::from_reader(reader), &Limits::default());
        assert_eq!(from_reader.unwrap(), decoded(&bytes));
    }
}

#[test]
fn a_borrowed_reader_can_be_used_twice() {
    let mut reader = Cursor::new(clean(Target::Png));
    let first = inspect(Source::from_reader(&mut reader)).unwrap();
    let second = inspect(Source::from_reader(&mut reader)).unwrap();
    assert_eq!(first, second);
}

/// To open a pipe that nobody writes to would be to wait for ever.
#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_an_error_at_once() {
    use std::{error::Error as _, process::Command};

    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe.png");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    for path in [pipe.as_path(), dir.path(), "/dev/null".as_ref()] {
        let error = Source::open(path).unwrap_err();
        assert!(error.is_io(), "{error}");
        let cause = error.source().unwrap().to_string();
        assert_eq!(cause, "not a regular file", "{}", path.display());
    }
}
