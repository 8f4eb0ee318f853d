//! What image operations cost in libvips: `arm_vips FILE OUT TINY WORK_DIR`.
//!
//! Its programs are started as a user starts them, on one thread each. What a start costs is
//! measured by the same command on TINY, a tiny image of the same format, right after each and
//! taken off, so that the answers are net of it. A program that takes many files
//! (`vipsthumbnail`, `vipsheader`) gets as many links as there are iterations, others are
//! started for each.
//!
//! `write_<workload>` leaves in OUT what it makes, and `peak_rss` is the highest resident set
//! of the programs so far, in bytes.

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use nix::sys::resource::{UsageWho, getrusage};
use safelight_benches::arm::{answer, unknown};

struct Work {
    file: PathBuf,
    tiny: PathBuf,
    dir: PathBuf,
}

impl Work {
    /// Returns the CPU nanoseconds of so many calls, less those of the starts.
    fn cost(&self, workload: &str, n: u64) -> io::Result<u64> {
        let tiny = self.input(workload, &self.tiny)?;
        if matches!(workload, "thumbnail" | "header") {
            let files = self.links(n)?;
            let whole = cpu_of(|| self.call(workload, &files, Stdio::null()))?;
            let start = cpu_of(|| self.call(workload, &[tiny], Stdio::null()))?;
            return Ok(whole.saturating_sub(start));
        }
        let file = [self.input(workload, &self.file)?];
        let tiny = [tiny];
        let (mut whole, mut start) = (0, 0);
        for _ in 0..n {
            whole += cpu_of(|| self.call(workload, &file, Stdio::null()))?;
            start += cpu_of(|| self.call(workload, &tiny, Stdio::null()))?;
        }
        Ok(whole.saturating_sub(start))
    }

    /// Runs the program of a workload once.
    fn call(&self, workload: &str, files: &[PathBuf], out: Stdio) -> io::Result<()> {
        let (program, before, after): (_, Vec<OsString>, _) = match workload {
            "thumbnail" => {
                // Raw pixels, so that nothing is spent on an encoder.
                let made = self.dir.join("thumbnail_%s.v").into_os_string();
                (
                    "vipsthumbnail",
                    vec!["--size".into(), BOX.into(), "-o".into(), made],
                    None,
                )
            }
            "header" => ("vipsheader", Vec::new(), None),
            "encode" | "to_jpeg" => ("vips", vec!["copy".into()], Some(".jpg[Q=85]")),
            "to_png" => ("vips", vec!["copy".into()], Some(".png")),
            _ => return Err(unknown(workload)),
        };
        let mut command = vips(program);
        run(command.args(before).args(files).args(after).stdout(out))
    }

    /// Leaves what a workload makes in a file.
    fn write(&self, workload: &str, out: &Path) -> io::Result<()> {
        let file = self.input(workload, &self.file)?;
        let made = Stdio::from(File::create(out)?);
        if workload == "thumbnail" {
            let mut command = vips("vipsthumbnail");
            return run(command
                .args(["--size", BOX, "-o", ".png"])
                .arg(file)
                .stdout(made));
        }
        self.call(workload, &[file], made)
    }

    /// Returns what a program reads: raw pixels where it is to do no more than encode.
    fn input(&self, workload: &str, file: &Path) -> io::Result<PathBuf> {
        if workload != "encode" {
            return Ok(file.to_owned());
        }
        let mut raw = file.file_name().unwrap_or_default().to_owned();
        raw.push(".v");
        let raw = self.dir.join(raw);
        if !raw.exists() {
            run(vips("vips").arg("copy").arg(file).arg(&raw).stdout(Stdio::null()))?;
        }
        Ok(raw)
    }

    /// Returns so many names of the file: one that it knows already it would not read again.
    fn links(&self, n: u64) -> io::Result<Vec<PathBuf>> {
        let extension = self.file.extension().unwrap_or_default();
        let link = |idx| {
            let path = self.dir.join(format!("link_{idx}")).with_extension(extension);
            match std::os::unix::fs::symlink(&self.file, &path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
                _ => Ok(path),
            }
        };
        (0..n).map(link).collect()
    }
}

/// Thumbnails fit in it, and are not enlarged.
const BOX: &str = "256x256>";

/// A program of libvips, on one thread.
fn vips(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env("VIPS_CONCURRENCY", "1").stdin(Stdio::null()).stderr(Stdio::piped());
    command
}

fn run(command: &mut Command) -> io::Result<()> {
    let name = command.get_program().display().to_string();
    let output = command.spawn()?.wait_with_output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{name} ended with {}: {}", output.status, said.trim())))
}

/// Returns the CPU time of the processes that were started and waited for, in nanoseconds.
fn cpu_of(run: impl FnOnce() -> io::Result<()>) -> io::Result<u64> {
    let used = || -> io::Result<u64> {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        let times = [usage.user_time(), usage.system_time()];
        let nanoseconds =
            times.map(|time| time.tv_sec() * 1_000_000_000 + time.tv_usec() * 1000);
        Ok(nanoseconds.iter().sum::<i64>().unsigned_abs())
    };
    let before = used()?;
    run()?;
    Ok(used()?.saturating_sub(before))
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let mut next = |what| {
        arguments.next().ok_or_else(|| io::Error::other(format!("no {what} was named")))
    };
    let (file, out) = (next("file")?, next("file to write")?);
    let work = Work { file, tiny: next("tiny file")?, dir: next("folder")? };
    fs::create_dir_all(&work.dir)?;
    answer(|name, n| {
        if name == "peak_rss" {
            let kibibytes = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
            return Ok(kibibytes.unsigned_abs() * 1024);
        }
        if let Some(name) = name.strip_prefix("write_") {
            return work.write(name, &out).map(|()| 0);
        }
        work.cost(name, n)
    })
}
