use std::{
    io::{Read, Seek},
    mem,
};

use crate::{Error, error::Kind, source::Input};

use super::{corrupt, huffman::Table, truncated};

/// Bytes and bits of a JPEG; a bit that is not there is an error.
pub(crate) struct Feed<'r, 'a> {
    input: &'r mut Input<'a>,
    buf: Vec<u8>,
    buf_idx: usize,
    /// The position of the end of `buf`.
    buf_end: u64,
    len: u64,
    held: Bits,
    /// The marker that ended the bits.
    marker: Option<u8>,
}

impl<'r, 'a> Feed<'r, 'a> {
    const BUF_LEN: usize = 16 * 1024;

    pub(crate) fn start(input: &'r mut Input<'a>, len: u64) -> Result<Self, Error> {
        input.rewind().map_err(Kind::Read)?;
        let buf = Vec::with_capacity(Self::BUF_LEN);
        let (buf_idx, buf_end, held, marker) = (0, 0, Bits::default(), None);
        Ok(Self { input, buf, buf_idx, buf_end, len, held, marker })
    }

    /// Returns the position of the next byte.
    pub(crate) fn at(&self) -> u64 {
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

    pub(crate) fn skip(&mut self, n: u32) -> Result<(), Error> {
        (0..n).try_for_each(|_| self.next().map(|_| ()))
    }

    /// Returns the marker that stands here, or the one that ended a scan.
    pub(crate) fn marker(&mut self) -> Result<u8, Error> {
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
    pub(crate) fn segment(&mut self) -> Result<Vec<u8>, Error> {
        let len = u16::from_be_bytes([self.next()?, self.next()?]);
        let len =
            len.checked_sub(2).ok_or_else(|| corrupt("a segment length below 2"))?;
        (0..len).map(|_| self.next()).collect()
    }

    /// Takes the bits that are held, to read on without looking at the feed each time.
    #[inline]
    pub(crate) fn lend(&mut self) -> Bits {
        mem::take(&mut self.held)
    }

    /// Takes the bits back.
    #[inline]
    pub(crate) fn give_back(&mut self, bits: Bits) {
        self.held = bits;
    }

    /// Sees to it that there are 32 bits at least, unless a marker or the end is near.
    #[inline]
    pub(crate) fn fill(&mut self, bits: &mut Bits) -> Result<(), Error> {
        if 32 <= bits.n {
            return Ok(());
        }
        if self.marker.is_none()
            && let Some(&bytes) = self.buf[self.buf_idx..].first_chunk()
        {
            let word = u64::from_be_bytes(bytes);
            // Whether no byte is 0xff: only then does each stand for itself.
            let ones = 0x0101_0101_0101_0101_u64;
            if (!word).wrapping_sub(ones) & word & (ones << 7) == 0 {
                // Bits that are not counted yet are put there again the next time.
                bits.word |= word >> bits.n;
                self.buf_idx += ((63 - bits.n) / 8) as usize;
                bits.n |= 0b11_1000;
                return Ok(());
            }
        }
        self.fill_slowly(bits)
    }

    #[inline(never)]
    fn fill_slowly(&mut self, bits: &mut Bits) -> Result<(), Error> {
        while bits.n <= 56 && self.marker.is_none() {
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
            bits.word |= u64::from(byte) << (56 - bits.n);
            bits.n += 8;
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
    pub(crate) fn bits(&mut self, n: u32) -> Result<u32, Error> {
        let mut bits = self.lend();
        let value = self.value(&mut bits, n);
        self.give_back(bits);
        value
    }

    /// Takes the next code of a table.
    #[inline]
    pub(crate) fn code(&mut self, table: &Table) -> Result<u8, Error> {
        let mut bits = self.lend();
        let symbol = self.symbol(&mut bits, table);
        self.give_back(bits);
        symbol
    }

    /// Takes the next `n` of lent bits, at most 16.
    #[inline]
    pub(crate) fn value(&mut self, bits: &mut Bits, n: u32) -> Result<u32, Error> {
        self.fill(bits)?;
        // Shifted in two steps, as all 64 at once would be none.
        let value = bits.word >> 1 >> (63 - n);
        self.take(bits, n)?;
        Ok(value as u32)
    }

    /// Takes the next code of a table from lent bits.
    #[inline]
    pub(crate) fn symbol(&mut self, bits: &mut Bits, table: &Table) -> Result<u8, Error> {
        self.fill(bits)?;
        let Some((symbol, n_used)) = table.look_up(bits.window()) else {
            return Err(self.no_code(*bits));
        };
        self.take(bits, n_used)?;
        Ok(symbol)
    }

    /// Passes over `n` of lent bits, fewer than 64.
    #[inline]
    pub(crate) fn take(&self, bits: &mut Bits, n: u32) -> Result<(), Error> {
        if bits.n < n {
            return Err(self.too_short());
        }
        bits.word <<= n;
        bits.n -= n;
        Ok(())
    }

    /// Says why no code could be found.
    #[cold]
    pub(crate) fn no_code(&self, bits: Bits) -> Error {
        if bits.n < 16 {
            self.too_short()
        } else {
            corrupt("a code that is in no Huffman table")
        }
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
    pub(crate) fn restart(&mut self, n: u32) -> Result<(), Error> {
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
    pub(crate) fn end_scan(&mut self) -> Result<u64, Error> {
        let mut n_passed = 0;
        loop {
            let mut bits = self.lend();
            n_passed += u64::from(bits.n / 8);
            bits = Bits::default();
            self.fill(&mut bits)?;
            self.give_back(bits);
            if bits.n == 0 {
                break;
            }
        }
        if self.marker.is_none() { Err(truncated()) } else { Ok(n_passed) }
    }
}

/// Bits read ahead.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bits {
    /// The bits, from the highest on; those behind the first `n` are not to be used.
    pub(crate) word: u64,
    pub(crate) n: u32,
}

impl Bits {
    /// Returns the first 16 bits; past the end they are ones, which codes must not use.
    #[inline]
    pub(crate) fn window(self) -> u16 {
        let window = (self.word >> 48) as u16;
        if self.n < 16 { window | (u16::MAX >> self.n) } else { window }
    }
}
