use crate::Error;

use super::corrupt;

/// How many bits are looked up at once.
const FAST_BITS: u32 = 9;

/// A table of Huffman codes.
pub(crate) struct Table {
    /// Symbol and length by the first bits; a length of zero is a longer code.
    fast: Vec<(u8, u8)>,
    /// For each length, the first code that is longer, aligned to 16 bits.
    ends: [u32; 17],
    /// For each length, what has to be added to a code to get the index of its symbol.
    offsets: [i32; 17],
    symbols: Vec<u8>,
}

impl Table {
    /// Reads sixteen counts and the symbols; returns the number of bytes used as well.
    pub(crate) fn parse(bytes: &[u8]) -> Result<(Self, usize), Error> {
        let short = || corrupt("a Huffman table that is too short");
        let counts: &[u8; 16] = bytes.first_chunk().ok_or_else(short)?;
        let n_symbols: usize = counts.iter().map(|&n| usize::from(n)).sum();
        let n_bytes = 16 + n_symbols;
        let symbols = bytes.get(16..n_bytes).ok_or_else(short)?.to_vec();
        let mut fast = vec![(0, 0); 1 << FAST_BITS];
        let (mut ends, mut offsets) = ([0; 17], [0; 17]);
        let (mut code, mut symbol_idx) = (0u32, 0u16);
        for (n_bits, &count) in (1u32..).zip(counts) {
            let idx = n_bits as usize;
            offsets[idx] = i32::from(symbol_idx) - code.cast_signed();
            for _ in 0..count {
                if n_bits <= FAST_BITS && code < 1 << n_bits {
                    let shift = FAST_BITS - n_bits;
                    let from = (code << shift) as usize;
                    let entry = (symbols[usize::from(symbol_idx)], n_bits as u8);
                    fast[from..from + (1 << shift)].fill(entry);
                }
                code += 1;
                symbol_idx += 1;
            }
            // A code of ones alone is not allowed either.
            if 1 << n_bits <= code {
                return Err(corrupt("a Huffman table with more codes than there can be"));
            }
            ends[idx] = code << (16 - n_bits);
            code <<= 1;
        }
        Ok((Self { fast, ends, offsets, symbols }, n_bytes))
    }

    pub(crate) fn has_symbol_over(&self, most: u8) -> bool {
        self.symbols.iter().any(|&symbol| most < symbol)
    }

    /// Finds the code at the start of 16 bits; returns its symbol and length.
    #[inline]
    pub(crate) fn look_up(&self, window: u16) -> Option<(u8, u32)> {
        let (symbol, n_bits) = self.fast[usize::from(window >> (16 - FAST_BITS))];
        if n_bits != 0 {
            return Some((symbol, n_bits.into()));
        }
        let window = u32::from(window);
        let n_bits = (1..=16).find(|&n_bits| window < self.ends[n_bits])?;
        let code = (window >> (16 - n_bits)).cast_signed();
        let symbol_idx = usize::try_from(code + self.offsets[n_bits]).ok()?;
        Some((*self.symbols.get(symbol_idx)?, n_bits as u32))
    }
}
