use safelight_core::Cores;
#[cfg(feature = "schemars")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::nanos;
use crate::{AlertKind, Collector};

/// The whole run in a few figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// The time from the first look to the latest.
    pub elapsed_ns: u64,
    /// What trackers counted, those that are gone included.
    pub n_done: u64,
    /// How often each kind of alert began.
    pub alerts: Vec<KindRow>,
    /// Alerts that are open.
    pub n_open_alerts: u64,
    /// Memory of collector, trackers and gauges, added up from their parts.
    pub footprint_bytes: u64,
    /// CPU use of the monitor's thread at the latest look.
    pub own_cpu_cores: Option<f64>,
    /// Times that a sink panicked.
    pub n_sink_panics: u64,
    /// Times that the reading of the process or the observer panicked.
    pub n_panics: u64,
}

/// How often one kind of alert began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KindRow {
    /// The kind of alert.
    pub kind: String,
    /// How often it began.
    pub n_raised: u64,
}

impl From<&Collector> for Summary {
    fn from(collector: &Collector) -> Self {
        let frame = collector.frame();
        let kinds = AlertKind::ALL.into_iter();
        Self {
            elapsed_ns: nanos(frame.elapsed),
            n_done: collector.n_done(),
            alerts: kinds
                .map(|kind| KindRow {
                    kind: kind.name().to_owned(),
                    n_raised: collector.n_raised(kind),
                })
                .collect(),
            n_open_alerts: frame.n_open_alerts as u64,
            footprint_bytes: collector.footprint().bytes(),
            own_cpu_cores: frame.own.cpu.map(Cores::get),
            n_sink_panics: frame.own.n_sink_panics,
            n_panics: collector.n_panics(),
        }
    }
}
