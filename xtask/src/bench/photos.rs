//! `cargo xtask bench photos`: how close the generated images come to photos.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use safelight_benches::{duel::Duel, photo_set};
use safelight_core::CpuClock;
use safelight_probe::ThreadCpu;
use walkdir::WalkDir;

use super::{Output, rows};
use crate::{
    image_operation::ImageOperation,
    report_file,
    say::say,
    status::{Status, UsageError},
    table::styled,
    units::Size,
    units::parse_count,
};

/// Compares generated images with photos of the same size: bits per pixel, and the CPU time
/// of each operation, in turn.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// A folder with photos of any size; files with findings are left out.
    #[arg(long, short, value_name = "DIR")]
    input: PathBuf,
    /// Rounds of each comparison.
    #[arg(long, value_name = "N", default_value = "7", value_parser = parse_count)]
    rounds: NonZeroUsize,
    #[command(flatten)]
    output: Output,
}

/// A ratio of the generated image to the photo.
#[derive(serde::Serialize, schemars::JsonSchema)]
pub(super) struct Row {
    photo: String,
    quantity: String,
    generated: f64,
    photo_value: f64,
    ratio: f64,
    within_25_percent: bool,
}

/// Runs the comparison on every file in which validation finds nothing.
pub(super) fn run(arguments: &Arguments) -> Result<Status> {
    let entries = WalkDir::new(&arguments.input).sort_by_file_name();
    let photos =
        entries.into_iter().filter_map(Result::ok).map(walkdir::DirEntry::into_path);
    let mut rows = Vec::new();
    for path in photos.filter(|path| path.is_file()) {
        match compare(&path, arguments.rounds.get()) {
            Ok(compared) => rows.extend(compared),
            Err(error) => say(format_args!("left out: {}: {error:#}", path.display())),
        }
    }
    if rows.is_empty() {
        let dir = arguments.input.display();
        return Err(UsageError(format!("no photo to compare with in {dir}")).into());
    }
    let mut table = styled(arguments.output.markdown);
    table.set_header(["photo", "quantity", "generated", "photo", "ratio", "within 25 %"]);
    for row in &rows {
        let within = if row.within_25_percent { "yes" } else { "no" };
        table.add_row([
            row.photo.clone(),
            row.quantity.clone(),
            format!("{:.2}", row.generated),
            format!("{:.2}", row.photo_value),
            format!("{:.2}", row.ratio),
            within.to_owned(),
        ]);
    }
    println!("{table}");
    rows::write("photos", &rows, &arguments.output)?;
    let n_within = rows.iter().filter(|row| row.within_25_percent).count();
    println!("{n_within} of {} within 25 %", rows.len());
    Ok(Status::Ok)
}

fn compare(photo: &Path, n_rounds: usize) -> Result<Vec<Row>> {
    let source = safelight_imaging::Source::open(photo)?;
    let rules = safelight_imaging::Rules::default();
    let depth = safelight_imaging::Depth::Full;
    let validation = safelight_imaging::validate(source, &rules, depth)?;
    if let Some(finding) = validation.findings.first() {
        bail!("not a plain photo: {finding}");
    }
    let info = validation.info.context("it has no header")?;
    let (width, height) = info.upright_size();
    let size: Size = format!("{width}x{height}").parse().map_err(UsageError)?;
    let dir = report_file::photo_dir();
    let files = photo_set::files(&dir, size.width, size.height)?;
    let is_same = |path: &&PathBuf| {
        let format = info.format.extensions();
        path.extension().is_some_and(|ending| format.iter().any(|known| *known == ending))
    };
    let generated = files.iter().find(is_same).context("no such format is generated")?;
    let name = photo.file_name().unwrap_or_default().display().to_string();
    let row = |quantity: &str, (generated, photo_value): (f64, f64)| {
        let ratio = generated / photo_value;
        let within_25_percent = (0.75..=1.25).contains(&ratio);
        let (photo, quantity) = (name.clone(), quantity.to_owned());
        Row { photo, quantity, generated, photo_value, ratio, within_25_percent }
    };
    let bits = |path: &Path| -> Result<f64> {
        let n_bits = 8.0 * path.metadata()?.len() as f64;
        Ok(n_bits / (f64::from(width) * f64::from(height)))
    };
    let mut rows = vec![row("bits per pixel", (bits(generated)?, bits(photo)?))];
    for what in ImageOperation::ALL {
        let cost = |path: &Path| cpu_ms(what, path, info.format);
        let rounds = (0..n_rounds).map(|_| Ok((cost(generated)?, cost(photo)?)));
        let duel = Duel::new(rounds.collect::<Result<_>>()?);
        let medians = duel.medians().context("no round was run")?;
        rows.push(row(&format!("{what}, CPU ms"), medians));
    }
    Ok(rows)
}

/// Returns the CPU time of one run in milliseconds, the mean of as many as fill one.
fn cpu_ms(
    what: ImageOperation,
    path: &Path,
    format: safelight_imaging::Format,
) -> Result<f64> {
    let now = || ThreadCpu.thread_cpu().context("the CPU time of threads is unknown");
    let (start, mut n_runs) = (now()?, 0_u32);
    loop {
        let source = safelight_imaging::Source::open(path)?;
        what.run(source, format, Size::new(256, 256))?;
        n_runs += 1;
        let used = now()?.saturating_sub(start).as_secs_f64() * 1e3;
        if 1.0 <= used {
            return Ok(used / f64::from(n_runs));
        }
    }
}
