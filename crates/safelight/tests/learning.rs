//! What jobs are found to use, with the allocator that counts it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use safelight::{
    Admission, Admitted, ByteSize, Config, Operation, Refusal, Safelight,
    alloc::TrackingAlloc,
};

#[global_allocator]
static ALLOC: TrackingAlloc = TrackingAlloc::system();

const OUTER: Operation = Operation::new("outer", 1);
const INNER: Operation = Operation::new("inner", 1);

/// Lets everybody in, and writes down what was used.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<Vec<(&'static str, ByteSize)>>>);

struct Line(Book, &'static str);

impl Admission for Book {
    fn admit(
        &self,
        operation: &'static str,
        _: ByteSize,
        _: Duration,
    ) -> Result<Box<dyn Admitted>, Refusal> {
        Ok(Box::new(Line(self.clone(), operation)))
    }
}

impl Admitted for Line {
    fn record_actual(&self, peak: ByteSize) {
        self.0.0.lock().expect("nobody panics with it").push((self.1, peak));
    }
}

fn start() -> (Safelight, Book) {
    let book = Book::default();
    let config = Config { memory: None, progress: None, ..Config::default() };
    let builder = Safelight::builder().config(config).admission(book.clone());
    (builder.start().expect("the configuration is possible"), book)
}

fn a_mib() -> Vec<u8> {
    vec![1; 1 << 20]
}

#[test]
fn m05_a_job_is_found_to_use_what_it_did() {
    let (safelight, book) = start();
    safelight.run(OUTER, 1, a_mib).unwrap();
    let [(operation, peak)] = book.0.lock().unwrap()[..] else { panic!("one job ran") };
    assert_eq!(operation, "outer");
    assert!((ByteSize::mib(1)..ByteSize::kib(1040)).contains(&peak), "{peak}");
}

#[test]
fn m05_what_others_used_within_a_job_is_not_counted_as_its_own() {
    let (safelight, book) = start();
    for n in 0..2 {
        safelight
            .run(OUTER, n, || safelight.run(INNER, 1, a_mib).unwrap().len())
            .unwrap();
    }
    let names: Vec<_> = book.0.lock().unwrap().iter().map(|line| line.0).collect();
    // Of the second outer job the inner one was there already.
    assert_eq!(names, ["inner", "outer"]);
    assert!(book.0.lock().unwrap()[1].1 < ByteSize::kib(64));
}

#[test]
fn m05_a_job_that_fails_says_nothing_about_what_it_would_have_used() {
    let (safelight, book) = start();
    safelight.try_run(OUTER, 1, || Err::<u8, _>("no light")).unwrap_err();
    safelight.run(OUTER, 1, || -> u8 { panic!("no light") }).unwrap_err();
    assert!(book.0.lock().unwrap().is_empty());
}
