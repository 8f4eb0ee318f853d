use std::{io, time::Duration};

use super::{missing, parse};
use crate::load::document::Answers;

#[test]
fn m06_what_the_script_prints_is_read() {
    let line = "Running 1s test\nRESULT {\"n_200\":30,\"n_304\":4,\"n_503\":9,\"n_other\":1,\
        \"n_errors\":2,\"elapsed_us\":2000000,\"p50_us\":900,\"p99_us\":8000}\n";
    let answers = Answers {
        n_served: 30,
        n_not_modified: 4,
        n_shed: 9,
        n_other: 1,
        n_connection_errors: 2,
        served_per_s: Some(15.0),
        p50_ns: Some(900_000),
        p99_ns: Some(8_000_000),
    };
    assert_eq!(parse(line), Some((Duration::from_secs(2), answers)));
    assert_eq!(parse("unable to connect to 127.0.0.1:1 Connection refused\n"), None);
}

#[test]
fn m06_without_an_answer_there_is_no_latency() {
    let line = "RESULT {\"n_200\":0,\"n_304\":0,\"n_503\":0,\"n_other\":0,\"n_errors\":7,\
        \"elapsed_us\":0,\"p50_us\":0,\"p99_us\":0}";
    let (_, answers) = parse(line).unwrap();
    assert_eq!(
        (answers.p50_ns, answers.p99_ns, answers.served_per_s),
        (None, None, None)
    );
    assert_eq!(answers.n_connection_errors, 7);
}

#[test]
fn m06_without_wrk_it_says_that_it_takes_nothing_else() {
    let error = io::Error::new(io::ErrorKind::NotFound, "no such file");
    let missing = |oha| missing(&error, oha).to_string();
    assert!(missing(None).starts_with("wrk is needed to put load on the server"));
    assert!(!missing(None).contains("oha"));
    let with_oha = missing(Some("1.4.5"));
    assert!(with_oha.contains("oha 1.4.5, which is installed, cannot stand in"));
    assert!(with_oha.contains("apt install wrk"));
}
