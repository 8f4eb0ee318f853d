//! Lines on the standard error stream.

use std::{
    fmt,
    io::{self, Write},
};

/// Writes a line for people; where nobody can read it, the work goes on.
pub(crate) fn say(line: impl fmt::Display) {
    // `eprintln!` would panic, and the report would be lost for a message.
    let _ = writeln!(io::stderr(), "{line}");
}
