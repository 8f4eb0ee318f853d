use std::io::{ErrorKind, Read, Seek, SeekFrom};

use crate::{Error, Format, error::Kind, source::Input};

/// A cursor over a source of known length, which knows what a short read means.
pub(crate) struct Bytes<'r, 'a> {
    input: &'r mut Input<'a>,
    format: Format,
    at: u64,
    len: u64,
    /// How many more bytes may be read; those that are skipped do not count.
    readable: u64,
}

impl<'r, 'a> Bytes<'r, 'a> {
    /// Starts at the first byte, where `input` must stand.
    pub(crate) fn new(input: &'r mut Input<'a>, format: Format, len: u64) -> Self {
        Self { input, format, at: 0, len, readable: u64::MAX }
    }

    /// Refuses to read more than this.
    pub(crate) fn at_most(self, readable: u64) -> Self {
        Self { readable, ..self }
    }

    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn remaining(&self) -> u64 {
        self.len.saturating_sub(self.at)
    }

    /// Reads `N` bytes of the part called `what`.
    pub(crate) fn array<const N: usize>(
        &mut self,
        what: &'static str,
    ) -> Result<[u8; N], Error> {
        let mut array = [0; N];
        self.fill(&mut array, what)?;
        Ok(array)
    }

    /// Reads `len` bytes; allocates nothing for bytes that are not there.
    pub(crate) fn vec(&mut self, len: u64, what: &'static str) -> Result<Vec<u8>, Error> {
        if self.remaining() < len {
            return Err(self.truncated(what));
        }
        let mut bytes = vec![0; usize::try_from(len).map_err(|_| self.truncated(what))?];
        self.fill(&mut bytes, what)?;
        Ok(bytes)
    }

    pub(crate) fn fill(
        &mut self,
        buf: &mut [u8],
        what: &'static str,
    ) -> Result<(), Error> {
        let left = self.readable.checked_sub(buf.len() as u64);
        self.readable = left.ok_or_else(|| {
            self.corrupt(format!("{what} goes on for longer than a header may"))
        })?;
        match self.input.read_exact(buf) {
            Ok(()) => {
                self.at += buf.len() as u64;
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                Err(self.truncated(what))
            }
            Err(error) => Err(Kind::Read(error).into()),
        }
    }

    pub(crate) fn u16_be(&mut self, what: &'static str) -> Result<u16, Error> {
        self.array(what).map(u16::from_be_bytes)
    }

    pub(crate) fn u32_be(&mut self, what: &'static str) -> Result<u32, Error> {
        self.array(what).map(u32::from_be_bytes)
    }

    pub(crate) fn u32_le(&mut self, what: &'static str) -> Result<u32, Error> {
        self.array(what).map(u32::from_le_bytes)
    }

    /// Moves over `n` bytes of the part called `what`.
    pub(crate) fn skip(&mut self, n: u64, what: &'static str) -> Result<(), Error> {
        if self.remaining() < n {
            return Err(self.truncated(what));
        }
        self.input.advance(n).map_err(Kind::Read)?;
        self.at += n;
        Ok(())
    }

    pub(crate) fn seek(&mut self, at: u64) -> Result<(), Error> {
        self.input.seek(SeekFrom::Start(at)).map_err(Kind::Read)?;
        self.at = at;
        Ok(())
    }

    pub(crate) fn truncated(&self, what: &'static str) -> Error {
        Kind::Truncated(self.format, what).into()
    }

    pub(crate) fn corrupt(&self, what: impl Into<String>) -> Error {
        Error::corrupt(self.format, what)
    }
}
