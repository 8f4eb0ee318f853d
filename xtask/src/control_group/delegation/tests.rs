use std::{fs, path::Path, process};

use super::Delegation;
use crate::control_group::{
    group,
    place::{Place, Version},
};

/// Makes a group of version 2 with these controllers and processes.
fn own_group(controllers: &str, handed_on: &str, processes: &[u32]) -> tempfile::TempDir {
    let own = tempfile::tempdir().unwrap();
    let pids: Vec<String> = processes.iter().map(u32::to_string).collect();
    let pids = pids.join("\n");
    fs::write(own.path().join("cgroup.controllers"), controllers).unwrap();
    fs::write(own.path().join("cgroup.subtree_control"), handed_on).unwrap();
    fs::write(own.path().join("cgroup.procs"), pids).unwrap();
    own
}

/// A folder in place of the file refuses to be written, as the kernel does.
fn refuse(own: &Path) {
    fs::remove_file(own.join("cgroup.subtree_control")).unwrap();
    fs::create_dir(own.join("cgroup.subtree_control")).unwrap();
}

fn delegate(own: &Path) -> Result<Delegation, String> {
    let place = Place { version: Version::V2, folder: own.to_owned() };
    Delegation::of(&place)
        .map_err(|refusal| refusal.to_string().replace(own.to_str().unwrap(), "OWN"))
}

fn handed_on(own: &Path) -> String {
    fs::read_to_string(own.join("cgroup.subtree_control")).unwrap()
}

#[test]
fn m06_what_reaches_the_groups_below_is_left_as_it_is() {
    let own = own_group("cpu memory pids\n", "memory pids\n", &[1]);
    drop(delegate(own.path()).unwrap());
    assert_eq!(handed_on(own.path()), "memory pids\n");
    let place = Place { version: Version::V1, folder: own.path().join("absent") };
    assert!(Delegation::of(&place).is_ok());
}

#[test]
fn m06_the_controller_is_handed_on_and_taken_back() {
    let own = own_group("memory\n", "\n", &[]);
    let delegation = delegate(own.path()).unwrap();
    assert_eq!(handed_on(own.path()), "+memory");
    drop(delegation);
    assert_eq!(handed_on(own.path()), "-memory");
}

#[test]
fn m06_a_group_without_the_controller_is_refused() {
    let own = own_group("cpu memoryless\n", "", &[]);
    let refusal = delegate(own.path()).unwrap_err();
    assert!(
        refusal.starts_with("the memory controller does not reach the group OWN; run")
    );
}

#[test]
fn m06_a_group_with_other_processes_is_refused() {
    let own = own_group("memory\n", "", &[process::id(), 1]);
    refuse(own.path());
    let refusal = delegate(own.path()).unwrap_err();
    assert!(refusal.starts_with("other processes are in its group OWN; run it in a"));
    assert!(!own.path().join(group::name("self")).exists());
}

#[test]
fn m06_who_is_alone_moves_down_and_back() {
    let own = own_group("memory\n", "", &[process::id()]);
    refuse(own.path());
    // It moves, but the kernel still refuses: so it is moved back.
    let refusal = delegate(own.path()).unwrap_err();
    assert!(refusal.starts_with("OWN cannot hand on its memory controller"), "{refusal}");
    let pid = process::id().to_string();
    let leaf = own.path().join(group::name("self"));
    assert_eq!(fs::read_to_string(leaf.join("cgroup.procs")).unwrap(), pid);
    assert_eq!(fs::read_to_string(own.path().join("cgroup.procs")).unwrap(), pid);
}
