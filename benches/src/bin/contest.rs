//! Plays traces to our cache and to its peers, and prints a line of JSON for each play.
//!
//! Without arguments it plays all settings. With `FILE BYTES ENTRIES` it plays the trace in
//! that CSV file under these limits.

use std::{
    any::Any,
    env,
    error::Error,
    fs::File,
    io,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
};

use safelight_benches::{
    cache_contest::{entrants, report::Play},
    cache_trace::{Limits, Setting, Trace, settings},
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let settings = match &arguments[..] {
        [] => settings(),
        [path, bytes, entries] => vec![of_user(path, bytes, entries)?],
        _ => return Err("the arguments are none, or FILE BYTES ENTRIES".into()),
    };
    for setting in &settings {
        for entrant in entrants() {
            // A peer that panics must not take the others with it.
            let played = catch_unwind(AssertUnwindSafe(|| entrant.play(setting)));
            let played = played.map_err(|payload| message(&*payload));
            Play::new(setting, &entrant, played).write(io::stdout().lock())?;
        }
    }
    Ok(())
}

fn of_user(path: &str, bytes: &str, entries: &str) -> Result<Setting, Box<dyn Error>> {
    let entries: NonZeroUsize = entries.parse()?;
    let limits = Limits { bytes: bytes.parse()?, entries };
    let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
    let trace = Trace::from_csv(&name, File::open(path)?)?;
    Ok(Setting::new(Arc::new(trace), limits))
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    format!("it panicked: {}", text.unwrap_or("without a message"))
}
