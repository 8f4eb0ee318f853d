//! Batches: the order of the paths, bounded work, and an end that waits.

use std::{
    collections::BTreeSet,
    convert::Infallible,
    io::{self, Write},
    num::NonZeroUsize,
    panic::resume_unwind,
    path::{Path, PathBuf},
    sync::{
        Arc, Barrier, Mutex, RwLock,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use proptest::prelude::*;
use safelight_alloc::Scope;
use safelight_core::ByteSize;
use safelight_imaging::{
    Batch, Cancel, ConvertOptions, Error, Layout, Source, Target, convert, inspect,
};

use crate::support::{JPEG, file, photo};

fn batch(n_workers: usize) -> Batch {
    Batch::new(NonZeroUsize::new(n_workers).expect("a worker at least"))
}

fn paths(n: usize) -> impl Iterator<Item = PathBuf> {
    (0..n).map(|idx| PathBuf::from(idx.to_string()))
}

fn idx_of(path: &Path) -> usize {
    let name = path.to_str().and_then(|name| name.parse().ok());
    name.expect("every path is a number")
}

/// Lets work on an item end when it is told to.
struct Gate {
    /// What each item waits for.
    ends: Vec<Mutex<mpsc::Receiver<()>>>,
    begun: mpsc::Sender<usize>,
}

/// Ends work in an order drawn from `picks`; at each step exactly that is in work which
/// the model says. Returns when all of `n` items have ended.
fn drive(
    n: usize,
    n_workers: usize,
    n_ahead: usize,
    picks: &[usize],
    begun: &mpsc::Receiver<usize>,
    ends: &[mpsc::Sender<()>],
) -> Result<(), String> {
    let (mut in_work, mut finished) = (BTreeSet::new(), BTreeSet::new());
    for pick in picks.iter().cycle().take(n) {
        // The caller takes whatever is next, so that those handed out are a prefix.
        let n_handed = (0..n).take_while(|idx| finished.contains(idx)).count();
        let n_taken = n.min(n_handed + n_workers + n_ahead);
        let wanted = n_workers.min(n_taken - finished.len());
        while in_work.len() < wanted {
            in_work.insert(begun.recv().map_err(|_| "the workers are gone")?);
        }
        if let Ok(extra) = begun.try_recv() {
            return Err(format!("{extra} has begun beside {in_work:?}"));
        }
        let idx = *in_work.iter().nth(pick % wanted).ok_or("nothing is in work")?;
        in_work.remove(&idx);
        finished.insert(idx);
        ends[idx].send(()).map_err(|_| "nobody waits")?;
    }
    Ok(())
}

proptest! {
    #[test]
    fn batch_results_come_in_order_whatever_ends_first(
        n in 0usize..30,
        n_workers in 1usize..6,
        n_ahead in 0usize..6,
        picks in prop::collection::vec(0usize..60, 1..30),
    ) {
        let (senders, receivers): (Vec<_>, Vec<_>) =
            (0..n).map(|_| mpsc::channel()).unzip();
        let (begun, has_begun) = mpsc::channel();
        let gate = Gate { ends: receivers.into_iter().map(Mutex::new).collect(), begun };
        let driver = thread::spawn(move || {
            drive(n, n_workers, n_ahead, &picks, &has_begun, &senders)
        });
        let work = move |path: &Path| -> Result<usize, Error> {
            let idx = idx_of(path);
            gate.begun.send(idx).expect("the driver listens");
            let end = gate.ends[idx].lock().expect("one thread at a time");
            end.recv().expect("the driver ends all");
            Ok(10 * idx)
        };
        let batch = batch(n_workers).with_lookahead(n_ahead);
        let mut n_handed = 0;
        for item in batch.run(paths(n), work) {
            prop_assert_eq!(idx_of(&item.path), n_handed);
            prop_assert_eq!(item.result.unwrap(), 10 * n_handed);
            n_handed += 1;
        }
        prop_assert_eq!(n_handed, n);
        prop_assert_eq!(driver.join().expect("no panic"), Ok(()));
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of work")]
/// Work of a caller whose errors are only those of batches.
fn number(path: &Path) -> Result<usize, Error> {
    Ok(idx_of(path))
}

#[test]
fn batch_a_slow_caller_holds_the_workers_up() {
    let n_taken = Arc::new(AtomicUsize::new(0));
    let shared = Arc::clone(&n_taken);
    let counted = paths(100).inspect(move |_| {
        shared.fetch_add(1, Ordering::Relaxed);
    });
    let batch = batch(2).with_lookahead(3);
    assert_eq!(batch.most_held(), 5);
    let (done, is_done) = mpsc::channel();
    let mut items = batch.run(counted, move |path| {
        done.send(()).expect("the test listens");
        number(path)
    });
    for n_handed in 0..20 {
        // All that may be held is finished, and nobody has taken it.
        for _ in 0..if n_handed == 0 { 5 } else { 1 } {
            is_done.recv().unwrap();
        }
        assert_eq!(n_taken.load(Ordering::Relaxed), 5 + n_handed);
        assert!(is_done.try_recv().is_err());
        assert_eq!(items.next().unwrap().result.unwrap(), n_handed);
    }
}

#[test]
fn batch_dropping_it_waits_for_what_has_begun_and_begins_no_more() {
    let counts = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let shared = Arc::clone(&counts);
    let (enter, entered) = mpsc::channel();
    let gate = Arc::new(RwLock::new(()));
    let closed = gate.write().unwrap();
    let worker_gate = Arc::clone(&gate);
    let work = move |path: &Path| {
        shared[0].fetch_add(1, Ordering::SeqCst);
        enter.send(()).expect("the test listens");
        if idx_of(path) != 0 {
            drop(worker_gate.read().expect("nobody panics"));
            // Long enough for a drop that does not wait to be found out.
            (0..1000).for_each(|_| thread::yield_now());
        }
        shared[1].fetch_add(1, Ordering::SeqCst);
        number(path)
    };
    let mut items = batch(2).with_lookahead(10).run(paths(1000), work);
    assert_eq!(items.next().unwrap().result.unwrap(), 0);
    for _ in 0..3 {
        entered.recv().unwrap();
    }
    // Both workers stand at the gate: the dropping thread has to wait for them.
    let dropping = thread::spawn(move || drop(items));
    assert_eq!(counts[1].load(Ordering::SeqCst), 1);
    drop(closed);
    dropping.join().unwrap();
    let [begun, finished] = [0, 1].map(|idx| counts[idx].load(Ordering::SeqCst));
    assert_eq!(begun, finished);
    assert!(begun <= 13, "{begun} of those taken");
    // The closure, and with it all threads, are gone.
    assert_eq!(Arc::strong_count(&counts), 1);
}

#[test]
fn batch_a_panic_is_the_error_of_its_item() {
    let work = |path: &Path| match idx_of(path) {
        // Without the message that a hook would print.
        3 => resume_unwind(Box::new("of three".to_owned())),
        5 => resume_unwind(Box::new(5)),
        _ => number(path),
    };
    let items: Vec<_> = batch(2).run(paths(8), work).collect();
    for (idx, item) in items.iter().enumerate() {
        assert_eq!(idx_of(&item.path), idx);
        match (&item.result, idx) {
            (Err(error), 3 | 5) => {
                assert!(error.is_panic() && !error.is_corrupt());
                let message = if idx == 3 { "of three" } else { "no message" };
                let said = format!("the work at it panicked: {message}");
                assert_eq!(error.to_string(), said);
            }
            (result, _) => assert_eq!(*result.as_ref().unwrap(), idx),
        }
    }
    assert_eq!(items.len(), 8);
}

#[test]
fn batch_the_error_of_an_item_is_its_own() {
    let work = |path: &Path| inspect(Source::open(path)?);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let names = ["no/such/file.png", "Cargo.toml"].map(|name| here.join(name));
    let items: Vec<_> = batch(1).run(names.clone(), work).collect();
    assert_eq!([&items[0].path, &items[1].path], [&names[0], &names[1]]);
    let errors = items.iter().map(|item| item.result.as_ref().unwrap_err());
    let told: Vec<_> = errors.map(|e| (e.is_io(), e.is_not_an_image())).collect();
    assert_eq!(told, [(true, false), (false, true)]);
}

#[test]
fn batch_a_cancellation_ends_it_between_two_images() {
    for n_workers in [1, 4] {
        let cancel = Cancel::new();
        let shared = cancel.clone();
        let n_begun = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&n_begun);
        let work = move |path: &Path| {
            counter.fetch_add(1, Ordering::SeqCst);
            if idx_of(path) == 7 {
                shared.cancel();
            }
            number(path)
        };
        let batch = batch(n_workers).with_cancel(cancel.clone());
        let mut items = batch.run(paths(1000), work);
        let handed: Vec<_> = items.by_ref().map(|item| item.result.unwrap()).collect();
        let n_begun = n_begun.load(Ordering::SeqCst);
        assert!(handed.iter().copied().eq(0..n_begun), "{handed:?} of {n_begun}");
        assert!((8..8 + n_workers).contains(&n_begun), "{n_begun}");
        assert!(items.next().is_none());
        // The token stays: another batch does not even begin.
        let never = |_: &Path| -> Result<(), Error> { resume_unwind(Box::new(())) };
        assert_eq!(batch.run(paths(9), never).count(), 0);
    }
}

#[test]
fn batch_a_cancellation_from_outside_ends_a_wait() {
    let cancel = Cancel::new();
    let (begun, has_begun) = mpsc::channel();
    let (end, may_end) = mpsc::channel::<()>();
    let may_end = Mutex::new(may_end);
    let work = move |path: &Path| {
        begun.send(()).expect("the test listens");
        may_end.lock().expect("one worker").recv().expect("the test ends it");
        number(path)
    };
    let items = batch(1).with_cancel(cancel.clone()).run(paths(50), work);
    let caller = thread::spawn(move || items.count());
    has_begun.recv().unwrap();
    cancel.cancel();
    end.send(()).unwrap();
    assert_eq!(caller.join().unwrap(), 1);
}

#[test]
fn batch_work_may_have_errors_of_its_own() {
    #[derive(Debug)]
    struct Own(String);
    impl From<Error> for Own {
        fn from(error: Error) -> Self {
            Self(error.to_string())
        }
    }
    let work = |path: &Path| match idx_of(path) {
        0 => Err::<Infallible, _>(Own("odd".to_owned())),
        _ => resume_unwind(Box::new("dropped")),
    };
    let told = batch(1).run(paths(2), work).map(|item| item.result.unwrap_err().0);
    assert_eq!(told.collect::<Vec<_>>(), ["odd", "the work at it panicked: dropped"]);
}

/// A sink that keeps nothing, and whose first write waits for those of the others.
struct Meeting(Option<Arc<Barrier>>);

impl Write for Meeting {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if let Some(barrier) = self.0.take() {
            barrier.wait();
        }
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn batch_memory_stays_within_the_bound_of_its_workers() {
    const N_WORKERS: usize = 3;
    let bytes = file(&photo(500, 400, Layout::Rgb8), Target::Png);
    let info = inspect(Source::from_slice(&bytes)).unwrap();
    // JPEG is written row by row.
    let per_image = info.decoding_bytes + ByteSize::kib(256);
    let batch = batch(N_WORKERS);
    let bound = batch.memory_bound(per_image);
    assert_eq!(bound.bytes(), 3 * per_image.bytes());
    let scope = Scope::new();
    let within = scope.clone();
    // All workers hold the pixels of an image when each begins to write.
    let together = Arc::new(Barrier::new(N_WORKERS));
    let work = move |_: &Path| {
        within.enter(|| {
            let options = ConvertOptions::default();
            let sink = Meeting(Some(Arc::clone(&together)));
            convert(Source::from_slice(&bytes), JPEG, &options, sink)
        })
    };
    let converted = batch.run(paths(4 * N_WORKERS), work);
    assert_eq!(converted.filter(|item| item.result.is_ok()).count(), 4 * N_WORKERS);
    let usage = scope.usage();
    let (peak, slack) = (usage.peak_bytes, usage.slack_bytes);
    assert!(peak <= bound.bytes() + slack, "{usage:?}, over {bound}");
    assert!(3 * info.pixel_bytes.bytes() <= peak + slack, "{usage:?}");
}

#[test]
fn batch_types_are_send() {
    fn is_send(_: &(impl Send + ?Sized)) {}
    let items = batch(1).run(paths(1), number);
    is_send(&items);
    drop(items);
}
