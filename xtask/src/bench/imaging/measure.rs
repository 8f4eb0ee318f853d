//! One row: a race, the memory of each side, and what it makes.

use std::{
    cell::{Cell, RefCell},
    fs, io,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use anyhow::{Context, Result};
use safelight_benches::{
    arm::Arm,
    likeness::Reference,
    race::{ROUNDS_TO_SHOW, Race, Racer, Role, Standing},
};
use safelight_imaging::Format;
use tempfile::TempDir;

use super::{
    inputs::Photo,
    operation::{Codecs, Operation, Targets},
    peers::{Peer, Side},
    row::{Compared, Figures, Measured},
};

/// CPU time that a side gets at a time.
const SLICE: Duration = Duration::from_millis(20);

/// That of libvips: its starts, which are taken off, take a few milliseconds more or less.
const SLICE_OF_PROGRAMS: Duration = Duration::from_millis(40);

/// What images are compared at.
const COMPARED_SIDE: u32 = 256;

/// Processes of which the middle peak of memory counts, where it has a target.
const N_PEAKS: usize = 3;

/// What memory takes that is not for a file.
type Start = (Side, Operation, Format);

/// What rows are measured with.
pub(super) struct Stage<'a> {
    peers: &'a [Peer],
    codecs: Codecs,
    n_rounds: usize,
    interrupted: &'a AtomicBool,
    dir: TempDir,
    n_rows: Cell<usize>,
    /// Peaks of memory on tiny images.
    starts: RefCell<Vec<(Start, u64)>>,
}

/// An operation on a photo, with places for the files of a row.
struct Task<'a> {
    operation: Operation,
    photo: &'a Photo,
    targets: Targets,
    dir: PathBuf,
    out: PathBuf,
}

impl<'a> Stage<'a> {
    pub(super) fn new(
        (peers, codecs): (&'a [Peer], Codecs),
        n_rounds: usize,
        interrupted: &'a AtomicBool,
    ) -> Result<Self> {
        let dir =
            tempfile::tempdir().context("there is no folder for temporary files")?;
        let (n_rows, starts) = (Cell::new(0), RefCell::default());
        Ok(Self { peers, codecs, n_rounds, interrupted, dir, n_rows, starts })
    }

    /// Measures a row; `None` where it was interrupted.
    pub(super) fn measure(
        &self,
        operation: Operation,
        photo: &Photo,
    ) -> Result<Option<Measured>> {
        let n_rows = self.n_rows.replace(self.n_rows.get() + 1);
        let dir = self.dir.path().join(format!("row_{n_rows}"));
        fs::create_dir(&dir).context("cannot make a folder for temporary files")?;
        let targets = operation.targets(photo, self.codecs);
        let task = Task { operation, photo, targets, out: dir.join("out"), dir };
        let sides: Vec<&Peer> = self.sides(operation).collect();
        let race = self.race(&task, &sides);
        let reference = operation
            .makes_an_image()
            .then(|| Reference::open(&photo.path, COMPARED_SIDE))
            .transpose()
            .with_context(|| format!("{} cannot be decoded", photo.path.display()))?;
        let mut all = Vec::new();
        for (peer, standing) in sides.iter().zip(&race.standings) {
            if self.interrupted.load(Relaxed) {
                return Ok(None);
            }
            all.push(self.figures(&task, peer, standing, reference.as_ref()));
        }
        // What a row leaves there is large, and of no use to the next.
        fs::remove_dir_all(&task.dir).context("cannot remove temporary files")?;
        let compared = compare(&race, &sides);
        Ok(Some(Measured::of(operation, photo, targets, (all, compared))))
    }

    /// Returns the sides that are there, and have an operation; ours is the first.
    fn sides(&self, operation: Operation) -> impl Iterator<Item = &'a Peer> {
        let there = self.peers.iter().filter(|peer| peer.missing.is_none());
        there.filter(move |peer| peer.side.has(operation))
    }

    fn race(&self, task: &Task<'_>, sides: &[&Peer]) -> Race {
        let workloads: Vec<String> =
            sides.iter().map(|peer| peer.side.workload(task.operation)).collect();
        let starts: Vec<_> = sides.iter().map(|peer| move || start(task, peer)).collect();
        let racers = sides.iter().zip(&workloads).zip(&starts);
        let racers: Vec<Racer<'_>> = racers
            .map(|((peer, workload), start)| Racer {
                start,
                workload,
                slice: if peer.side == Side::Libvips { SLICE_OF_PROGRAMS } else { SLICE },
                role: peer.side.role(),
            })
            .collect();
        let is_asked = task.targets.ratio.is_some();
        let n_rounds = if is_asked { self.n_rounds } else { ROUNDS_TO_SHOW };
        Race::run(&racers, n_rounds, || self.interrupted.load(Relaxed))
    }

    /// Adds what a side holds and makes to what it cost.
    fn figures(
        &self,
        task: &Task<'_>,
        peer: &Peer,
        standing: &Standing,
        reference: Option<&Reference>,
    ) -> Figures {
        // What fails now and then is no side to compare with.
        let cpu_ns = standing.median().filter(|_| standing.failure.is_none());
        let mut figures = Figures {
            side: peer.side,
            cpu_ns,
            n_rounds: standing.costs.len(),
            rss_growth_bytes: None,
            ssim: None,
            reason: standing.failure.clone(),
        };
        if figures.reason.is_some() {
            return figures;
        }
        if task.operation.has_growth() {
            let is_asked = task.targets.growth.is_some();
            let n = if is_asked { N_PEAKS } else { 1 };
            let growth = self.growth(task, peer, n);
            figures.rss_growth_bytes = figures.noted(growth);
        }
        if let Some(reference) = reference {
            let ssim = similarity(task, peer, reference);
            figures.ssim = figures.noted(ssim);
        }
        figures
    }

    /// Returns what a call adds to the peak of resident memory.
    fn growth(&self, task: &Task<'_>, peer: &Peer, n: usize) -> io::Result<u64> {
        let at_start = self.start_peak(task, peer)?;
        let whole = peak(|| start(task, peer), task, (peer, n))?;
        Ok(whole.saturating_sub(at_start))
    }

    /// Returns the peak of memory on a tiny image, measured once.
    fn start_peak(&self, task: &Task<'_>, peer: &Peer) -> io::Result<u64> {
        let key = (peer.side, task.operation, task.photo.format);
        if let Some((_, start)) = self.starts.borrow().iter().find(|(of, _)| *of == key) {
            return Ok(*start);
        }
        let errand = task.photo.tiny_errand(&task.dir, &task.out);
        let start = peak(|| peer.start(&errand), task, (peer, N_PEAKS))?;
        self.starts.borrow_mut().push((key, start));
        Ok(start)
    }
}

/// Starts a side on the photo.
fn start(task: &Task<'_>, peer: &Peer) -> io::Result<Arm> {
    peer.start(&task.photo.errand(&task.dir, &task.out))
}

/// Lets a side make an image once more, to look at it.
fn similarity(task: &Task<'_>, peer: &Peer, reference: &Reference) -> io::Result<f64> {
    let workload = format!("write_{}", peer.side.workload(task.operation));
    start(task, peer)?.run(&workload, 1)?;
    reference.similarity(&task.out)
}

/// Returns the peak of memory of a fresh process, the middle one of several.
fn peak(
    start: impl Fn() -> io::Result<Arm>,
    task: &Task<'_>,
    (peer, n): (&Peer, usize),
) -> io::Result<u64> {
    let workload = peer.side.workload(task.operation);
    let one = |_| {
        let mut arm = start()?;
        arm.run(&workload, 1)?;
        arm.run("peak_rss", 1)
    };
    let mut peaks = (0..n).map(one).collect::<io::Result<Vec<u64>>>()?;
    peaks.sort_unstable();
    Ok(peaks[peaks.len() / 2])
}

/// Compares ours with the faster of the rivals.
fn compare(race: &Race, sides: &[&Peer]) -> Option<Compared> {
    let rivals = sides.iter().zip(&race.standings).enumerate();
    let rivals = rivals.filter(|(_, (peer, _))| peer.side.role() == Role::Rival);
    let costs = rivals.filter_map(|(idx, (peer, standing))| {
        let cost = standing.median()?;
        standing.failure.is_none().then_some((idx, peer.side, cost))
    });
    let (idx, with, _) = costs.min_by(|(.., one), (.., other)| one.total_cmp(other))?;
    let ratio = race.duel(0, idx).ratio()?;
    Some(Compared { with, ratio: ratio.0, interval: ratio.1 })
}
