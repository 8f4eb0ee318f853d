use crate::{
    Error,
    entropy::{Feed, Table, corrupt},
};

use super::frame::Frame;

/// The tables in force, which segments between scans may change.
#[derive(Default)]
pub(super) struct Tables {
    pub(super) dc: [Option<Table>; 4],
    pub(super) ac: [Option<Table>; 4],
    pub(super) restart_interval: u32,
}

/// One pass over some components.
pub(super) struct Scan {
    parts: Vec<Part>,
    kind: Kind,
    first: u32,
    last: u32,
}

/// A component in a scan, and its tables.
struct Part {
    component_idx: usize,
    dc: usize,
    ac: usize,
}

/// What a scan holds of each block.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Whole,
    DcFirst,
    DcRefine,
    AcFirst,
    AcRefine,
}

impl Scan {
    pub(super) fn parse(segment: &[u8], frame: &Frame) -> Result<Self, Error> {
        let short = || corrupt("a start of scan that is too short");
        let (&n_parts, rest) = segment.split_first().ok_or_else(short)?;
        let (pairs, _) = rest.as_chunks::<2>();
        let pairs = pairs.get(..n_parts.into()).ok_or_else(short)?;
        let &[first, last, approximation] =
            rest[2 * pairs.len()..].first_chunk::<3>().ok_or_else(short)?;
        if pairs.is_empty() || frame.components.len() < pairs.len() {
            return Err(corrupt(format!("a scan of {n_parts} components")));
        }
        let mut parts = Vec::with_capacity(pairs.len());
        for &[id, tables] in pairs {
            let component_idx = frame.components.iter().position(|part| part.id == id);
            let component_idx = component_idx
                .ok_or_else(|| corrupt("a scan of a component that is not there"))?;
            let (dc, ac) = (usize::from(tables >> 4), usize::from(tables & 15));
            parts.push(Part { component_idx, dc, ac });
        }
        let kind = match (frame.is_progressive, first, approximation >> 4) {
            (false, ..) => Kind::Whole,
            (true, 0, 0) => Kind::DcFirst,
            (true, 0, _) => Kind::DcRefine,
            (true, _, 0) => Kind::AcFirst,
            (true, ..) => Kind::AcRefine,
        };
        let is_ac = matches!(kind, Kind::AcFirst | Kind::AcRefine);
        if is_ac && (63 < last || last < first || 1 < parts.len()) {
            return Err(corrupt(format!("a scan of coefficients {first} to {last}")));
        }
        Ok(Self { parts, kind, first: first.into(), last: last.into() })
    }

    /// Reads all blocks of the scan.
    pub(super) fn skim(
        &self,
        feed: &mut Feed<'_, '_>,
        frame: &mut Frame,
        tables: &Tables,
    ) -> Result<(), Error> {
        for part in &self.parts {
            let covers = !matches!(self.kind, Kind::AcFirst | Kind::AcRefine);
            frame.components[part.component_idx].is_covered |= covers;
        }
        let (across, down) = match &self.parts[..] {
            [part] => frame.blocks(&frame.components[part.component_idx]),
            _ => frame.mcus(),
        };
        let mut block = BlockReader { feed, scan: self, tables, eob_run: 0 };
        let mut n_done = 0;
        for y in 0..down {
            for x in 0..across {
                if 0 < n_done
                    && 0 < tables.restart_interval
                    && n_done % tables.restart_interval == 0
                {
                    block.feed.restart(n_done / tables.restart_interval - 1)?;
                    block.eob_run = 0;
                }
                block.read_unit(frame, x, y)?;
                n_done += 1;
            }
        }
        Ok(())
    }
}

struct BlockReader<'s, 'r, 'a> {
    feed: &'s mut Feed<'r, 'a>,
    scan: &'s Scan,
    tables: &'s Tables,
    /// Blocks to come that have nothing more in them.
    eob_run: u32,
}

impl BlockReader<'_, '_, '_> {
    /// Reads the blocks at one place: one, or some of each component.
    fn read_unit(&mut self, frame: &mut Frame, x: u32, y: u32) -> Result<(), Error> {
        let is_alone = self.scan.parts.len() == 1;
        for part in &self.scan.parts {
            let component = &mut frame.components[part.component_idx];
            let (h, v) = if is_alone { (1, 1) } else { (component.h, component.v) };
            for row in 0..v {
                for column in 0..h {
                    let block_idx = (y * v + row) as usize * component.stride as usize
                        + (x * h + column) as usize;
                    let mut none = 0;
                    let nonzero =
                        component.nonzero.get_mut(block_idx).unwrap_or(&mut none);
                    self.read_block(part, nonzero)?;
                }
            }
        }
        Ok(())
    }

    fn read_block(&mut self, part: &Part, nonzero: &mut u64) -> Result<(), Error> {
        match self.scan.kind {
            Kind::Whole => {
                self.dc(part)?;
                self.ac(part)
            }
            Kind::DcFirst => self.dc(part),
            Kind::DcRefine => self.feed.bits(1).map(|_| ()),
            Kind::AcFirst => self.ac_first(part, nonzero),
            Kind::AcRefine => self.ac_refine(part, nonzero),
        }
    }

    fn dc(&mut self, part: &Part) -> Result<(), Error> {
        let table = table(&self.tables.dc, part.dc)?;
        let n_bits = self.feed.code(table)?;
        if 16 < n_bits {
            return Err(corrupt(format!("a difference of {n_bits} bits")));
        }
        self.feed.bits(n_bits.into()).map(|_| ())
    }

    fn ac(&mut self, part: &Part) -> Result<(), Error> {
        let table = table(&self.tables.ac, part.ac)?;
        let mut at = 1;
        while at < 64 {
            let symbol = self.feed.code(table)?;
            let (run, n_bits) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            match (run, n_bits) {
                (15, 0) => at += 16,
                (_, 0) => break,
                _ => {
                    at += run;
                    if 63 < at {
                        return Err(corrupt("a block of more than 64 coefficients"));
                    }
                    self.feed.bits(n_bits)?;
                    at += 1;
                }
            }
        }
        Ok(())
    }

    fn ac_first(&mut self, part: &Part, nonzero: &mut u64) -> Result<(), Error> {
        if 0 < self.eob_run {
            self.eob_run -= 1;
            return Ok(());
        }
        let table = table(&self.tables.ac, part.ac)?;
        let mut at = self.scan.first;
        while at <= self.scan.last {
            let symbol = self.feed.code(table)?;
            let (run, n_bits) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            match (run, n_bits) {
                (15, 0) => at += 16,
                (_, 0) => {
                    self.eob_run = (1 << run) - 1 + self.feed.bits(run)?;
                    break;
                }
                _ => {
                    at += run;
                    if self.scan.last < at {
                        return Err(corrupt(
                            "a block of more coefficients than its scan",
                        ));
                    }
                    self.feed.bits(n_bits)?;
                    *nonzero |= 1 << at;
                    at += 1;
                }
            }
        }
        Ok(())
    }

    fn ac_refine(&mut self, part: &Part, nonzero: &mut u64) -> Result<(), Error> {
        let table = table(&self.tables.ac, part.ac)?;
        let mut at = self.scan.first;
        while at <= self.scan.last && self.eob_run == 0 {
            let symbol = self.feed.code(table)?;
            let (run, n_bits) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            match (run, n_bits) {
                (15, 0) | (_, 1) => {}
                (_, 0) => {
                    self.eob_run = (1 << run) + self.feed.bits(run)?;
                    break;
                }
                _ => return Err(corrupt(format!("a refinement by {n_bits} bits"))),
            }
            self.feed.bits(n_bits)?;
            at = self.correct(at, run, *nonzero)?;
            if n_bits == 1 && at <= self.scan.last {
                *nonzero |= 1 << at;
            }
            at += 1;
        }
        if 0 < self.eob_run {
            self.eob_run -= 1;
            self.correct(at, 64, *nonzero)?;
        }
        Ok(())
    }

    /// Reads a bit for every known coefficient on the way over `run` unknown ones.
    fn correct(&mut self, mut at: u32, mut run: u32, nonzero: u64) -> Result<u32, Error> {
        while at <= self.scan.last {
            if nonzero >> at & 1 == 1 {
                self.feed.bits(1)?;
            } else if run == 0 {
                break;
            } else {
                run -= 1;
            }
            at += 1;
        }
        Ok(at)
    }
}

fn table(tables: &[Option<Table>; 4], idx: usize) -> Result<&Table, Error> {
    tables
        .get(idx)
        .and_then(Option::as_ref)
        .ok_or_else(|| corrupt("a scan whose Huffman table is missing"))
}
