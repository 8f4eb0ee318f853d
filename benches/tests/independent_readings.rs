//! The profiler's figures beside readings of others, on real image work.
//!
//! This is the only test of its process: the CPU time of the process is that of the work.

use std::{hint::black_box, num::NonZeroU32, time::Duration};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeVal,
};
use safelight_alloc::TrackingAlloc;
use safelight_benches::photo_set::{FileFormat, encode};
use safelight_imaging::{
    ConvertOptions, Fit, Source, Target, ThumbnailOptions, convert, thumbnail,
};
use safelight_profiler::{Analysis, Profiler, Rules, SizeCost};

/// Counts for us on the outside, and for `dhat`, which knows nothing of us, on the inside.
#[global_allocator]
static ALLOC: TrackingAlloc<dhat::Alloc> = TrackingAlloc::new(dhat::Alloc);

const SIDE: NonZeroU32 = NonZeroU32::new(1024).expect("1024 is not 0");

/// Runs a piece of work under the profiler and returns its only size.
fn profile(name: &str, n_runs: u32, mut work: impl FnMut()) -> SizeCost {
    let profiler = Profiler::new();
    let operation = profiler.operation(name);
    (0..n_runs).for_each(|_| operation.measure(&mut work));
    let analysis = Analysis::new(&profiler.recording(), &Rules::default());
    analysis.operations[0].sizes[0].clone()
}

/// Peak bytes above the level at the start, by dhat; the work runs once.
fn dhat_peak(work: impl FnOnce()) -> u64 {
    let _profiler = dhat::Profiler::builder().testing().build();
    let before = dhat::HeapStats::get().curr_bytes;
    work();
    (dhat::HeapStats::get().max_bytes - before) as u64
}

fn process_cpu() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("every Unix has getrusage");
    let time = |time: TimeVal| {
        let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
        Duration::from_micros(micros.unsigned_abs())
    };
    time(usage.user_time()) + time(usage.system_time())
}

fn is_within_5_percent(ours: f64, theirs: f64) -> bool {
    (ours / theirs - 1.0).abs() <= 0.05
}

#[test]
fn heap_agrees_with_dhat_and_cpu_with_getrusage() {
    let rgb = safelight_benches::photo::photo(SIDE, SIDE, 1);
    let bytes_of =
        |format| encode(&rgb, SIDE.get(), SIDE.get(), format).expect("the size is usual");
    let (jpeg, png) = (bytes_of(FileFormat::Jpeg), bytes_of(FileFormat::Png));
    let shrink = |bytes: &[u8]| {
        let options = ThumbnailOptions::default();
        let pixels =
            thumbnail(Source::from_slice(bytes), Fit::inside(256, 256), &options);
        black_box(pixels.expect("the file is whole"));
    };
    let to_jpeg = |bytes: &[u8]| {
        let options = ConvertOptions::default();
        let target = Target::Jpeg { quality: 85 };
        let done = convert(Source::from_slice(bytes), target, &options, std::io::sink());
        black_box(done.expect("the file is whole"));
    };
    let works: [(&str, &dyn Fn()); 3] = [
        ("thumbnail JPEG", &|| shrink(&jpeg)),
        ("thumbnail PNG", &|| shrink(&png)),
        ("convert PNG to JPEG", &|| to_jpeg(&png)),
    ];
    for (name, work) in works {
        let ours = profile(name, 1, work).heap.expect("the allocator is installed");
        let theirs = dhat_peak(work);
        let ours = ours.max_peak.bytes();
        println!("{name}: peak heap {ours} bytes, dhat {theirs}");
        assert!(
            is_within_5_percent(ours as f64, theirs as f64),
            "{name}: {ours} {theirs}"
        );

        let n_runs = 10;
        let before = process_cpu();
        let ours = profile(name, n_runs, work).cpu.expect("the machine has a CPU clock");
        let theirs = process_cpu().saturating_sub(before);
        let ours = ours.mean * n_runs;
        println!("{name}: CPU {ours:?}, getrusage {theirs:?}");
        let (ours, theirs) = (ours.as_secs_f64(), theirs.as_secs_f64());
        assert!(is_within_5_percent(ours, theirs), "{name}: {ours} s, {theirs} s");
    }
}
