#[cfg(target_os = "linux")]
#[test]
fn m06_it_may_not_run_where_another_limit_would_be_met_first() {
    use std::fs;

    use safelight_core::ByteSize;
    use safelight_probe::Sampler;

    let root = tempfile::tempdir().unwrap();
    let proc = root.path().join("proc");
    fs::create_dir(&proc).unwrap();
    let meminfo = "MemTotal: 1048576 kB\nMemAvailable: 655360 kB\n";
    fs::write(proc.join("meminfo"), meminfo).unwrap();
    let mut sampler = Sampler::open_under(root.path());
    assert_eq!(super::has_room_for(&mut sampler, ByteSize::mib(512)), Ok(()));
    let refusal = super::has_room_for(&mut sampler, ByteSize::mib(513)).unwrap_err();
    let refusal = refusal.to_string();
    assert!(refusal.starts_with("only 640 MiB can be had here until host"), "{refusal}");
}
