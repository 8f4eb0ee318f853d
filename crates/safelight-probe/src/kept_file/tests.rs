use std::{fs, sync::Arc};

use super::{KeptFile, Reader};

#[test]
fn file_longer_than_the_buffer_is_read_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file");
    let mut kept = KeptFile::at(path.clone());
    let mut reader = Reader::new();
    for len in [0, 8_191, 8_192, 8_193, 100_000] {
        let content: Vec<u8> = (0..len).map(|i| i as u8).collect();
        fs::write(&path, &content).expect("the file");
        assert_eq!(kept.read(&mut reader).expect("it is there"), content, "{len}");
    }
    fs::write(&path, vec![b'1'; 1 << 20]).expect("the file");
    // What is cut could be a wrong number.
    assert!(kept.read(&mut reader).is_err());
}

#[test]
fn failure_is_repeated_without_asking_until_it_may_be_retried() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file");
    let mut kept = KeptFile::at(path.clone());
    let mut reader = Reader::new();
    assert!(kept.read(&mut reader).is_err_and(|error| error.is_absent_file()));
    fs::write(&path, "7").expect("the file");
    assert!(kept.read(&mut reader).is_err_and(|error| error.is_absent_file()));
    assert!(!reader.take_lost(), "it was never open");
    kept.retry();
    assert_eq!(kept.read(&mut reader).expect("it is there"), b"7");
}

#[test]
fn same_failure_is_the_same_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut kept = KeptFile::at(folder.path().join("file"));
    let mut reader = Reader::new();
    let mut source = || {
        kept.retry();
        kept.read(&mut reader).expect_err("there is no file")
    };
    let errors = [source(), source()];
    let [one, other] = errors.each_ref().map(|error| {
        std::ptr::from_ref(std::error::Error::source(error).expect("it has a cause"))
    });
    assert!(std::ptr::addr_eq(one, other));
}

#[test]
fn open_file_that_fails_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let path: Arc<std::path::Path> = folder.path().into();
    // It can be opened but not read.
    let mut kept = KeptFile::at(path);
    let mut reader = Reader::new();
    assert!(kept.read(&mut reader).is_err());
    assert!(reader.take_lost() && !reader.take_lost());
}
