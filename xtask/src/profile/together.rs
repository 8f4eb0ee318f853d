//! All parts together: the same files asked for twice through the facade.

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use safelight::{Depth, Fit, Safelight, report::Report};
use safelight_core::{Clock, SystemClock};

use super::{inputs::Input, progress::steps, settings::Settings};
use crate::say::say;

/// How often each file is asked for.
const N_REQUESTS: usize = 2;

/// Validates each file and makes its thumbnail, each again and again, with all parts on.
///
/// Returns `None` where there is no file, or where the parts cannot be started, which it
/// says.
pub(super) fn run(
    settings: &Settings,
    files: &[&Input],
    budget: Duration,
    interrupted: &AtomicBool,
) -> Option<Report> {
    let start = SystemClock.now();
    let is_over = || interrupted.load(Relaxed) || budget <= SystemClock.now() - start;
    if files.is_empty() || is_over() {
        return None;
    }
    let config = safelight::Config {
        profiler: Some(settings.rules.clone()),
        ..safelight::Config::default()
    };
    let started = Safelight::builder().config(config).start();
    let safelight = started
        .inspect_err(|error| say(format_args!("without all parts together: {error}")))
        .ok()?;
    let (width, height) = (settings.thumbnail.width, settings.thumbnail.height);
    let fit = Fit::inside(width.get(), height.get());
    let bar = steps("all parts together", N_REQUESTS * files.len());
    for file in files.iter().copied().cycle().take(N_REQUESTS * files.len()) {
        if is_over() {
            break;
        }
        // What fails is counted in the report.
        let _ = safelight.validate(&file.path, Depth::Full);
        let _ = safelight.thumbnail(&file.path, fit);
        bar.inc(1);
    }
    bar.finish();
    // The last look of those who watch has all that was done.
    safelight.stop();
    Some(safelight.report())
}
