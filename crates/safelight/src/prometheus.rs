use std::fmt::Write;

use crate::{
    Safelight,
    figures::{self, Family, Kind, Sample, Value},
};

impl Safelight {
    /// Returns the figures of all parts in the text format 0.0.4 of Prometheus.
    ///
    /// Serve it as `text/plain; version=0.0.4`. A part that is off has no figures, and what
    /// was not measured has none. Alert rules for them stand beside this crate.
    ///
    /// It judges all that was measured, which takes some milliseconds: it is for a scrape
    /// each few seconds, not for each request. An observer or a sink may call it.
    ///
    /// ```
    /// use safelight::{Operation, Safelight};
    ///
    /// let safelight = Safelight::builder().start()?;
    /// safelight.run(Operation::new("length", 1), "sea.jpg", || 7_u32)?;
    /// let text = safelight.prometheus();
    /// assert!(text.contains("safelight_operation_runs_total{operation=\"length\"} 1\n"));
    /// # Ok::<(), safelight::Error>(())
    /// ```
    pub fn prometheus(&self) -> String {
        exposition(&figures::collect(self))
    }
}

fn exposition(families: &[Family]) -> String {
    let mut text = String::new();
    for family in families {
        let Family { name, help, kind, samples } = family;
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Summary => "summary",
        };
        put(&mut text, format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
        for sample in samples {
            put_sample(&mut text, name, sample);
        }
    }
    text
}

fn put_sample(text: &mut String, name: &str, sample: &Sample) {
    put(text, format_args!("{name}{}", sample.suffix));
    for (idx, (label, value)) in sample.labels.iter().enumerate() {
        let before = if idx == 0 { '{' } else { ',' };
        put(text, format_args!("{before}{label}=\"{}\"", escaped(value)));
    }
    if !sample.labels.is_empty() {
        text.push('}');
    }
    match sample.value {
        Value::Count(count) => put(text, format_args!(" {count}\n")),
        Value::Number(number) => put(text, format_args!(" {}\n", shown(number))),
    }
}

fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).expect("a string takes all that is written");
}

/// Writes a label's value so that it stays on its line and within its quotes.
fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n")
}

fn shown(number: f64) -> String {
    match number {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests;
