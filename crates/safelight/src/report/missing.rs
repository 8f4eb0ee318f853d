use std::error::Error;

#[cfg(feature = "schemars")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that is not in a report, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Missing {
    /// The field: `host.kernel`.
    pub what: String,
    /// Why it is `null`, or not there.
    pub why: String,
}

/// What is found missing while a report is made.
#[derive(Debug, Default)]
pub(super) struct List(Vec<Missing>);

impl List {
    pub(super) fn note(&mut self, what: &str, why: impl Into<String>) {
        self.0.push(Missing { what: what.to_owned(), why: why.into() });
    }

    /// Takes a value out; where there is none, notes why.
    pub(super) fn take<T, E: Error>(
        &mut self,
        what: &str,
        reading: Result<T, E>,
    ) -> Option<T> {
        reading.map_err(|error| self.note(what, describe(&error))).ok()
    }

    pub(super) fn finish(self) -> Vec<Missing> {
        self.0
    }
}

/// Returns an error with all its causes.
fn describe(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
