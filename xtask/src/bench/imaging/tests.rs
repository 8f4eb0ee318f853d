use std::{
    fs,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use clap::{Args, Command};
use safelight_benches::{duel::LEVEL, photo_set, race::FEWEST_ROUNDS};
use safelight_core::ByteSize;
use safelight_imaging::Format;
use safelight_stats::Interval;

use super::{
    Arguments, Row,
    inputs::{Inputs, Photo},
    measure::Stage,
    operation::{Codecs, Operation},
    peers::{Launch, Peer, Side, pillow_version, vips_version},
    render,
    row::{Compared, Figures, Measured},
};
use crate::report_file::workspace_root;

fn parse(arguments: &[&str]) -> Result<(), String> {
    let command = Arguments::augment_args(Command::new("imaging"));
    let result = command.try_get_matches_from([&["imaging"], arguments].concat());
    result.map(drop).map_err(|error| error.to_string())
}

#[test]
fn rows_are_named_and_rounds_have_an_interval() {
    assert_eq!(parse(&["--input", "a", "b", "--only", "thumbnail,png-to-jpeg"]), Ok(()));
    assert_eq!(parse(&["--rounds", "8", "--python", "venv/bin/python"]), Ok(()));
    assert!(parse(&["--rounds", "7"]).unwrap_err().contains("it takes 8"));
    assert!(parse(&["--rounds", "many"]).unwrap_err().contains("not a count"));
    assert!(parse(&["--only", "resize"]).unwrap_err().contains("jpeg-to-png"));
}

fn photo(format: Format, side: u32) -> Photo {
    Photo {
        path: PathBuf::from("/photos/a"),
        tiny: PathBuf::from("/photos/tiny"),
        name: "a".to_owned(),
        format,
        width: side,
        height: side,
        is_progressive: false,
    }
}

#[test]
fn targets_are_those_of_format_and_size() {
    let of = |operation: Operation, format, side| {
        let targets = operation.targets(&photo(format, side), Codecs::Rust);
        (targets.ratio, targets.stretch, targets.growth.map(ByteSize::bytes))
    };
    let (little, thumbnail) = (Some(4_000_000), Operation::Thumbnail);
    assert_eq!(of(thumbnail, Format::Jpeg, 1440), (Some(0.95), None, little));
    assert_eq!(of(thumbnail, Format::Jpeg, 1441), (Some(1.6), Some(1.25), little));
    assert_eq!(of(thumbnail, Format::Png, 4096), (Some(0.7), None, little));
    assert_eq!(of(thumbnail, Format::WebP, 4096), (Some(2.3), None, None));
    assert_eq!(of(Operation::JpegToPng, Format::Jpeg, 512).0, Some(0.25));
    assert_eq!(of(Operation::PngToJpeg, Format::Png, 512).0, Some(0.7));
    assert_eq!(of(Operation::Header, Format::WebP, 512).0, Some(0.2));
    assert_eq!(of(Operation::Decode, Format::Jpeg, 512), (None, None, None));
    // What comes in passes has to be held in full.
    let progressive = Photo { is_progressive: true, ..photo(Format::Jpeg, 512) };
    assert_eq!(thumbnail.targets(&progressive, Codecs::Rust).growth, None);
}

#[test]
fn native_targets_are_those_of_format_and_size() {
    let of = |operation: Operation, format, side| {
        let targets = operation.targets(&photo(format, side), Codecs::Native);
        (targets.ratio, targets.ssim)
    };
    let thumbnail = Operation::Thumbnail;
    assert_eq!(of(thumbnail, Format::Jpeg, 1440), (Some(0.75), Some(0.998)));
    assert_eq!(of(thumbnail, Format::Jpeg, 1441), (Some(0.92), Some(0.998)));
    assert_eq!(of(thumbnail, Format::WebP, 512), (Some(0.85), Some(0.998)));
    assert_eq!(of(Operation::PngToJpeg, Format::Png, 512), (Some(0.6), Some(0.998)));
    // The libraries have no part in the others.
    assert_eq!(of(thumbnail, Format::Png, 512), (Some(0.7), Some(0.99)));
    assert_eq!(of(Operation::Header, Format::Jpeg, 512), (Some(0.2), None));
}

/// What a side came to: cost, growth in bytes and similarity.
fn figures(side: Side, cpu_ns: Option<f64>, (growth, ssim): (u64, f64)) -> Figures {
    Figures {
        side,
        cpu_ns,
        n_rounds: 8,
        rss_growth_bytes: Some(growth),
        ssim: Some(ssim),
        reason: None,
    }
}

/// A PNG thumbnail (targets: 0.7, 4 MB, 0.99) at a ratio from `low` to `high`.
fn measured((low, high): (f64, f64), growth: u64, ssim: f64) -> Measured {
    let sides = vec![
        figures(Side::Safelight, Some(5.0), (growth, ssim)),
        figures(Side::Libvips, Some(10.0), (0, 0.98)),
        figures(Side::Pillow, Some(12.0), (0, 0.98)),
    ];
    let interval = Interval { low, high, level: LEVEL };
    let compared = Compared { with: Side::Libvips, ratio: low, interval };
    judged(Operation::Thumbnail, &photo(Format::Png, 512), (sides, Some(compared)))
}

fn judged(
    operation: Operation,
    photo: &Photo,
    measured: (Vec<Figures>, Option<Compared>),
) -> Measured {
    let targets = operation.targets(photo, Codecs::Rust);
    Measured::of(operation, photo, targets, measured)
}

#[test]
fn a_row_is_met_only_where_every_target_is() {
    let verdict =
        |ratio, growth, ssim| measured(ratio, growth, ssim).verdict_with_cause();
    assert_eq!(verdict((0.6, 0.7), 4_000_000, 0.99), "met");
    assert_eq!(verdict((0.71, 0.8), 4_000_000, 0.99), "missed: speed");
    assert_eq!(verdict((0.6, 0.8), 4_000_000, 0.99), "inconclusive: speed");
    assert_eq!(verdict((0.6, 0.7), 4_000_001, 0.99), "missed: memory");
    assert_eq!(verdict((0.6, 0.7), 4_000_000, 0.9899), "missed: likeness");
    assert_eq!(verdict((0.6, 0.8), 5_000_000, 0.9), "missed: memory, likeness");
}

#[test]
fn a_rival_that_did_not_run_leaves_the_row_unresolved() {
    let row = measured((0.6, 0.65), 1, 1.0);
    let interval = Interval { low: 0.6, high: 0.65, level: LEVEL };
    let compared = Compared { with: Side::Libvips, ratio: 0.6, interval };
    let judged = |operation, sides, compared| {
        judged(operation, &photo(Format::Png, 512), (sides, compared)).verdict
    };
    // Pillow might have been the faster.
    let without = row.sides[..2].to_vec();
    assert_eq!(judged(Operation::Thumbnail, without, Some(compared)), "unresolved");
    let failed = vec![
        row.sides[0].clone(),
        row.sides[1].clone(),
        figures(Side::Pillow, None, (0, 0.0)),
    ];
    assert_eq!(judged(Operation::Thumbnail, failed, Some(compared)), "unresolved");
    assert_eq!(judged(Operation::Thumbnail, Vec::new(), None), "unresolved");
    // Where nothing is asked, nothing is open.
    assert_eq!(judged(Operation::Decode, Vec::new(), None), "-");
}

#[test]
fn what_is_not_installed_is_named_with_how_to_install_it() {
    let nowhere = tempfile::tempdir().unwrap();
    let vips = vips_version(nowhere.path()).unwrap_err();
    assert!(vips.contains("vipsthumbnail cannot be run"), "{vips}");
    assert!(vips.contains("apt install libvips-tools"), "{vips}");
    let pillow = pillow_version(&nowhere.path().join("python3")).unwrap_err();
    assert!(pillow.contains("apt install python3-pil"), "{pillow}");
    assert!(pillow.contains("--python"), "{pillow}");
}

/// An arm whose calls take so many nanoseconds, and whose image is the file itself.
fn fake(nanoseconds: u64) -> Launch {
    let script = format!(
        "while read name n; do case $name in \
         write_*) cp \"$1\" \"$2\"; echo 0;; \
         peak_rss) case $1 in *tiny*) echo 1000000;; *) echo 3500000;; esac;; \
         *) echo $((n * {nanoseconds}));; esac; done"
    );
    let before = ["-c", &script, "arm"].map(Into::into).to_vec();
    Launch { program: PathBuf::from("sh"), before }
}

/// Every side, of which those that cost nothing are missing.
fn peers(costs: [Option<u64>; 4]) -> Vec<Peer> {
    let peer = |(side, cost): (Side, Option<u64>)| match cost {
        Some(cost) => Peer::new(side, Ok("1.0".to_owned()), fake(cost)),
        None => Peer::new(side, Err("it is not there".to_owned()), Launch::default()),
    };
    Side::ALL.into_iter().zip(costs).map(peer).collect()
}

/// Measures a thumbnail of a PNG file with these sides.
fn thumbnail(peers: &[Peer], dir: &Path) -> Measured {
    let side = NonZeroU32::new(64).unwrap();
    let files = photo_set::files(dir, side, side).unwrap();
    let path = files.iter().find(|path| path.ends_with("photo_64x64.png")).unwrap();
    let tiny = dir.join("tiny.png");
    fs::copy(path, &tiny).unwrap();
    let photo = Photo { path: path.clone(), tiny, ..photo(Format::Png, 64) };
    let interrupted = AtomicBool::new(false);
    let stage = Stage::new((peers, Codecs::Rust), FEWEST_ROUNDS, &interrupted).unwrap();
    stage.measure(Operation::Thumbnail, &photo).unwrap().expect("nobody interrupts it")
}

#[test]
fn a_row_compares_with_the_faster_peer_and_holds_all_figures() {
    let dir = tempfile::tempdir().unwrap();
    let peers = peers([20_000_000, 90_000_000, 50_000_000, 40_000_000].map(Some));
    let row = thumbnail(&peers, dir.path());
    assert_eq!((row.compared_with, row.ratio), (Some(Side::Pillow), Some(0.5)));
    assert_eq!(row.verdict_with_cause(), "met");
    let ours = row.side(Side::Safelight).unwrap();
    assert_eq!(ours.rss_growth_bytes, Some(2_500_000));
    assert!(ours.ssim.is_some_and(|ssim| (ssim - 1.0).abs() < 1e-9), "{ours:?}");
    // It takes over twice what the fastest takes, and is out after a round.
    assert_eq!(row.side(Side::Image).map(|image| image.n_rounds), Some(1));
}

#[test]
fn a_run_with_missing_peers_says_unresolved_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let peers = peers([Some(20_000_000), Some(30_000_000), None, None]);
    let row = thumbnail(&peers, dir.path());
    assert_eq!((row.verdict, row.ratio, row.compared_with), ("unresolved", None, None));
    assert_eq!(row.side(Side::Safelight).and_then(|ours| ours.cpu_ns), Some(20e6));
    let lines = render::reasons(&peers, &[row]);
    let text = lines.join("\n");
    assert!(text.contains("unresolved: libvips is missing: it is not there"), "{text}");
    assert!(text.contains("unresolved: Pillow is missing: it is not there"), "{text}");
}

#[test]
fn folders_are_searched_and_what_is_no_plain_photo_is_listed() {
    let dir = tempfile::tempdir().unwrap();
    let below = dir.path().join("below");
    let side = NonZeroU32::new(32).unwrap();
    let files = photo_set::files(&below, side, side).unwrap();
    let whole = fs::read(&files[1]).unwrap();
    fs::write(dir.path().join("cut.png"), &whole[..whole.len() / 2]).unwrap();
    fs::write(dir.path().join("notes.txt"), "no image").unwrap();
    let paths = [dir.path().to_owned(), dir.path().join("nothing")];
    let inputs = Inputs::collect(&paths, &AtomicBool::new(false)).unwrap();
    let names: Vec<&str> =
        inputs.photos.iter().map(|photo| photo.name.as_str()).collect();
    assert_eq!(names, ["photo_32x32.jpg", "photo_32x32.png", "photo_32x32.webp"]);
    let skipped = format!("{:?}", inputs.skipped);
    assert_eq!(inputs.skipped.len(), 3, "{skipped}");
    for name in ["cut.png", "notes.txt", "nothing"] {
        assert!(skipped.contains(name), "{skipped}");
    }
    let none = Inputs::collect(&[dir.path().join("notes.txt")], &AtomicBool::new(false));
    assert!(none.unwrap_err().to_string().contains("no photo to work on in"));
}

#[test]
fn the_document_follows_the_schema() {
    let row = |row| Row::Operation(Box::new(row));
    let mut rows: Vec<Row> =
        peers([Some(1), None, None, None]).into_iter().map(Row::Side).collect();
    rows.push(row(measured((0.6, 0.7), 1, 1.0)));
    let empty = judged(Operation::Header, &photo(Format::Jpeg, 9), (Vec::new(), None));
    rows.push(row(empty));
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("notes.txt"), "no image").unwrap();
    let mut inputs = Inputs::default();
    inputs.skip(&dir.path().join("notes.txt"), "it is no image".to_owned());
    rows.extend(inputs.skipped.into_iter().map(Row::Skipped));
    let path = workspace_root().join("docs/schema/bench_imaging.v1.json");
    let schema = fs::read_to_string(path).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    // The rows alone: what is around them is the same for every suite.
    let row_schema =
        serde_json::json!({ "$ref": "#/$defs/Line", "$defs": schema["$defs"] });
    for row in &rows {
        let value = serde_json::to_value(row).unwrap();
        jsonschema::validate(&row_schema, &value).expect("the row follows the schema");
    }
}

#[test]
fn tables_show_figures_and_dashes() {
    let rows = [measured((0.6, 0.7), 1_500_000, 0.9951)];
    let costs = render::costs(&rows, true);
    assert!(costs.contains("0.600x libvips"), "{costs}");
    assert!(costs.contains("0.600x to 0.700x"), "{costs}");
    let products = render::products(&rows, true);
    assert!(products.contains("1.5 MB") && products.contains("0.9951"), "{products}");
    assert!(products.contains("<= 4.0 MB") && products.contains(">= 0.99"), "{products}");
}
