//! The one of the program: alone in its process, as it can be set once.

use safelight::{Config, Safelight, global};

fn start() -> Safelight {
    let config = Config { memory: None, progress: None, ..Config::default() };
    Safelight::builder().config(config).start().expect("the configuration is possible")
}

#[test]
fn x03_a_second_one_is_an_error_and_the_first_stays() {
    assert!(global::get().is_none());
    let (first, second) = (start(), start());
    global::set(&first).unwrap();
    global::set(&first.clone()).unwrap();
    let error = global::set(&second).unwrap_err();
    assert_eq!(error.to_string(), "another configuration is set globally already");
    let ours = global::get().expect("it was set");
    ours.run(safelight::Operation::new("work", 1), 1, || 1_u8).unwrap();
    assert_eq!(first.cache().unwrap().stats().n_loads, 1);
    // For a while, and on this thread only, it is another one.
    global::with_default(&second, || {
        let theirs = global::get().expect("it was set");
        assert_eq!(theirs.cache().unwrap().stats().n_loads, 0);
    });
    assert_eq!(global::get().unwrap().cache().unwrap().stats().n_loads, 1);
}
