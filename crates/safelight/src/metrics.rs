use ::metrics::{Label, counter, describe_counter, describe_gauge, gauge};

use crate::{
    Safelight,
    figures::{self, Family, Kind, Sample, Value},
};

impl Safelight {
    /// Hands the figures of all parts to the recorder of the `metrics` facade.
    ///
    /// They have the names and labels of [`prometheus`](Self::prometheus). Counts are
    /// counters, set to what they are; counters of the facade are whole numbers, so sums of
    /// seconds and quantiles are gauges. Call it as often as the recorder is read, for
    /// example each ten seconds; without a recorder it does nothing of use.
    pub fn publish_metrics(&self) {
        figures::collect(self).iter().for_each(publish);
    }
}

fn publish(family: &Family) {
    for sample in &family.samples {
        let name = format!("{}{}", family.name, sample.suffix);
        let labels: Vec<Label> = labels(sample);
        match (is_counter(family.kind, sample), sample.value) {
            (true, Value::Count(count)) => {
                describe_counter!(name.clone(), family.help);
                counter!(name, labels).absolute(count);
            }
            (_, value) => {
                describe_gauge!(name.clone(), family.help);
                gauge!(name, labels).set(number(value));
            }
        }
    }
}

/// Whether it is a count of something that only grows.
fn is_counter(kind: Kind, sample: &Sample) -> bool {
    match kind {
        Kind::Counter => true,
        Kind::Gauge => false,
        Kind::Summary => sample.suffix == "_count",
    }
}

fn labels(sample: &Sample) -> Vec<Label> {
    let labels = sample.labels.iter();
    labels.map(|(name, value)| Label::new(*name, value.clone())).collect()
}

fn number(value: Value) -> f64 {
    match value {
        Value::Count(count) => count as f64,
        Value::Number(number) => number,
    }
}
