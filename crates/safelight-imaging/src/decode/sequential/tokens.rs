use crate::{
    Error,
    entropy::{Bits, Feed, Table, corrupt},
};

/// Bits that are looked up at once to get a coefficient.
const VALUE_BITS: u32 = 10;

/// Bits that are looked up at once to pass over coefficients.
const SKIP_BITS: u32 = 12;

/// What stands for the end of the block, longer than any run.
const END: u8 = 64;

/// Reads the coefficients of blocks, or passes over several of them at once.
pub(super) struct Tokens {
    table: Table,
    values: Vec<Token>,
    skips: Vec<Skip>,
}

/// A code and the bits behind it, where both fit.
#[derive(Clone, Copy, Default)]
struct Token {
    value: i16,
    /// The coefficients before it, all zero.
    run: u8,
    /// The length in bits; none where a token is longer.
    n_bits: u8,
}

/// All codes, with the bits behind them, that fit.
#[derive(Clone, Copy, Default)]
struct Skip {
    n_bits: u8,
    n_passed: u8,
}

impl Tokens {
    pub(super) fn new(table: Table) -> Self {
        let token = |idx: u32| token(&table, idx << (16 - VALUE_BITS), VALUE_BITS);
        let values = (0..1 << VALUE_BITS).map(token);
        let values: Vec<_> = values.map(Option::unwrap_or_default).collect();
        let skips = (0..1 << SKIP_BITS).map(|idx| skip(&table, idx)).collect();
        Self { table, values, skips }
    }

    /// Reads a block; gives away its coefficients up to number `last`, and their values.
    #[inline]
    pub(super) fn read(
        &self,
        feed: &mut Feed<'_, '_>,
        bits: &mut Bits,
        last: usize,
        mut put: impl FnMut(usize, i32),
    ) -> Result<(), Error> {
        let mut at = 1;
        while at < 64 {
            feed.fill(bits)?;
            if last < at {
                let skip = self.skips[(bits.word >> (64 - SKIP_BITS)) as usize];
                let next = at + usize::from(skip.n_passed & !END);
                let n_used = u32::from(skip.n_bits);
                let is_end = skip.n_passed & END != 0;
                // A block that is full has no mark of its end: what looks like one is of
                // the next block.
                let fits = if is_end { next < 64 } else { next <= 64 };
                if 0 < n_used && n_used <= bits.n && fits {
                    feed.take(bits, n_used)?;
                    if is_end {
                        return Ok(());
                    }
                    at = next;
                    continue;
                }
            }
            let token = self.values[(bits.word >> (64 - VALUE_BITS)) as usize];
            let (run, value) = if 0 < token.n_bits {
                feed.take(bits, token.n_bits.into())?;
                (token.run, token.value.into())
            } else {
                self.long_token(feed, bits)?
            };
            at += usize::from(run);
            if value == 0 {
                // The end, or sixteen zeros.
                continue;
            }
            if 63 < at {
                return Err(corrupt("a block of more than 64 coefficients"));
            }
            if at <= last {
                put(at, value);
            }
            at += 1;
        }
        Ok(())
    }

    #[cold]
    fn long_token(
        &self,
        feed: &Feed<'_, '_>,
        bits: &mut Bits,
    ) -> Result<(u8, i32), Error> {
        let code = self.table.look_up(bits.window());
        let (symbol, n_code) = code.ok_or_else(|| feed.no_code(*bits))?;
        let (run, n_more) = (symbol >> 4, u32::from(symbol & 15));
        let word = bits.word << n_code;
        feed.take(bits, n_code + n_more)?;
        match (run, n_more) {
            (15, 0) => Ok((16, 0)),
            (_, 0) => Ok((END, 0)),
            _ => Ok((run, value((word >> (64 - n_more)) as u32, n_more))),
        }
    }
}

/// Reads a difference of mean values.
#[inline]
pub(super) fn difference(
    feed: &mut Feed<'_, '_>,
    bits: &mut Bits,
    table: &Table,
) -> Result<i32, Error> {
    let n_bits = u32::from(feed.symbol(bits, table)?);
    if 16 < n_bits {
        return Err(corrupt(format!("a difference of {n_bits} bits")));
    }
    let found = feed.value(bits, n_bits)?;
    Ok(if n_bits == 0 { 0 } else { value(found, n_bits) })
}

/// Returns the value of bits of which a leading zero stands for a minus.
#[inline]
fn value(bits: u32, n_bits: u32) -> i32 {
    let bits = bits.cast_signed();
    if bits >> (n_bits - 1) == 0 { bits - (1 << n_bits) + 1 } else { bits }
}

/// Finds the token at the start of 16 bits, of which `n_known` are known.
fn token(table: &Table, window: u32, n_known: u32) -> Option<Token> {
    let (symbol, n_code) = table.look_up(window as u16)?;
    let (run, n_more) = (symbol >> 4, u32::from(symbol & 15));
    let n_bits = n_code + n_more;
    if n_known < n_bits {
        return None;
    }
    let (run, value) = match (run, n_more) {
        (15, 0) => (16, 0),
        (_, 0) => (END, 0),
        _ => {
            let bits = (window << n_code & 0xffff) >> (16 - n_more);
            (run, value(bits, n_more))
        }
    };
    Some(Token { value: value as i16, run, n_bits: n_bits as u8 })
}

/// Finds all tokens in the bits of `idx`.
fn skip(table: &Table, idx: u32) -> Skip {
    let window = idx << (16 - SKIP_BITS);
    let mut skip = Skip::default();
    loop {
        let n_used = u32::from(skip.n_bits);
        let rest = window << n_used & 0xffff;
        let Some(token) = token(table, rest, SKIP_BITS - n_used) else { return skip };
        skip.n_bits += token.n_bits;
        if token.run == END {
            skip.n_passed |= END;
            return skip;
        }
        skip.n_passed += if token.value == 0 { token.run } else { token.run + 1 };
        // Room for the mark of the end.
        if END - 17 < skip.n_passed || SKIP_BITS <= skip.n_bits.into() {
            return skip;
        }
    }
}
