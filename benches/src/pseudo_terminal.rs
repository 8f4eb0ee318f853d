//! A terminal that nobody looks at, so that what draws on terminals draws.

use std::{
    fs::File,
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
};

use rustix::{
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};

/// The near end of a pseudo-terminal; what is drawn on the far end is read and counted.
#[derive(Debug)]
pub struct PseudoTerminal {
    far_end: File,
    n_drawn: Arc<AtomicU64>,
}

impl PseudoTerminal {
    /// Opens one, and starts the thread that reads what is drawn; it ends when the far end is
    /// closed everywhere.
    ///
    /// # Errors
    ///
    /// When the system has no pseudo-terminal to give.
    pub fn open() -> io::Result<Self> {
        let near_end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        grantpt(&near_end)?;
        unlockpt(&near_end)?;
        let name = ptsname(&near_end, Vec::new())?;
        let far_end = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty())?;
        let n_drawn = Arc::new(AtomicU64::new(0));
        let mut near_end = File::from(near_end);
        let counted = Arc::clone(&n_drawn);
        thread::Builder::new().spawn(move || {
            let mut buffer = [0; 4096];
            // Its end is an error, once nobody has the far end open.
            while let Ok(n @ 1..) = near_end.read(&mut buffer) {
                counted.fetch_add(n as u64, Relaxed);
            }
        })?;
        Ok(Self { far_end: File::from(far_end), n_drawn })
    }

    /// Returns the end on which a program draws.
    ///
    /// # Errors
    ///
    /// When the process has no descriptor left.
    pub fn far_end(&self) -> io::Result<File> {
        self.far_end.try_clone()
    }

    /// Returns how many bytes were drawn so far.
    pub fn n_drawn(&self) -> u64 {
        self.n_drawn.load(Relaxed)
    }
}
