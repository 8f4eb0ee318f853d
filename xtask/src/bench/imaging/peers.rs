//! The sides of the comparison, and where they are.

use std::{
    ffi::{OsStr, OsString},
    fmt, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Result;
use safelight_benches::{arm::Arm, race::Role};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    super::arms::Programs,
    inputs::Photo,
    operation::{Codecs, Operation},
};
use crate::report_file::workspace_root;

/// The programs of `benches` that this suite needs.
pub(super) const PROGRAMS: [&str; 2] = [OURS, VIPS];

const OURS: &str = "arm_imaging";
const VIPS: &str = "arm_vips";

const PILLOW: &str = include_str!("pillow.py");

/// A side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Side {
    /// `safelight-imaging`.
    Safelight,
    /// The crate `image`: thumbnails with its Lanczos filter.
    Image,
    /// The programs `vips`, `vipsthumbnail` and `vipsheader`.
    Libvips,
    /// Pillow, in a Python.
    Pillow,
}

/// A side, and whether it could be run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(in crate::bench) struct Peer {
    pub(super) side: Side,
    /// Its version; none where it is not there.
    version: Option<String>,
    /// How its CPU time is measured.
    method: &'static str,
    /// Why it could not be run, and how to install it.
    pub(super) missing: Option<String>,
    #[serde(skip)]
    launch: Launch,
}

/// A program that answers as an arm, and what it is told before anything else.
#[derive(Clone, Debug, Default)]
pub(super) struct Launch {
    pub(super) program: PathBuf,
    pub(super) before: Vec<OsString>,
}

/// A file for a side to work on.
pub(super) struct Errand<'a> {
    pub(super) file: &'a Path,
    pub(super) tiny: &'a Path,
    /// A folder for its own files.
    pub(super) dir: &'a Path,
    /// Where it writes what it makes, when it is asked to.
    pub(super) out: &'a Path,
}

impl Side {
    pub(super) const ALL: [Self; 4] =
        [Self::Safelight, Self::Image, Self::Libvips, Self::Pillow];

    /// Targets are for our cost beside that of the faster rival.
    pub(super) fn role(self) -> Role {
        match self {
            Self::Safelight => Role::Ours,
            Self::Image => Role::Beside,
            Self::Libvips | Self::Pillow => Role::Rival,
        }
    }

    /// Whether it has an operation.
    pub(super) fn has(self, operation: Operation) -> bool {
        !(self == Self::Libvips && operation == Operation::Decode)
    }

    /// What its arm calls an operation.
    pub(super) fn workload(self, operation: Operation) -> String {
        let prefix = if self == Self::Image { "image_" } else { "" };
        format!("{prefix}{}", operation.workload())
    }

    fn method(self) -> &'static str {
        match self {
            Self::Safelight | Self::Image => {
                "a process repeats the call; the CPU time of the process over the calls"
            }
            Self::Libvips => {
                "vipsthumbnail and vipsheader on as many links to the file as there are calls, \
                 vips once for each; the CPU time of the processes less that of the same \
                 command on a tiny image of the format"
            }
            Self::Pillow => {
                "a Python process repeats the call; time.process_time over the calls"
            }
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Safelight => "ours",
            Self::Image => "image",
            Self::Libvips => "libvips",
            Self::Pillow => "Pillow",
        })
    }
}

impl Peer {
    /// Finds every side, in the order of [`Side::ALL`].
    pub(super) fn find_all(
        programs: &Programs,
        codecs: Codecs,
        python: &Path,
    ) -> Result<Vec<Self>> {
        let launch =
            |program: &Path| Launch { program: program.to_owned(), before: Vec::new() };
        let ours = launch(programs.path(OURS)?);
        let version = env!("CARGO_PKG_VERSION");
        let version = Ok(match codecs {
            Codecs::Rust => version.to_owned(),
            Codecs::Native => format!("{version}, with libjpeg-turbo and libwebp"),
        });
        let script = vec!["-c".into(), PILLOW.into()];
        let python_launch = Launch { before: script, ..launch(python) };
        Ok(vec![
            Self::new(Side::Safelight, version, ours.clone()),
            Self::new(Side::Image, image_version(), ours),
            Self::new(
                Side::Libvips,
                vips_version(Path::new("")),
                launch(programs.path(VIPS)?),
            ),
            Self::new(Side::Pillow, pillow_version(python), python_launch),
        ])
    }

    /// Makes one of its version, or of why it is not there.
    pub(super) fn new(side: Side, found: Result<String, String>, launch: Launch) -> Self {
        let (version, missing) = match found {
            Ok(version) => (Some(version), None),
            Err(missing) => (None, Some(missing)),
        };
        Self { side, version, method: side.method(), missing, launch }
    }

    /// Starts it on a file.
    pub(super) fn start(&self, errand: &Errand<'_>) -> io::Result<Arm> {
        let Launch { program, before } = &self.launch;
        let mut command = Command::new(program);
        command.args(before).args([errand.file, errand.out]);
        if self.side == Side::Libvips {
            command.args([errand.tiny, errand.dir]);
        }
        // Ctrl-C is for this program, which ends the others.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Arm::spawn(&mut command)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.version, &self.missing) {
            (Some(version), _) => write!(f, "{} {version}", self.side),
            (None, Some(missing)) => write!(f, "{} is missing: {missing}", self.side),
            (None, None) => write!(f, "{}", self.side),
        }
    }
}

impl Photo {
    /// The errand of working on it, or on the tiny image in its place.
    pub(super) fn errand<'a>(&'a self, dir: &'a Path, out: &'a Path) -> Errand<'a> {
        Errand { file: &self.path, tiny: &self.tiny, dir, out }
    }

    pub(super) fn tiny_errand<'a>(&'a self, dir: &'a Path, out: &'a Path) -> Errand<'a> {
        Errand { file: &self.tiny, ..self.errand(dir, out) }
    }
}

/// Returns the version of libvips, where all of its programs are in a folder; those on the
/// `PATH` are in that of no name.
pub(super) fn vips_version(dir: &Path) -> Result<String, String> {
    let mut version = String::new();
    for program in ["vipsthumbnail", "vipsheader", "vips"] {
        version = said(dir.join(program).as_ref(), &["--vips-version"]).map_err(|error| {
            format!(
                "{program} cannot be run ({error}); install it: apt install libvips-tools, or \
                 brew install vips"
            )
        })?;
    }
    Ok(version.split_whitespace().last().unwrap_or("of an unknown version").to_owned())
}

/// Returns the version of `image` that this workspace builds.
fn image_version() -> Result<String, String> {
    let lock = fs::read_to_string(workspace_root().join("Cargo.lock"));
    let lock = lock.map_err(|error| format!("Cargo.lock cannot be read: {error}"))?;
    let lock: toml::Table =
        lock.parse().map_err(|error| format!("Cargo.lock: {error}"))?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let of = |package: &toml::Value, key| Some(package.get(key)?.as_str()?.to_owned());
    let image = packages
        .into_iter()
        .flatten()
        .find(|package| of(package, "name").is_some_and(|name| name == "image"));
    image
        .and_then(|image| of(image, "version"))
        .ok_or("it is not in Cargo.lock".to_owned())
}

/// Returns the versions of Pillow and its Python.
pub(super) fn pillow_version(python: &Path) -> Result<String, String> {
    const VERSION: &str = "import platform, PIL; \
        print(PIL.__version__, '(Python', platform.python_version() + ')')";
    said(python.as_ref(), &["-c", VERSION]).map_err(|error| {
        format!(
            "{} has no Pillow ({error}); install it: python3 -m pip install Pillow, or apt \
             install python3-pil, and name that Python with --python",
            python.display()
        )
    })
}

/// Returns what a program prints.
fn said(program: &OsStr, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(program);
    let output = command.args(arguments).stdin(Stdio::null()).output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let error = String::from_utf8_lossy(&output.stderr);
    Err(error.lines().last().unwrap_or("it says nothing").trim().to_owned())
}
