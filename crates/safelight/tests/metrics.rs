//! The figures through the `metrics` facade.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, atomic::Ordering::SeqCst},
};

use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
    atomics::AtomicU64, with_local_recorder,
};
use safelight::{Config, Operation, Safelight};

const WORK: Operation = Operation::new("work", 1);

type Cells = Mutex<BTreeMap<String, Arc<AtomicU64>>>;

/// Keeps what it is told.
#[derive(Default)]
struct Kept {
    counters: Cells,
    gauges: Cells,
    described: Mutex<BTreeMap<String, String>>,
}

fn cell(cells: &Cells, key: &Key) -> Arc<AtomicU64> {
    let labels = key.labels().map(|label| format!("{}={}", label.key(), label.value()));
    let name = format!("{}[{}]", key.name(), labels.collect::<Vec<_>>().join(","));
    Arc::clone(cells.lock().expect("nobody panics").entry(name).or_default())
}

impl Recorder for Kept {
    fn describe_counter(&self, name: KeyName, _: Option<Unit>, what: SharedString) {
        self.described
            .lock()
            .expect("nobody panics")
            .insert(name.as_str().to_owned(), what.to_string());
    }

    fn describe_gauge(&self, name: KeyName, _: Option<Unit>, what: SharedString) {
        self.described
            .lock()
            .expect("nobody panics")
            .insert(name.as_str().to_owned(), what.to_string());
    }

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(cell(&self.counters, key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(cell(&self.gauges, key))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[test]
fn x01_a_recorder_is_told_the_figures_of_the_parts() {
    let config = Config { memory: None, ..Config::default() };
    let safelight = Safelight::builder().config(config).start().unwrap();
    let kept = Kept::default();
    for round in 1_u64..=2 {
        for n in [1_u32, 2, 1] {
            safelight.run(WORK, n, || n).unwrap();
        }
        with_local_recorder(&kept, || safelight.publish_metrics());
        let stats = safelight.cache().unwrap().stats();
        let counter = |name: &str| kept.counters.lock().unwrap()[name].load(SeqCst);
        assert_eq!(counter("safelight_cache_hits_total[]"), stats.n_hits);
        assert_eq!(counter("safelight_cache_misses_total[]"), 2);
        let runs = "safelight_operation_runs_total[operation=work]";
        assert_eq!(counter(runs), 3 * round);
        let computed = "safelight_jobs_total[operation=work,outcome=computed]";
        assert_eq!(counter(computed), 2);
        let gauge =
            |name: &str| f64::from_bits(kept.gauges.lock().unwrap()[name].load(SeqCst));
        let saved = gauge("safelight_cache_saved_seconds_total[]");
        assert_eq!(saved.to_bits(), stats.time_saved.as_secs_f64().to_bits());
        let held = gauge("safelight_cache_held_bytes[]");
        assert_eq!(held.to_bits(), (stats.usage.bytes.bytes() as f64).to_bits());
    }
    let described = kept.described.lock().unwrap();
    assert_eq!(described["safelight_jobs_total"], "Jobs that ended.");
    let text = safelight.prometheus();
    for name in described.keys().filter(|name| !name.contains("_duration_")) {
        assert!(text.contains(&format!("# TYPE {name} ")), "{name}");
    }
}
