//! The stand-in for other platforms, against procfs where there is one.

use crate::{Reading, portable};

#[test]
fn unknown_is_an_error_and_never_zero() {
    assert!(portable::known("it", 0_u64).is_err_and(|error| error.is_unavailable()));
    assert_eq!(portable::known("it", 3_u64).ok(), Some(3));
    let process = portable::process();
    assert!(process.peak_rss.is_err() && process.threads.is_err());
    assert!(portable::reset_peak_rss().is_err_and(|error| error.is_unavailable()));
    assert!(portable::cpu_times().is_err() && portable::container_memory().is_err());
}

#[cfg(target_os = "linux")]
#[test]
fn both_sources_agree() {
    use crate::procfs;

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
