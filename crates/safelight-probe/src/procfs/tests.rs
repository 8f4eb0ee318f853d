use expect_test::expect;
use proptest::{collection::vec, prelude::*};
use safelight_core::ByteSize;

use super::{
    field, number, parse_cpu_times, parse_load, parse_logical_cores,
    parse_physical_cores, size_field,
    source::{n_threads, parse_host, parse_rss},
};
use crate::Psi;

const STATUS: &str = "\
Name:\tsafelight
Umask:\t0022
VmPeak:\t  512000 kB
VmHWM:\t   20480 kB
VmRSS:\t   10240 kB
Threads:\t17
";

const MEMINFO: &str = "\
MemTotal:       24684084 kB
MemFree:        23979776 kB
MemAvailable:   24181608 kB
Buffers:           10448 kB
";

const STATM: &str = "765 358 381 5 0 123 0\n";

const PRESSURE: &str = "\
some avg10=0.00 avg60=0.12 avg300=0.05 total=1234567
full avg10=0.00 avg60=0.00 avg300=0.00 total=89
";

/// Two packages of two cores with two threads each, shortened.
const CPUINFO: &str = "\
processor\t: 0
model name\t: Some CPU: 3 GHz
physical id\t: 0
core id\t\t: 0

processor\t: 1
model name\t: Some CPU: 3 GHz
physical id\t: 0
core id\t\t: 0

processor\t: 2
model name\t: Some CPU: 3 GHz
physical id\t: 1
core id\t\t: 0
";

/// As printed by a 64-bit Arm kernel: neither a model nor cores.
const CPUINFO_ARM: &str = "\
processor\t: 0
BogoMIPS\t: 108.00
CPU implementer\t: 0x41

processor\t: 1
BogoMIPS\t: 108.00
";

const STAT: &str = "\
cpu  100 10 50 700 40 5 15 80 33 0
cpu0 100 10 50 700 40 5 15 80 33 0
intr 1 2 3
";

#[test]
fn status_is_parsed() {
    let read = ["VmRSS", "VmHWM", "VmSwap"].map(|name| size_field(STATUS, name));
    expect!["[Some(ByteSize(10485760)), Some(ByteSize(20971520)), None]"]
        .assert_eq(&format!("{read:?}"));
    assert_eq!(field(STATUS, "Threads"), Some("17"));
}

#[test]
fn cpuinfo_is_parsed() {
    assert_eq!(field(CPUINFO, "model name"), Some("Some CPU: 3 GHz"));
    assert_eq!(parse_logical_cores(CPUINFO), Some(3));
    assert_eq!(parse_physical_cores(CPUINFO), Some(2));
    assert_eq!(field(CPUINFO_ARM, "model name"), None);
    assert_eq!(parse_logical_cores(CPUINFO_ARM), Some(2));
    assert_eq!(parse_physical_cores(CPUINFO_ARM), None);
}

#[test]
fn stat_is_parsed_without_guests() {
    expect!["Some(CpuTimes { total: 1000, idle: 740, steal: 80 })"]
        .assert_eq(&format!("{:?}", parse_cpu_times(STAT)));
    assert_eq!(parse_cpu_times("cpu  1 2 3 4 5 6 7\n"), None, "it has no steal");
    assert_eq!(parse_cpu_times("cpu0 1 2 3 4 5 6 7 8\n"), None);
}

#[test]
fn load_is_the_first_number() {
    assert_eq!(parse_load("2.25 1.97 1.30 1/82 4093\n"), Some(2.25));
    assert_eq!(parse_load("nan 1 1\n"), None);
    assert_eq!(parse_load("-1 1 1\n"), None);
}

#[test]
fn host_is_a_limit() {
    let limit = parse_host(MEMINFO).expect("both lines are there");
    assert_eq!(limit.available().bytes(), 24_181_608 << 10);
    assert_eq!(limit.size.bytes(), 24_684_084 << 10);
    assert_eq!(parse_host("MemTotal: 5 kB\n"), None);
    assert_eq!(parse_host("MemTotal: 0 kB\nMemAvailable: 0 kB\n"), None);
}

#[test]
fn process_has_pages_and_threads() {
    let page = rustix::param::page_size() as u64;
    assert_eq!(parse_rss(STATM), Some(ByteSize::from_bytes(358 * page)));
    for text in ["", "765", "765 0 381", "765 many", "1 18446744073709551615"] {
        assert_eq!(parse_rss(text), None, "{text}");
    }
    assert_eq!([0, 1, 2, 3, 19].map(n_threads), [None, None, None, Some(1), Some(17)]);
}

#[test]
fn pressure_is_in_microseconds() {
    let psi = Psi::parse(PRESSURE).expect("both lines are there");
    assert_eq!(psi.some().as_nanos(), 1_234_567_000);
    assert_eq!(psi.full().as_nanos(), 89_000);
    assert_eq!(Psi::parse("some avg10=0.00 total=1\n"), None);
    assert_eq!(Psi::parse("some total=1\nfull total=-1\n"), None);
}

#[test]
fn numbers_have_no_sign() {
    assert_eq!(number(" 42\n"), Some(42));
    for text in ["", " ", "+1", "-1", "1 2", "0x1", "18446744073709551616"] {
        assert_eq!(number(text), None, "{text}");
    }
}

#[test]
fn sizes_need_their_unit_and_do_not_wrap() {
    assert_eq!(size_field("VmRSS: 12\n", "VmRSS"), None);
    assert_eq!(size_field("VmRSS: 18446744073709551615 kB\n", "VmRSS"), None);
}

/// Feeds a text to every parser.
fn parse_all(text: &str) {
    for name in ["VmRSS", "MemTotal", "Threads", "model name", ""] {
        field(text, name);
        size_field(text, name);
    }
    parse_logical_cores(text);
    parse_physical_cores(text);
    parse_load(text);
    parse_cpu_times(text);
    parse_host(text);
    parse_rss(text);
    Psi::parse(text);
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in vec(any::<u8>(), 0..300)) {
        parse_all(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn damaged_texts_never_panic(at in 0_usize..250, byte: u8, cut in 0_usize..250) {
        for text in [STATUS, CPUINFO, CPUINFO_ARM, STAT, MEMINFO, STATM, PRESSURE] {
            let mut bytes = text.as_bytes().to_vec();
            if let Some(damaged) = bytes.get_mut(at) {
                *damaged = byte;
            }
            bytes.truncate(cut);
            parse_all(&String::from_utf8_lossy(&bytes));
        }
    }
}
