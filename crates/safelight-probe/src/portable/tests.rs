//! The stand-in for other platforms, against procfs where there is one.

use crate::{Sample, portable};

#[test]
fn unknown_is_an_error_and_never_zero() {
    assert!(portable::known("it", 0_u64).is_err_and(|error| error.is_unavailable()));
    assert_eq!(portable::known("it", 3_u64).ok(), Some(3));
    let process = portable::process();
    assert!(process.peak_rss.is_err() && process.threads.is_err());
    assert!(portable::reset_peak_rss().is_err_and(|error| error.is_unavailable()));
    assert!(portable::cpu_times().is_err() && portable::container_memory().is_err());
}

#[test]
fn sampler_knows_the_host_and_says_what_it_does_not_know() {
    let mut source = portable::Source::open();
    let mut sample = Sample::empty();
    for _ in 0..2 {
        sample.clear_limits();
        source.read_into(&mut sample);
        sample.conclude();
    }
    assert!(sample.headroom.is_ok_and(|room| room.available < room.limit));
    assert_eq!((sample.limits.len(), sample.unread.len()), (1, 1));
    assert!(sample.host_psi.is_err() && sample.cgroup_psi.is_err());
    assert!(sample.load.is_ok() && sample.n_threads.is_err());
}

#[cfg(target_os = "linux")]
#[test]
fn both_samplers_agree() {
    use crate::procfs;

    let (mut portable, mut procfs) = (portable::Source::open(), procfs::Source::open());
    let [mut one, mut other] = [Sample::empty(), Sample::empty()];
    portable.read_into(&mut one);
    procfs.read_into(&mut other);
    assert_eq!(one.limits[0].size, other.limits[0].size);
    let samples = [one, other];
    let [one, other] = samples
        .each_ref()
        .map(|sample| sample.rss.as_ref().map_or(0.0, |rss| rss.bytes() as f64));
    assert!((0.5..2.0).contains(&(one / other)), "{one} {other}");
    let [one, other] = samples.map(|sample| sample.cpu_time.expect("Unix tells"));
    assert!(one <= other);
}

#[cfg(target_os = "linux")]
#[test]
fn both_samplers_of_the_own_process_agree() {
    use crate::procfs;

    let [one, other] =
        [portable::OwnSource::open().rss(), procfs::OwnSource::open().rss()]
            .map(|rss| rss.map_or(0.0, |rss| rss.bytes() as f64));
    assert!((0.5..2.0).contains(&(one / other)), "{one} {other}");
}

#[cfg(target_os = "linux")]
#[test]
fn both_sources_agree() {
    use crate::{Reading, procfs};

    #[track_caller]
    fn same<T: PartialEq + std::fmt::Debug>(one: Reading<T>, other: Reading<T>) {
        assert_eq!(one.ok(), other.ok());
    }
    same(portable::memory_total(), procfs::memory_total());
    same(portable::kernel(), procfs::kernel());
    let (one, other) = (portable::cpu(), procfs::cpu());
    same(one.logical_cores, other.logical_cores);
    // Not every architecture tells these, and the two sources have different ones.
    if let (Ok(one), Ok(other)) = (one.model, other.model) {
        assert_eq!(one, other);
    }
    if let (Ok(one), Ok(other)) = (one.physical_cores, other.physical_cores) {
        assert_eq!(one, other);
    }
    let [one, other] = [portable::process().rss, procfs::process().rss]
        .map(|rss| rss.map_or(0.0, |rss| rss.bytes() as f64));
    assert!((0.5..2.0).contains(&(one / other)), "{one} {other}");
    for memory in [portable::memory_available(), procfs::memory_available()] {
        assert!(memory.is_ok_and(|memory| 1 << 20 < memory.bytes()));
    }
    assert!(portable::load().is_ok_and(|load| 0.0 <= load));
}
