use std::{
    fs::File,
    io, mem,
    os::unix::fs::{FileExt, MetadataExt},
    path::Path,
    sync::Arc,
};

use crate::{ProbeError, Reading};

#[cfg(test)]
mod tests;

/// Files of the kernel are far smaller; beyond this something is wrong.
const LARGEST: usize = 1 << 20;

/// A file of the kernel that is opened once and read often.
///
/// It opens at its first reading. After a failure it stays closed until [`retry`](Self::retry),
/// and repeats the error without asking or allocating.
#[derive(Debug)]
pub(crate) struct KeptFile {
    path: Arc<Path>,
    state: State,
    /// The last failure, to be shared by those that are just the same.
    error: Option<ProbeError>,
}

#[derive(Debug)]
enum State {
    Untried,
    Open(File),
    Failed,
}

impl KeptFile {
    pub(crate) fn at(path: impl Into<Arc<Path>>) -> Self {
        Self { path: path.into(), state: State::Untried, error: None }
    }

    /// Lets the next reading open it again if it is closed.
    pub(crate) fn retry(&mut self) {
        if matches!(self.state, State::Failed) {
            self.state = State::Untried;
        }
    }

    /// Reads it from the start.
    pub(crate) fn read<'a>(&mut self, reader: &'a mut Reader) -> Reading<&'a [u8]> {
        match reader.fill(self.file()?) {
            Ok(len) => Ok(&reader.buffer[..len]),
            Err(error) => Err(self.lose(reader, error)),
        }
    }

    /// Returns the number of its links.
    pub(crate) fn links(&mut self, reader: &mut Reader) -> Reading<u64> {
        match self.file()?.metadata() {
            Ok(metadata) => Ok(metadata.nlink()),
            Err(error) => Err(self.lose(reader, error)),
        }
    }

    /// Reads it as text and parses that; `what` is looked for in it.
    pub(crate) fn parse<T>(
        &mut self,
        reader: &mut Reader,
        what: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Reading<T> {
        let bytes = self.read(reader)?;
        let value = str::from_utf8(bytes).ok().and_then(parse);
        value.ok_or_else(|| ProbeError::missing(what, Arc::clone(&self.path)))
    }

    /// Opens it if that has not been tried yet.
    fn file(&mut self) -> Reading<&File> {
        if matches!(self.state, State::Untried) {
            match File::open(&self.path) {
                Ok(file) => self.state = State::Open(file),
                Err(error) => return Err(self.fail(error)),
            }
        }
        match &self.state {
            State::Open(file) => Ok(file),
            State::Untried | State::Failed => {
                Err(self.error.clone().expect("a file fails with an error"))
            }
        }
    }

    fn lose(&mut self, reader: &mut Reader, error: io::Error) -> ProbeError {
        reader.lost = true;
        self.fail(error)
    }

    fn fail(&mut self, error: io::Error) -> ProbeError {
        self.state = State::Failed;
        match &self.error {
            Some(known) if known.is_same_as(&error) => known.clone(),
            _ => {
                let error = ProbeError::file(Arc::clone(&self.path), error);
                self.error.insert(error).clone()
            }
        }
    }
}

/// The buffer that all files of a sampler share.
#[derive(Debug)]
pub(crate) struct Reader {
    buffer: Vec<u8>,
    /// Whether a file that was open has failed since this was last asked.
    lost: bool,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self { buffer: vec![0; 1 << 13], lost: false }
    }

    /// Whether a file that was open has failed; asking forgets it.
    pub(crate) fn take_lost(&mut self) -> bool {
        mem::take(&mut self.lost)
    }

    /// Reads a whole file from its start; returns the length.
    fn fill(&mut self, file: &File) -> io::Result<usize> {
        loop {
            match file.read_at(&mut self.buffer, 0) {
                // It may go on after the end of the buffer.
                Ok(len) if len == self.buffer.len() => {
                    if LARGEST <= len {
                        return Err(io::ErrorKind::FileTooLarge.into());
                    }
                    self.buffer.resize(2 * len, 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}
