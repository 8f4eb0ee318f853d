use safelight_core::ByteSize;
use safelight_memory_manager::Verdict;

use super::{
    super::document::{Development, Span},
    Watch, development,
};

#[test]
fn a_span_keeps_both_ends_and_both_extremes() {
    let mut span = None;
    for n in [5, 9, 2, 4] {
        span = Some(Span::with(span, ByteSize::from_bytes(n)));
    }
    let expected = Span { start_bytes: 5, least_bytes: 2, most_bytes: 9, end_bytes: 4 };
    assert_eq!(span, Some(expected));
}

#[test]
fn a_watch_has_looked_at_least_once_when_it_ends() {
    let memory = Watch::start().finish(&crate::profile::Analysis::new(
        &safelight_profiler::Recording::default(),
        &safelight_profiler::Rules::default(),
    ));
    assert!(1 <= memory.n_samples);
    assert_eq!(memory.available.is_some(), memory.binding.is_some());
    let rss = memory.rss.expect("a process of Linux knows its size");
    assert!(0 < rss.least_bytes && rss.least_bytes <= rss.most_bytes);
    assert_eq!(memory.development, Development::TooFewSamples {});
}

#[test]
fn a_leak_keeps_its_numbers() {
    let verdict = Verdict::Leak { per_minute: ByteSize::mib(6), time_to_limit: None };
    let expected = Development::Leak { per_minute_bytes: 6 << 20, time_to_limit_s: None };
    assert_eq!(development(verdict), expected);
}
