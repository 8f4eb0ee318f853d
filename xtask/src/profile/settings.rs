use std::{fs, num::NonZeroU32, path::PathBuf, time::Duration};

use anyhow::Result;
use safelight_core::{ByteSize, Cores};
use safelight_profiler::Rules;
use serde::Deserialize;

use super::render::Format;
use crate::{
    image_operation::ImageOperation,
    status::UsageError,
    units::{self, Size},
};

#[cfg(test)]
mod tests;

/// Measures what image operations cost, and writes a report.
///
/// Without arguments it makes photo-like images (once; they are kept under
/// target/safelight/photos) and profiles inspect, validate, thumbnail and convert on them.
/// Every figure is measured. The table goes to standard output, the whole report to a JSON
/// file, progress and messages to standard error.
#[derive(clap::Args, Debug, Default)]
#[command(after_help = "Examples:
  cargo xtask profile
  cargo xtask profile --input ~/Pictures --time-budget 2m
  cargo xtask profile --sizes 512,1920x1080 --ops thumbnail --format markdown")]
pub(crate) struct Arguments {
    /// Profile these files and folders instead of generated images; may be repeated.
    /// Folders are searched to the bottom; what cannot be read is listed and skipped.
    #[arg(long, short, value_name = "DIR|FILE", num_args = 1..)]
    pub(super) input: Vec<PathBuf>,

    /// Sizes of the generated images [default: 512,1024,1920x1080,2048,4096].
    #[arg(long, value_delimiter = ',', value_name = "WxH,...", conflicts_with = "input")]
    pub(super) sizes: Option<Vec<Size>>,

    /// Operations to measure [default: every operation].
    #[arg(long, value_delimiter = ',', value_name = "OP,...")]
    pub(super) ops: Option<Vec<ImageOperation>>,

    /// Rounds over all files at most [default: 50].
    #[arg(long, value_name = "N")]
    pub(super) repeat: Option<NonZeroU32>,

    /// Time for measuring and for trying out the advice, such as 30s or 2m [default: 44s].
    #[arg(long, value_name = "TIME", value_parser = units::parse_duration)]
    pub(super) time_budget: Option<Duration>,

    /// The box that thumbnails fit in [default: 256x256].
    #[arg(long, value_name = "WxH")]
    pub(super) thumbnail: Option<Size>,

    /// What is printed on standard output.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,

    // Help texts are no Markdown, so they stand here, where no backticks are asked for.
    #[arg(
        long,
        short,
        value_name = "FILE",
        help = "The JSON report \
            [default: target/safelight/image_performance_profile_<UTC time>.json]"
    )]
    pub(super) output: Option<PathBuf>,

    #[arg(
        long,
        value_name = "FILE",
        help = "A TOML file with any of: sizes, ops, repeat, time_budget, thumbnail, and the \
            thresholds slow (\"500 ms\"), heap_peak (\"100 MB\"), cpu_cores (0.8), \
            exponent (1.2); arguments win over the file"
    )]
    pub(super) config: Option<PathBuf>,
}

/// The keys of the configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sizes: Option<Vec<Size>>,
    ops: Option<Vec<ImageOperation>>,
    repeat: Option<NonZeroU32>,
    #[serde(default, deserialize_with = "units::deserialize_duration")]
    time_budget: Option<Duration>,
    thumbnail: Option<Size>,
    #[serde(default, deserialize_with = "units::deserialize_duration")]
    slow: Option<Duration>,
    #[serde(default, deserialize_with = "units::deserialize_bytes")]
    heap_peak: Option<ByteSize>,
    cpu_cores: Option<f64>,
    exponent: Option<f64>,
}

/// What a run is to do: arguments over the file over the defaults.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) input: Vec<PathBuf>,
    pub(super) sizes: Vec<Size>,
    pub(super) ops: Vec<ImageOperation>,
    pub(super) max_rounds: NonZeroU32,
    pub(super) time_budget: Duration,
    pub(super) thumbnail: Size,
    pub(super) format: Format,
    pub(super) output: Option<PathBuf>,
    pub(super) rules: Rules,
}

const DEFAULT_SIZES: [Size; 5] = [
    Size::new(512, 512),
    Size::new(1024, 1024),
    Size::new(1920, 1080),
    Size::new(2048, 2048),
    Size::new(4096, 4096),
];

const DEFAULT_ROUNDS: NonZeroU32 = NonZeroU32::new(50).expect("50 is not 0");

impl Settings {
    /// Puts together arguments and file; an error in the file names its key and line.
    pub(super) fn new(arguments: &Arguments) -> Result<Self> {
        let file = match &arguments.config {
            Some(path) => {
                let usage = |error: String| {
                    UsageError(format!("configuration {}: {error}", path.display()))
                };
                let text = fs::read_to_string(path).map_err(|e| usage(e.to_string()))?;
                File::parse(&text).map_err(usage)?
            }
            None => File::default(),
        };
        let mut settings = file.into_settings();
        let Arguments { sizes, ops, repeat, time_budget, thumbnail, .. } = arguments;
        set(&mut settings.sizes, sizes.clone());
        set(&mut settings.ops, ops.clone());
        set(&mut settings.max_rounds, *repeat);
        set(&mut settings.time_budget, *time_budget);
        set(&mut settings.thumbnail, *thumbnail);
        settings.input.clone_from(&arguments.input);
        settings.output.clone_from(&arguments.output);
        settings.format = arguments.format;
        Ok(settings)
    }
}

impl File {
    fn parse(text: &str) -> Result<Self, String> {
        let file: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let positive = |key: &str, value: Option<f64>| match value {
            Some(value) if !(value.is_finite() && 0.0 < value) => {
                Err(format!("{key} must be a number above 0, not {value}"))
            }
            _ => Ok(()),
        };
        positive("cpu_cores", file.cpu_cores)?;
        positive("exponent", file.exponent)?;
        Ok(file)
    }

    fn into_settings(self) -> Settings {
        let mut rules = Rules::default();
        set(&mut rules.slow, self.slow);
        set(&mut rules.heap_peak, self.heap_peak);
        set(&mut rules.cpu, self.cpu_cores.map(Cores::new));
        set(&mut rules.exponent, self.exponent);
        Settings {
            input: Vec::new(),
            sizes: self.sizes.unwrap_or_else(|| DEFAULT_SIZES.to_vec()),
            ops: self.ops.unwrap_or_else(|| ImageOperation::ALL.to_vec()),
            max_rounds: self.repeat.unwrap_or(DEFAULT_ROUNDS),
            time_budget: self.time_budget.unwrap_or(Duration::from_secs(44)),
            thumbnail: self.thumbnail.unwrap_or(Size::new(256, 256)),
            format: Format::default(),
            output: None,
            rules,
        }
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
