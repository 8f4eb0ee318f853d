//! All that is known of a run, as plain, versioned structs for JSON.
//!
//! Names carry their units: `_ns`, `_bytes`, `_cores`, `_share`. A part that is off is
//! `null`; what was not measured is `null`, never 0, and [`Report::missing`] says why.
//!
//! ```
//! use safelight::{Operation, Safelight, report::Report};
//!
//! let safelight = Safelight::builder().start()?;
//! safelight.run(Operation::new("length", 1), "sea.jpg", || 7_u32)?;
//!
//! let report = safelight.report();
//! println!("{report}");
//! let json = report.to_json();
//! assert_eq!(serde_json::from_str::<Report>(&json)?.safelight_version, "0.1.0");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::time::{Duration, SystemTime};

use safelight_progress_monitor::report::Export;
#[cfg(feature = "schemars")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Config, Safelight};

mod advice;
mod cache;
mod change;
mod file;
mod host;
mod jobs;
mod memory;
mod missing;
mod origin;
mod overhead;
mod profile;
mod summary;

pub use self::{
    advice::Recommendation,
    cache::{Cache, Evictions, Limits},
    change::Change,
    host::Host,
    jobs::{Jobs, OperationJobs},
    memory::{Label, Memory, MemoryAction, Permits},
    missing::Missing,
    overhead::Overhead,
};
pub(crate) use self::{origin::Origin, profile::analyze};

/// Version of these structs; it goes up when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// All that is known of a run; it prints a summary for a terminal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// `safelight.report`.
    pub kind: String,
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema_version: u32,
    /// The version of the writer.
    pub safelight_version: String,
    /// When it was made, in seconds since the beginning of 1970, UTC.
    pub created_unix_s: u64,
    /// The time since the start.
    pub uptime_ns: u64,
    /// The machine.
    pub host: Host,
    /// Every key of the configuration.
    pub config: Vec<Setting>,
    /// What came of the jobs.
    pub jobs: Jobs,
    /// Panics of what was handed in, of observers for example; each ended where it arose.
    pub n_contained_panics: u64,
    /// What each operation cost.
    pub profile: Option<safelight_profiler::report::Profile>,
    /// What was kept, and what that saved.
    pub cache: Option<Cache>,
    /// What was granted, how scarce memory is, and what was done about it.
    pub memory: Option<Memory>,
    /// What was shown, and what was wrong.
    pub progress: Option<Export>,
    /// Settings that were changed on their own, the oldest first.
    pub changes: Vec<Change>,
    /// What a person may change.
    pub recommendations: Vec<Recommendation>,
    /// What all this itself costs.
    pub overhead: Overhead,
    /// What is `null` here, and why.
    pub missing: Vec<Missing>,
}

/// A key of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The key with its section: `cache.bytes`.
    pub key: String,
    /// Its value as it is written in TOML; `null` where its part is off.
    pub value: Option<String>,
}

impl Safelight {
    /// Returns all that is known of this run.
    ///
    /// The first call measures for some ten milliseconds what measuring costs. An observer
    /// or a sink may call it. Progress is that of the latest look, at most five seconds old;
    /// after [`stop`](Self::stop) it is the last one, with all that was done.
    pub fn report(&self) -> Report {
        let mut missing = missing::List::default();
        let config = self.config();
        let analysis = analyze(self, &config);
        let memory = memory::read(self, &config, &mut missing);
        let progress = self.with_drivers(|drivers| {
            drivers.progress(|collector| Export::from(collector))
        });
        let profile = analysis.as_ref().map(safelight_profiler::report::Profile::from);
        if profile.is_none() {
            missing.note("profile", "it is switched off");
        }
        if progress.is_none() {
            let is_on = config.progress.is_some();
            let why = if is_on { "it is being stopped" } else { "it is switched off" };
            missing.note("progress", why);
        }
        Report {
            kind: "safelight.report".to_owned(),
            schema_version: SCHEMA_VERSION,
            safelight_version: env!("CARGO_PKG_VERSION").to_owned(),
            created_unix_s: now_unix_s(),
            uptime_ns: nanos(self.parts().origin.uptime(&*self.parts().clock)),
            host: host::read(&mut missing),
            jobs: jobs::read(self),
            n_contained_panics: self.parts().panics.n(),
            cache: cache::read(self, &config, &mut missing),
            changes: change::read(self),
            recommendations: advice::collect(self, &config, analysis.as_ref()),
            overhead: overhead::read(
                self,
                analysis.as_ref(),
                progress.as_ref(),
                &mut missing,
            ),
            config: settings(&config),
            profile,
            memory,
            progress,
            missing: missing.finish(),
        }
    }
}

impl Report {
    /// Returns it as JSON, on several lines.
    ///
    /// # Panics
    ///
    /// Never: its parts are plain, and its keys are text.
    pub fn to_json(&self) -> String {
        let json = serde_json::to_string_pretty(self);
        json.expect("structs with plain fields can be written") + "\n"
    }
}

fn settings(config: &Config) -> Vec<Setting> {
    let keys = Config::keys().iter();
    keys.map(|key| Setting { key: key.name().to_owned(), value: key.value(config) })
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "a report says when it was made")]
fn now_unix_s() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
