use crate::{
    Error,
    entropy::{
        Class, Feed, Table, corrupt, read_huffman_tables, restart_interval, unknown_table,
    },
    format::Size,
};

use super::{Profile, tokens::Tokens};

/// What the segments before the scan say.
#[derive(Default)]
pub(super) struct Segments {
    pub(super) profile: Profile,
    steps: [Option<Box<[u16; 64]>>; 4],
    dc: [Option<Table>; 4],
    ac: [Option<Tokens>; 4],
    restart_interval: u32,
    frame: Option<Frame>,
}

struct Frame {
    size: Size,
    /// The name of each component, and the number of its table of steps.
    components: Vec<(u8, u8)>,
}

/// The one scan of the image.
pub(super) struct Scan<'t> {
    pub(super) size: Size,
    pub(super) restart_interval: u32,
    /// The tables of each component, in the order of its blocks.
    pub(super) tables: Vec<Tables<'t>>,
}

/// The tables in force for a component.
pub(super) struct Tables<'t> {
    pub(super) dc: &'t Table,
    pub(super) ac: &'t Tokens,
    pub(super) steps: &'t [u16; 64],
}

impl Segments {
    /// Reads up to the pixel data of the first scan.
    pub(super) fn read_to_scan(
        &mut self,
        feed: &mut Feed<'_, '_>,
    ) -> Result<Scan<'_>, Error> {
        loop {
            let marker = feed.marker()?;
            if matches!(marker, 0x01 | 0xd0..=0xd7) {
                continue;
            }
            let segment = feed.segment()?;
            match marker {
                0xc0 | 0xc1 => self.frame = Some(Frame::parse(&segment)?),
                0xc4 => self.read_tables(&segment)?,
                0xdb => self.read_steps(&segment)?,
                0xdd => self.restart_interval = restart_interval(&segment)?,
                0xe2 => self.profile.add(&segment),
                0xda => return self.scan(&segment),
                _ => {}
            }
        }
    }

    fn read_tables(&mut self, segment: &[u8]) -> Result<(), Error> {
        read_huffman_tables(segment, |class, id, table| {
            match class {
                Class::Dc if table.has_symbol_over(15) => {
                    return Err(corrupt("a table of differences of more than 15 bits"));
                }
                Class::Dc => {
                    *self.dc.get_mut(id).ok_or_else(unknown_table)? = Some(table);
                }
                Class::Ac => {
                    let slot = self.ac.get_mut(id).ok_or_else(unknown_table)?;
                    *slot = Some(Tokens::new(table));
                }
            }
            Ok(())
        })
    }

    /// Reads tables of quantization steps, of 8 or 16 bits.
    fn read_steps(&mut self, mut segment: &[u8]) -> Result<(), Error> {
        while let Some((&precision_and_id, rest)) = segment.split_first() {
            let (precision, id) =
                (precision_and_id >> 4, usize::from(precision_and_id & 15));
            let n_bytes = if precision == 0 { 64 } else { 128 };
            let (Some(bytes), true) = (rest.get(..n_bytes), precision < 2) else {
                return Err(corrupt("a table of quantization steps that is too short"));
            };
            let mut steps = Box::new([0; 64]);
            if precision == 0 {
                steps.iter_mut().zip(bytes).for_each(|(step, &b)| *step = b.into());
            } else {
                let pairs = bytes.as_chunks().0;
                steps
                    .iter_mut()
                    .zip(pairs)
                    .for_each(|(s, &b)| *s = u16::from_be_bytes(b));
            }
            let slot = self.steps.get_mut(id);
            *slot.ok_or_else(|| corrupt("too many tables of quantization steps"))? =
                Some(steps);
            segment = &rest[n_bytes..];
        }
        Ok(())
    }

    fn scan(&self, segment: &[u8]) -> Result<Scan<'_>, Error> {
        let frame =
            self.frame.as_ref().ok_or_else(|| corrupt("a scan before its frame"))?;
        let n_components = frame.components.len();
        let wanted_len = 1 + 2 * n_components + 3;
        if segment.len() != wanted_len || usize::from(segment[0]) != n_components {
            return Err(corrupt("a start of scan of another length"));
        }
        let mut tables = Vec::with_capacity(n_components);
        let pairs = segment[1..].as_chunks::<2>().0;
        for (&[name, ids], &(wanted, steps_id)) in pairs.iter().zip(&frame.components) {
            if name != wanted {
                return Err(corrupt("a scan of components in another order"));
            }
            let (dc, ac) = (usize::from(ids >> 4), usize::from(ids & 15));
            let missing = || corrupt("a scan whose tables are missing");
            tables.push(Tables {
                dc: self.dc.get(dc).and_then(Option::as_ref).ok_or_else(missing)?,
                ac: self.ac.get(ac).and_then(Option::as_ref).ok_or_else(missing)?,
                steps: self
                    .steps
                    .get(usize::from(steps_id))
                    .and_then(Option::as_ref)
                    .ok_or_else(missing)?,
            });
        }
        if segment[wanted_len - 3..wanted_len - 1].iter().any(|&idx| 63 < idx) {
            return Err(corrupt("a scan of more than 64 coefficients"));
        }
        Ok(Scan { size: frame.size, restart_interval: self.restart_interval, tables })
    }
}

impl Frame {
    fn parse(segment: &[u8]) -> Result<Self, Error> {
        let wrong = || corrupt("a start of frame of the wrong length");
        let (&[_, h0, h1, w0, w1, n], rest) =
            segment.split_first_chunk::<6>().ok_or_else(wrong)?;
        if rest.len() != 3 * usize::from(n) {
            return Err(wrong());
        }
        let components =
            rest.as_chunks::<3>().0.iter().map(|&[name, _, steps]| (name, steps));
        let (width, height) =
            (u16::from_be_bytes([w0, w1]), u16::from_be_bytes([h0, h1]));
        Ok(Self {
            size: Size::new(width.into(), height.into()),
            components: components.collect(),
        })
    }
}
