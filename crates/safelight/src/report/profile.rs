use safelight_profiler::Analysis;

use crate::{Config, Safelight};

/// Judges what was measured by the rules of the configuration, if it is measured.
pub(crate) fn analyze(safelight: &Safelight, config: &Config) -> Option<Analysis> {
    let recording = safelight.profiler()?.recording();
    Some(Analysis::new(&recording, config.profiler.as_ref()?))
}
