use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::{Addresses, folder};

fn originals() -> Vec<PathBuf> {
    vec![PathBuf::from("/photos/a.jpg"), PathBuf::from("/photos/b.png")]
}

#[test]
fn m06_no_thumbnail_is_asked_for_under_two_addresses() {
    let addresses = Addresses::of(&originals()).unwrap();
    let lines = addresses.lines();
    let different: BTreeSet<&str> = lines.split_whitespace().collect();
    assert_eq!(different.len(), addresses.len());
    assert_eq!(folder(&originals()).unwrap(), Path::new("/photos"));
    assert!(folder(&[]).is_err());
}

#[test]
fn m06_popular_ones_come_first_and_end_with_an_empty_line() {
    let lines = Addresses::of(&originals()).unwrap().lines();
    let (popular, others) = lines.split_once("\n\n").unwrap();
    let popular: Vec<&str> = popular.lines().map(str::trim).collect();
    assert_eq!(
        popular,
        [
            "/thumbnails/a.jpg?width=256",
            "/thumbnails/a.jpg?width=512",
            "/thumbnails/b.png?width=256",
            "/thumbnails/b.png?width=512",
        ]
    );
    assert!(others.starts_with("/thumbnails/a.jpg?width=275\n"));
}
