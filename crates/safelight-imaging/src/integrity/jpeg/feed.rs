use std::io::{Read, Seek};

use crate::{Error, error::Kind, source::Input};

use super::{corrupt, huffman::Table, truncated};

/// Bytes and bits of a JPEG; a bit that is not there is an error.
pub(super) struct Feed<'r, 'a> {
    input: &'r mut Input<'a>,
    buf: Vec<u8>,
    buf_idx: usize,
    /// The position of the end of `buf`.
    buf_end: u64,
    len: u64,
    bits: u64,
    n_bits: u32,
    /// The marker that ended the bits.
    marker: Option<u8>,
}

impl<'r, 'a> Feed<'r, 'a> {
    const BUF_LEN: usize = 16 * 1024;

    pub(super) fn start(input: &'r mut Input<'a>, len: u64) -> Result<Self, Error> {
        input.rewind().map_err(Kind::Read)?;
        let buf = Vec::with_capacity(Self::BUF_LEN);
        let state = (0, 0, 0, 0, None);
        let (buf_idx, buf_end, bits, n_bits, marker) = state;
        Ok(Self { input, buf, buf_idx, buf_end, len, bits, n_bits, marker })
    }

    /// Returns the position of the next byte.
    pub(super) fn at(&self) -> u64 {
        self.buf_end - (self.buf.len() - self.buf_idx) as u64
    }

    /// Returns the next byte; `None` at the end of the file.
    #[inline]
    fn byte(&mut self) -> Result<Option<u8>, Error> {
        if self.buf_idx == self.buf.len() {
            self.refill()?;
        }
        let byte = self.buf.get(self.buf_idx).copied();
        self.buf_idx += usize::from(byte.is_some());
        Ok(byte)
    }

    #[cold]
    fn refill(&mut self) -> Result<(), Error> {
        self.buf.clear();
        self.buf_idx = 0;
        let left = self.len.saturating_sub(self.buf_end).min(Self::BUF_LEN as u64);
        let input = &mut *self.input;
        input.take(left).read_to_end(&mut self.buf).map_err(Kind::Read)?;
        self.buf_end += self.buf.len() as u64;
        Ok(())
    }

    fn next(&mut self) -> Result<u8, Error> {
        self.byte()?.ok_or_else(truncated)
    }

    pub(super) fn skip(&mut self, n: u32) -> Result<(), Error> {
        (0..n).try_for_each(|_| self.next().map(|_| ()))
    }

    /// Returns the marker that stands here, or the one that ended a scan.
    pub(super) fn marker(&mut self) -> Result<u8, Error> {
        if let Some(marker) = self.marker.take() {
            return Ok(marker);
        }
        if self.next()? != 0xff {
            return Err(corrupt("a byte that is no marker between two segments"));
        }
        loop {
            let byte = self.next()?;
            if byte != 0xff {
                return Ok(byte);
            }
        }
    }

    /// Returns the bytes of the segment whose length stands here.
    pub(super) fn segment(&mut self) -> Result<Vec<u8>, Error> {
        let len = u16::from_be_bytes([self.next()?, self.next()?]);
        let len =
            len.checked_sub(2).ok_or_else(|| corrupt("a segment length below 2"))?;
        (0..len).map(|_| self.next()).collect()
    }

    /// Fills the bit buffer as far as there are bytes before the next marker.
    #[inline]
    fn fill_bits(&mut self) -> Result<(), Error> {
        while self.n_bits <= 48 && self.marker.is_none() {
            let Some(byte) = self.byte()? else { return Ok(()) };
            if byte == 0xff {
                match self.after_ff()? {
                    None => return Ok(()),
                    Some(0) => {}
                    Some(marker) => {
                        self.marker = Some(marker);
                        return Ok(());
                    }
                }
            }
            self.bits = self.bits << 8 | u64::from(byte);
            self.n_bits += 8;
        }
        Ok(())
    }

    /// Returns what follows 0xff: zero, which means the byte itself, or a marker.
    #[cold]
    fn after_ff(&mut self) -> Result<Option<u8>, Error> {
        loop {
            match self.byte()? {
                Some(0xff) => {}
                other => return Ok(other),
            }
        }
    }

    /// Takes the next `n` bits, at most 16.
    #[inline]
    pub(super) fn bits(&mut self, n: u32) -> Result<u32, Error> {
        if self.n_bits < n {
            self.fill_bits()?;
            if self.n_bits < n {
                return Err(self.too_short());
            }
        }
        self.n_bits -= n;
        Ok((self.bits >> self.n_bits) as u32 & ((1 << n) - 1))
    }

    /// Takes the next code of a table.
    #[inline]
    pub(super) fn code(&mut self, table: &Table) -> Result<u8, Error> {
        if self.n_bits < 16 {
            self.fill_bits()?;
        }
        // Past the end the code is looked up with ones, but must not use them.
        let window = if 16 <= self.n_bits {
            (self.bits >> (self.n_bits - 16)) as u16
        } else {
            let missing = 16 - self.n_bits;
            ((self.bits << missing) as u16) | ((1u32 << missing) - 1) as u16
        };
        let Some((symbol, n_bits)) = table.look_up(window) else {
            return Err(if self.n_bits < 16 {
                self.too_short()
            } else {
                corrupt("a code that is in no Huffman table")
            });
        };
        if self.n_bits < n_bits {
            return Err(self.too_short());
        }
        self.n_bits -= n_bits;
        Ok(symbol)
    }

    /// Says why there are no more bits.
    #[cold]
    fn too_short(&self) -> Error {
        match self.marker {
            None | Some(0xd9) => truncated(),
            Some(marker) => {
                corrupt(format!("marker {marker:#04x} in the middle of a scan"))
            }
        }
    }

    /// Takes the restart marker number `n`, which must follow now.
    pub(super) fn restart(&mut self, n: u32) -> Result<(), Error> {
        let wanted = 0xd0 + (n % 8) as u8;
        self.end_scan()?;
        match self.marker.take() {
            Some(marker) if marker == wanted => Ok(()),
            None | Some(0xd9) => Err(truncated()),
            Some(marker) => {
                let what = format!("marker {marker:#04x} where {wanted:#04x} should be");
                Err(corrupt(what))
            }
        }
    }

    /// Goes on to the marker behind the bits; returns the number of whole bytes passed.
    pub(super) fn end_scan(&mut self) -> Result<u64, Error> {
        let mut n_passed = 0;
        loop {
            n_passed += u64::from(self.n_bits / 8);
            self.n_bits = 0;
            self.fill_bits()?;
            if self.n_bits == 0 {
                break;
            }
        }
        if self.marker.is_none() { Err(truncated()) } else { Ok(n_passed) }
    }
}
