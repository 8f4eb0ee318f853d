//! Keys differ where results may: by content, shape, file state, operation and parameters.

use std::{
    collections::HashSet,
    error::Error,
    fs::{self, File, FileTimes},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use expect_test::expect;
use proptest::{collection::vec, prelude::*};
use safelight_cache::{ContentHash, Key, Operation, PixelShape, SourceId};
use tempfile::TempDir;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);

/// A directory with one file in it.
fn file_of(content: &[u8]) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("there is room for a test");
    let path = dir.path().join("photo.jpg");
    fs::write(&path, content).expect("there is room for a test");
    (dir, path)
}

/// Writes over a file without making a new one.
fn rewrite(path: &Path, content: &[u8]) {
    let file = File::options().write(true).truncate(true).open(path);
    file.and_then(|mut file| file.write_all(content)).expect("the file is the test's");
}

/// Says that the content changed at `time`; that of the attributes stays the present.
fn set_modified(path: &Path, time: SystemTime) {
    let file = File::options().write(true).open(path);
    let times = FileTimes::new().set_modified(time);
    file.and_then(|file| file.set_times(times)).expect("the file is the test's");
}

/// The present, as the file system tells it.
fn present(path: &Path) -> SystemTime {
    let metadata = fs::metadata(path).expect("the file is there");
    metadata.modified().expect("the platform tells times")
}

fn pixels(
    [width, height]: [u32; 2],
    layout: &str,
    palette: &[u8],
    data: &[u8],
) -> ContentHash {
    ContentHash::of_pixels(&PixelShape { width, height, layout, palette }, data)
}

#[test]
fn c04_each_part_makes_another_key() {
    let (_dir, path) = file_of(&[0, 1, 1, 0]);
    let data = [0, 1, 1, 0];
    let sources = [
        SourceId::file(&path).unwrap(),
        SourceId::content(ContentHash::of(&data)),
        SourceId::content(ContentHash::of(&data[..3])),
        SourceId::content(pixels([2, 2], "indexed8", b"red blue", &data)),
        SourceId::content(pixels([4, 1], "indexed8", b"red blue", &data)),
        SourceId::content(pixels([1, 4], "indexed8", b"red blue", &data)),
        SourceId::content(pixels([2, 2], "palette8", b"red blue", &data)),
        SourceId::content(pixels([2, 2], "gray8", b"red blue", &data)),
        SourceId::content(pixels([2, 2], "indexed8", b"red pink", &data)),
        SourceId::content(pixels([2, 2], "indexed8", b"", &data)),
        SourceId::content(pixels([2, 2], "indexed8", b"red blue", &[0, 1, 1, 1])),
    ];
    let operations = [
        Operation::new("thumbnail", 1),
        Operation::new("thumbnail", 2),
        Operation::new("convert", 1),
    ];
    let parameters = [(320, 240, "jpeg"), (240, 320, "jpeg"), (320, 240, "png")];

    let mut keys = HashSet::new();
    for source in &sources {
        for operation in operations {
            for parameters in parameters {
                let key = Key::new(source.clone(), operation, parameters);
                assert!(!keys.contains(&key), "{key:?} is there already");
                keys.insert(key.clone());
                assert!(keys.contains(&key));
            }
        }
    }
    // All of these parts go into the hash too, so that a map need not compare.
    let state = BuildHasherDefault::<DefaultHasher>::default();
    let hashes: HashSet<u64> = keys.iter().map(|key| state.hash_one(key)).collect();
    assert_eq!((keys.len(), hashes.len()), (99, 99));
}

#[test]
fn c04_parts_of_a_key_are_told() {
    let source = SourceId::content(ContentHash::of(b"photo"));
    let key = Key::new(source.clone(), Operation::new("thumbnail", 3), (320, 240));
    assert_eq!(key.source(), &source);
    assert_eq!((key.operation().name(), key.operation().version()), ("thumbnail", 3));
    assert_eq!(key.parameters(), &(320, 240));
}

#[test]
fn c04_the_name_of_an_operation_counts_and_not_where_it_lies() {
    let name: &'static str = Box::leak(String::from("thumbnail").into_boxed_str());
    assert_eq!(Operation::new(name, 1), Operation::new("thumbnail", 1));
}

#[test]
fn c04_young_file_rewritten_with_the_same_length_and_times_is_another_source() {
    let (_dir, path) = file_of(b"first");
    let now = present(&path);
    set_modified(&path, now);
    let first = SourceId::file_at(&path, now + SECOND).unwrap();
    rewrite(&path, b"other");
    set_modified(&path, now);
    let other = SourceId::file_at(&path, now + SECOND).unwrap();

    assert_ne!(first, other);
    // The file system may or may not have told by the time of the attributes; this always does.
    assert_eq!(first.content_hash(), Some(ContentHash::of(b"first")));
    assert_eq!(other.content_hash(), Some(ContentHash::of(b"other")));
}

/// Sets when a file says that it was modified; when its attributes changed cannot be set.
#[cfg(unix)]
#[test]
fn c04_the_content_of_young_files_is_read() {
    let (_dir, path) = file_of(b"photo");
    let attributes = present(&path);
    let now = attributes + HOUR;
    let ago = |age: Duration| now.checked_sub(age).expect("after 1970");
    let ns = Duration::from_nanos(1);
    let cases = [
        (ago(SECOND), now, true, "modified a second ago"),
        (ago(2 * SECOND) + ns, now, true, "modified just under two seconds ago"),
        (ago(2 * SECOND), now, false, "modified two seconds ago"),
        (SystemTime::UNIX_EPOCH - HOUR, now, false, "modified before 1970"),
        (now + HOUR, now, true, "modified in the future"),
        (ago(3 * HOUR), attributes, true, "attributes changed just now"),
        (ago(3 * HOUR), ago(2 * HOUR), true, "attributes changed in the future"),
    ];
    for (modified, now, is_read, why) in cases {
        set_modified(&path, modified);
        let hash = SourceId::file_at(&path, now).unwrap().content_hash();
        assert_eq!(hash, is_read.then(|| ContentHash::of(b"photo")), "{why}");
    }
}

#[test]
fn c04_the_clock_of_the_system_is_asked_where_none_is_given() {
    let (_dir, path) = file_of(b"photo");
    set_modified(&path, present(&path) + HOUR);
    assert!(SourceId::file(&path).unwrap().content_hash().is_some(), "in the future");
    let installed = SourceId::file(env!("CARGO")).unwrap();
    assert!(installed.content_hash().is_none(), "long there");
}

/// An old file is told by its state alone.
#[test]
fn c04_each_part_of_the_state_makes_another_source() {
    let (dir, path) = file_of(b"first");
    let modified = present(&path);
    let old = |path: &Path| {
        let source = SourceId::file_at(path, modified + HOUR).expect("it is there");
        assert_eq!(source.content_hash(), None);
        source
    };
    set_modified(&path, modified);
    let first = old(&path);
    assert_eq!(old(&path), first);

    let elsewhere = dir.path().join("link.jpg");
    fs::hard_link(&path, &elsewhere).unwrap();
    assert_ne!(old(&elsewhere), old(&path), "another path");

    let before = old(&path);
    set_modified(&path, modified + Duration::from_nanos(100));
    assert_ne!(old(&path), before, "another time");

    set_modified(&path, modified);
    let before = old(&path);
    rewrite(&path, b"longer");
    set_modified(&path, modified);
    assert_ne!(old(&path), before, "another length");

    let before = old(&path);
    let new = dir.path().join("new.jpg");
    fs::write(&new, b"length").unwrap();
    set_modified(&new, modified);
    fs::rename(&new, &path).unwrap();
    assert_ne!(old(&path), before, "another file of the same length and time");
}

/// The clocks of file systems go in steps, so the file is written until one is seen.
#[cfg(unix)]
#[test]
fn c04_a_rewritten_file_whose_time_was_put_back_is_another_source() {
    use std::os::unix::fs::MetadataExt;

    let (_dir, path) = file_of(b"first");
    let modified = present(&path);
    let old = || SourceId::file_at(&path, modified + HOUR).expect("it is there");
    let changed = || {
        let metadata = fs::metadata(&path).expect("it is there");
        (metadata.ctime(), metadata.ctime_nsec())
    };
    set_modified(&path, modified);
    let (first, first_changed) = (old(), changed());
    while changed() == first_changed {
        rewrite(&path, b"other");
        set_modified(&path, modified);
    }
    assert_eq!((old().content_hash(), present(&path)), (None, modified));
    assert_ne!(old(), first);
}

#[test]
fn c04_a_relative_path_is_that_of_the_directory_it_was_asked_in() {
    let absolute = std::env::current_dir().unwrap().join("Cargo.toml");
    let now = present(&absolute) + SECOND;
    let relative = SourceId::file_at("Cargo.toml", now).unwrap();
    assert_eq!(relative, SourceId::file_at(&absolute, now).unwrap());
    assert_eq!(relative.path(), Some(absolute.as_path()));
}

#[test]
fn c04_a_file_is_not_its_content() {
    let (_dir, path) = file_of(b"photo");
    let file = SourceId::file_at(&path, present(&path)).unwrap();
    let content = SourceId::content(ContentHash::of(b"photo"));
    assert_eq!(file.content_hash(), content.content_hash());
    assert_ne!(file, content);
    assert_eq!(content.path(), None);
}

#[test]
fn c04_errors_name_the_path_and_keep_kind_and_cause() {
    let describe = |path: &Path| {
        let error = SourceId::file(path).expect_err("it is no file");
        let cause = error.get_ref().and_then(Error::source).expect("it has a cause");
        let cause = cause.downcast_ref::<io::Error>().expect("it is of the system");
        assert_eq!(cause.kind(), error.kind());
        format!("{:?}: {error}", error.kind())
    };
    let dir = tempfile::tempdir().unwrap();
    let shown = [describe(&dir.path().join("x.jpg")), describe(dir.path())].join("\n");
    let shown = shown.replace(&dir.path().display().to_string(), "DIR");
    expect![[r#"
        NotFound: cannot read the identity of "DIR/x.jpg"
        InvalidInput: cannot read the identity of "DIR""#]]
    .assert_eq(&shown);
}

#[test]
fn c04_keys_can_be_sent_and_shared() {
    fn assert_key<K: Clone + Eq + Hash + Send + Sync + 'static>() {}
    assert_key::<Key<(u32, u32)>>();
}

#[test]
fn c04_encoded_bytes_are_hashed_as_published() {
    let hashes =
        [&b""[..], &[0], b"abc"].map(|encoded| ContentHash::of(encoded).to_string());
    expect![[r"
        af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262
        2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213
        6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"]]
    .assert_eq(&hashes.join("\n"));
}

#[test]
fn c04_encoded_bytes_never_pass_for_pixels() {
    // All that goes into the hash of one gray pixel, as a file might hold it.
    let encoded = [
        &1_u32.to_le_bytes()[..],
        &1_u32.to_le_bytes(),
        &5_u64.to_le_bytes(),
        b"gray8",
        &0_u64.to_le_bytes(),
        &[7],
    ];
    let pixel = pixels([1, 1], "gray8", &[], &[7]);
    assert_ne!(pixel, ContentHash::of(&encoded.concat()));
    assert_ne!(pixel, ContentHash::of(&[7]));
}

#[test]
fn c04_a_layout_never_passes_for_a_palette() {
    // The name holds what follows it in the other: the length of the palette, and this itself.
    let forged = pixels([1, 1], "gray\x01\0\0\0\0\0\0\0p", b"", b"");
    assert_ne!(forged, pixels([1, 1], "gray", b"p", &0_u64.to_le_bytes()));
}

/// Reads a few bytes at a time, is interrupted now and then, and notes how much it is asked.
struct Reader<'a> {
    rest: &'a [u8],
    step: usize,
    n_reads: usize,
    n_asked: usize,
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.n_reads += 1;
        self.n_asked = self.n_asked.max(buffer.len());
        if self.n_reads.is_multiple_of(3) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let n = self.step.min(buffer.len());
        self.rest.read(&mut buffer[..n])
    }
}

#[test]
fn errors_of_a_reader_come_back() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::TimedOut, "the line is down"))
        }
    }
    let error = ContentHash::of_reader(Broken).unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (io::ErrorKind::TimedOut, "the line is down")
    );
}

proptest! {
    /// One string of bytes, cut in two ways: what is hashed must tell the cuts apart.
    #[test]
    fn c04_parts_of_pixels_never_run_together(
        bytes in "[ab]{0,6}",
        cuts in [[0usize..7, 0usize..7], [0usize..7, 0usize..7]],
        sides in [[0u32..2, 0u32..2], [0u32..2, 0u32..2]],
    ) {
        let split = |[width, height]: [u32; 2], [first, second]: [usize; 2]| {
            let first = first.min(bytes.len());
            let second = second.clamp(first, bytes.len());
            let (layout, palette) = (&bytes[..first], &bytes.as_bytes()[first..second]);
            (PixelShape { width, height, layout, palette }, &bytes.as_bytes()[second..])
        };
        let parts = [split(sides[0], cuts[0]), split(sides[1], cuts[1])];
        let hashes = parts.map(|(shape, data)| ContentHash::of_pixels(&shape, data));
        prop_assert_eq!(parts[0] == parts[1], hashes[0] == hashes[1]);
    }

    #[test]
    fn reading_in_pieces_gives_the_same_hash_in_constant_memory(
        len in prop_oneof![0usize..100, 65_500..65_600usize, 200_000..300_000usize],
        step in prop_oneof![1_000usize..3_000, 60_000usize..70_000],
    ) {
        let encoded: Vec<u8> = (0..len).map(|idx| (idx % 251) as u8).collect();
        let mut reader = Reader { rest: &encoded, step, n_reads: 0, n_asked: 0 };
        prop_assert_eq!(ContentHash::of_reader(&mut reader).unwrap(), ContentHash::of(&encoded));
        prop_assert!(reader.n_asked <= 64 << 10);
    }

    /// Keys are equal where their parts are, and equal keys have equal hashes.
    #[test]
    fn c04_keys_are_equal_where_all_parts_are(
        parts in [key_parts(), key_parts()],
    ) {
        let [a, b] = parts.clone().map(|(content, name, version, parameters)| {
            let source = SourceId::content(ContentHash::of(&content));
            Key::new(source, Operation::new(name, version), parameters)
        });
        prop_assert_eq!(a == b, parts[0] == parts[1]);
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        prop_assert_eq!(a == b, hasher.hash_one(&a) == hasher.hash_one(&b));
    }
}

fn key_parts() -> impl Strategy<Value = (Vec<u8>, &'static str, u32, (u8, u8))> + Clone {
    let name = prop_oneof![Just("thumbnail"), Just("convert")];
    (vec(0u8..2, 0..2), name, 0u32..2, (0u8..2, 0u8..2))
}
