use std::fs;

use jiff::Timestamp;

use super::{check, file_stamp, write_json};

/// A document that cannot be written.
struct Broken;

impl serde::Serialize for Broken {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("broken on purpose"))
    }
}

#[test]
fn p09_a_report_is_replaced_whole_and_a_failed_write_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/report.json");
    write_json(&path, &[1, 2]).unwrap();
    write_json(&path, &[3]).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "[\n  3\n]\n");

    let error = write_json(&path, &Broken).unwrap_err();
    assert!(
        format!("{error:#}").contains("deep/report.json: broken on purpose"),
        "{error:#}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "[\n  3\n]\n");
    let n_files = fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(n_files, 1, "the temporary file is gone");
}

#[test]
fn stamps_sort_like_times() {
    let stamp = |second| file_stamp(Timestamp::from_second(second).unwrap());
    assert_eq!(stamp(0), "19700101T000000.000Z");
    assert!(stamp(1_700_000_000) < stamp(1_800_000_000));
}

#[cfg(unix)]
#[test]
fn p09_links_are_followed_and_stay() {
    use std::os::unix::fs::symlink;

    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    fs::create_dir(path("deep")).unwrap();
    fs::write(path("deep/old.json"), "old").unwrap();
    symlink("deep/old.json", path("to_old")).unwrap();
    // Nothing is there yet, two links away.
    symlink("deep/to_new", path("to_to_new")).unwrap();
    symlink("new.json", path("deep/to_new")).unwrap();
    for (link, target) in [("to_old", "deep/old.json"), ("to_to_new", "deep/new.json")] {
        check(&path(link)).unwrap();
        write_json(&path(link), &7).unwrap();
        assert!(path(link).is_symlink() && !path(target).is_symlink(), "{link}");
        assert_eq!(fs::read_to_string(path(target)).unwrap(), "7\n");
    }
    symlink("round", path("round")).unwrap();
    assert!(check(&path("round")).is_err());
}

#[cfg(unix)]
#[test]
fn p09_a_pipe_is_written_into_and_not_replaced() {
    use std::{os::unix::fs::FileTypeExt, process::Command, thread};

    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let is_pipe = || fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo();
    check(&pipe).unwrap();
    assert!(is_pipe(), "after the check");
    let reader = thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe)
    });
    write_json(&pipe, &[1, 2]).unwrap();
    assert!(is_pipe(), "after the report");
    assert_eq!(reader.join().unwrap().unwrap(), "[\n  1,\n  2\n]\n");
}

/// A device like `/dev/full`, in a folder of its own; who may not make one sees this skipped.
#[cfg(target_os = "linux")]
#[test]
fn p09_a_device_that_takes_nothing_is_an_error_and_not_replaced() {
    use std::{os::unix::fs::FileTypeExt, process::Command};

    let dir = tempfile::tempdir().unwrap();
    let full = dir.path().join("full");
    let made = Command::new("mknod").arg(&full).args(["c", "1", "7"]).output();
    let is_made = made.is_ok_and(|made| made.status.success());
    if !is_made || fs::File::options().append(true).open(&full).is_err() {
        return eprintln!("SKIPPED: no device can be made");
    }
    check(&full).unwrap();
    let error = format!("{:#}", write_json(&full, &7).unwrap_err());
    assert!(error.contains("full: No space left on device"), "{error}");
    assert!(fs::symlink_metadata(&full).unwrap().file_type().is_char_device());
}

#[test]
fn p09_a_folder_and_a_socket_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let said = |path: &std::path::Path| format!("{:#}", check(path).unwrap_err());
    assert!(said(dir.path()).ends_with(": it is a folder"));
    #[cfg(unix)]
    {
        let path = dir.path().join("socket");
        let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert!(said(&path).ends_with("socket: it is a socket"));
    }
}
