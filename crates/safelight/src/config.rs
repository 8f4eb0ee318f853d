use std::{fs, num::NonZeroUsize, path::Path, thread, time::Duration};

use safelight_core::{ByteSize, Share};

use crate::{Error, actions, error::Kind};

mod document;
mod keys;
mod word;

pub use self::keys::Key;

/// The settings of all parts; a part that is `None` is switched off.
///
/// It is written in TOML, in code, or taken as it is; each value has a default.
///
/// ```
/// use safelight::{ByteSize, Config};
///
/// let config = Config::from_toml(
///     "[cache]
///      bytes = '64 MiB'
///
///      [progress]
///      enabled = false",
/// )?;
/// assert_eq!(config.cache.unwrap().limits.bytes, ByteSize::mib(64));
/// assert!(config.progress.is_none());
///
/// let error = Config::from_toml("[cache]\nbite = '64 MiB'").unwrap_err();
/// assert_eq!((error.key(), error.line()), (Some("cache.bite"), Some(2)));
/// assert!(error.to_string().ends_with("did you mean `cache.bytes`?"));
/// # Ok::<(), safelight::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// What each operation costs, and what counts as a bottleneck.
    pub profiler: Option<safelight_profiler::Rules>,
    /// What is kept.
    pub cache: Option<safelight_cache::Config>,
    /// What fits.
    pub memory: Option<Memory>,
    /// Whether work goes on, and whether what is shown is true.
    pub progress: Option<safelight_progress_monitor::Config>,
    /// How many jobs run, and how long they wait.
    pub jobs: Jobs,
    /// What images may be like.
    pub images: safelight_imaging::Rules,
    /// What the start and the end frame of a video to be made may be like.
    pub frames: safelight_imaging::PairRules,
    /// What is done about alerts.
    pub actions: actions::Config,
}

/// What jobs may take of the memory, and what is done when it gets scarce.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// What jobs and the cache may take together: 80 % of the limit that binds.
    pub capacity: Capacity,
    /// Up to what the cache may grow by itself, where it is too small and memory is plenty;
    /// `None` for not at all.
    pub cache_most: Option<ByteSize>,
    /// Levels, budgets and how often to look.
    pub control: safelight_memory_manager::Config,
}

/// A part of what there is, or a size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Capacity {
    /// This part of the limit that binds, less what is used when it starts.
    Part(Share),
    /// So many bytes.
    Bytes(ByteSize),
}

/// How many jobs run, and how long they wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jobs {
    /// How many work at once: as many as there are cores.
    pub at_once: NonZeroUsize,
    /// How long a job waits for its turn, and then for memory: 30 s each.
    pub patience: Duration,
    /// What a job takes that does not say: 16 MiB. What jobs really took corrects it.
    pub bytes: ByteSize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            profiler: Some(safelight_profiler::Rules::default()),
            cache: Some(safelight_cache::Config::default()),
            memory: Some(Memory::default()),
            progress: Some(safelight_progress_monitor::Config {
                // Updates are jobs here, and good work at a large image takes that long.
                latency: Duration::from_secs(2),
                ..safelight_progress_monitor::Config::default()
            }),
            jobs: Jobs::default(),
            images: safelight_imaging::Rules::default(),
            frames: safelight_imaging::PairRules::default(),
            actions: actions::Config::default(),
        }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            capacity: Capacity::Part(Share::new(0.8)),
            cache_most: None,
            control: safelight_memory_manager::Config::default(),
        }
    }
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            at_once: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            patience: Duration::from_secs(30),
            bytes: ByteSize::mib(16),
        }
    }
}

impl Config {
    /// Reads a document in TOML; what it does not give is the default.
    ///
    /// Sizes and times are words: `"64 MiB"`, `"100 ms"`. [`Config::keys`] has all keys.
    ///
    /// # Errors
    ///
    /// When it is no TOML, a key is unknown, or a value is not possible; the error says
    /// which [key](Error::key) in which [line](Error::line).
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        document::read(text)
    }

    /// Reads a file in TOML, see [`from_toml`](Self::from_toml).
    ///
    /// # Errors
    ///
    /// Those of [`from_toml`](Self::from_toml), as the cause of one that names the file; and
    /// when the file cannot be read.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let name = || path.display().to_string();
        let text = fs::read_to_string(path)
            .map_err(|source| Kind::ConfigFile { path: name(), source })?;
        Self::from_toml(&text)
            .map_err(|source| Kind::InConfigFile { path: name(), source }.into())
    }

    /// Returns every key with what it means, in the order of the reference.
    pub fn keys() -> &'static [Key] {
        keys::ALL
    }

    /// Checks that the values can be meant together.
    ///
    /// # Errors
    ///
    /// When one cannot; the error says which [key](Error::key).
    pub fn check(&self) -> Result<(), Error> {
        self.find_impossible().map_err(|(key, problem)| {
            Kind::Config { key: key.to_owned(), line: None, problem }.into()
        })
    }

    fn find_impossible(&self) -> Result<(), (&'static str, String)> {
        let must = |holds: bool, key, problem: &str| {
            if holds { Ok(()) } else { Err((key, problem.to_owned())) }
        };
        if let Some(Memory { capacity, control, .. }) = self.memory {
            let is_some = match capacity {
                Capacity::Part(part) => Share::ZERO < part,
                Capacity::Bytes(bytes) => ByteSize::ZERO < bytes,
            };
            must(is_some, "memory.capacity", "must be more than 0")?;
            let is_above = control.elevated <= control.high;
            must(is_above, "memory.high", "must be at least `memory.elevated`")?;
            let is_above = control.high <= control.critical;
            must(is_above, "memory.critical", "must be at least `memory.high`")?;
        }
        if let Some(cache) = &self.cache {
            let wanted =
                "must not be set: that there was no room would be remembered too";
            must(cache.failure_ttl.is_none(), "cache.failure_ttl", wanted)?;
        }
        if let Some(Err(error)) =
            self.progress.as_ref().map(safelight_progress_monitor::Config::check)
        {
            return Err((keys::of_progress(error.key()), format!("{error}")));
        }
        let side = &self.images.side;
        must(
            side.start() <= side.end(),
            "images.most_side",
            "must be at least `images.least_side`",
        )
    }
}
