use std::{collections::HashSet, error::Error, io, time::Duration};

use expect_test::{Expect, expect};
use safelight_core::ByteSize;

use super::{Request, Setting, Synthetic, Totals, Trace, settings};

#[track_caller]
fn check_csv(text: &str, expected: &Expect) {
    let line = |request: &Request| {
        let Request { key, bytes, cost } = request;
        format!("{key}: {} bytes, {cost:?}\n", bytes.bytes())
    };
    let read = match Trace::from_csv("mine", text.as_bytes()) {
        Ok(trace) => trace.requests.iter().map(line).collect(),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&read);
}

#[test]
fn csv_takes_numbers_and_units_and_any_key() {
    let text =
        "Key, Bytes, Cost\na/b.jpg,1024,250\n7, 1.5 MiB,3 ms\n\n\"a/b.jpg\",2 kB,0.5\n";
    let expected = expect![[r"
        0: 1024 bytes, 250µs
        1: 1572864 bytes, 3ms
        0: 2000 bytes, 500ns
    "]];
    check_csv(text, &expected);
}

#[test]
fn csv_needs_no_header_and_no_byte_order_mark() {
    let expected = expect![[r"
        0: 1 bytes, 2µs
    "]];
    check_csv("a,1,2", &expected);
    check_csv("\u{feff}key,bytes,cost\r\na,1,2\r\n", &expected);
}

#[test]
fn csv_errors_name_the_line_and_what_was_wanted() {
    check_csv(
        "a,1,2\nb,many,2",
        &expect![[r#"line 2: found "many", wanted bytes, like 1572864 or "1.5 MiB""#]],
    );
    check_csv(
        "key,bytes,cost\n\na,1,-2",
        &expect![[
            r#"line 3: found "-2", wanted a cost up to a day, like 3000 (in µs) or "3 ms""#
        ]],
    );
    check_csv(
        "a,1,NaN",
        &expect![[
            r#"line 1: found "NaN", wanted a cost up to a day, like 3000 (in µs) or "3 ms""#
        ]],
    );
    check_csv(
        "a,1,25 h",
        &expect![[
            r#"line 1: found "25 h", wanted a cost up to a day, like 3000 (in µs) or "3 ms""#
        ]],
    );
    check_csv("a,1", &expect!["line 1: found 2 fields, wanted 3: key,bytes,cost"]);
    check_csv("a,1,2,3", &expect!["line 1: found 4 fields, wanted 3: key,bytes,cost"]);
    check_csv("key,bytes,cost\n", &expect!["the trace has no request"]);
    check_csv("", &expect!["the trace has no request"]);
}

#[test]
fn csv_lines_count_as_editors_count_them() {
    let expected =
        &expect![[r#"line 6: found "x", wanted bytes, like 1572864 or "1.5 MiB""#]];
    check_csv("\n\"two\nlines\",1,2\n\n\nb,x,2", expected);
    check_csv("\r\na,1,2\r\n\r\n\r\na,1,2\r\nb,x,2\r\n", expected);
}

#[test]
fn csv_is_text() {
    let error = Trace::from_csv("mine", &b"a,1,2\n\xff,1,2\n"[..]).unwrap_err();
    expect!["line 2: found bytes that are not UTF-8, wanted text"]
        .assert_eq(&error.to_string());
}

#[test]
fn csv_that_cannot_be_read_tells_the_cause() {
    struct Broken;

    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }

    let error = Trace::from_csv("mine", Broken).unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "the disk is gone");
}

#[test]
fn same_seed_gives_the_same_trace_and_another_seed_another() {
    let trace =
        |seed| Synthetic { seed, n_requests: 2000, ..Synthetic::default() }.trace("test");
    assert_eq!(trace(1), trace(1));
    assert_ne!(trace(1), trace(2));
}

/// Rounded, for the last digit of `exp` differs between systems.
#[test]
fn traces_are_those_of_earlier_reports() {
    let line = |setting: Setting| {
        let Totals { n_requests, n_objects, bytes, cost } = setting.trace.totals();
        let (name, cost) = (&setting.trace.name, cost.as_secs_f64());
        format!(
            "{name}: {n_requests} requests, {n_objects} objects, {bytes}, {cost:.1} s\n"
        )
    };
    let mut lines: Vec<String> = settings().into_iter().map(line).collect();
    lines.dedup();
    expect![[r"
        synthetic: 60000 requests, 11705 objects, 49.3 GiB, 1512.5 s
        no scans: 60000 requests, 5748 objects, 11.9 GiB, 1554.4 s
        cost by the byte: 60000 requests, 11705 objects, 49.3 GiB, 661.3 s
        constant cost: 60000 requests, 11705 objects, 49.3 GiB, 600.0 s
        skew 0.6: 60000 requests, 11929 objects, 49.5 GiB, 1549.2 s
        skew 1.1: 60000 requests, 10847 objects, 47.6 GiB, 1410.6 s
        fast drift: 60000 requests, 11876 objects, 49.3 GiB, 1515.4 s
    "]]
    .assert_eq(&lines.concat());
}

#[test]
fn objects_are_what_a_service_for_images_makes() {
    let requests = Synthetic::default().trace("test").requests;
    let of_kind =
        |kind: u64| requests.iter().filter(move |request| request.key % 3 == kind);
    let largest = |kind| of_kind(kind).map(|request| request.bytes).max().unwrap();
    assert!(largest(0) <= ByteSize::kib(768), "{}", largest(0));
    assert!(largest(1) <= ByteSize::mib(48), "{}", largest(1));
    assert!(ByteSize::mib(16) <= largest(1), "{}", largest(1));
    assert!(largest(2) <= ByteSize::kib(2), "{}", largest(2));
    let mean = |kind| {
        of_kind(kind).map(|request| request.cost).sum::<Duration>()
            / of_kind(kind).count() as u32
    };
    assert!(mean(2) < mean(1) && mean(1) < mean(0), "validate < decode < thumbnail");
}

#[test]
fn an_object_asked_for_again_is_the_same() {
    let requests = Synthetic::default().trace("test").requests;
    let keys: HashSet<u64> = requests.iter().map(|request| request.key).collect();
    let objects: HashSet<(u64, ByteSize, Duration)> = requests
        .iter()
        .map(|request| (request.key, request.bytes, request.cost))
        .collect();
    assert_eq!(keys.len(), objects.len());
}

#[test]
fn scans_ask_once_and_only_where_they_are_wanted() {
    let with = |scan_len| {
        let synthetic = Synthetic { n_requests: 8000, scan_len, ..Synthetic::default() };
        let once = 3 * synthetic.n_sources as u64;
        let requests = synthetic.trace("test").requests;
        let scanned: Vec<u64> = requests
            .iter()
            .map(|request| request.key)
            .filter(|key| once <= *key)
            .collect();
        let distinct: HashSet<u64> = scanned.iter().copied().collect();
        (scanned.len(), distinct.len())
    };
    assert_eq!(with(0), (0, 0));
    assert_eq!(with(400), (800, 800));
}
