use crate::{Sample, system};

/// Reads host, cgroups, pressure and process again and again, at little cost.
///
/// On Linux it keeps the files open and a buffer for them: a sample costs some microseconds
/// and allocates nothing, as long as the files stay what they are. Where a file vanishes it
/// looks at once for the cgroup anew. A process that was moved to another cgroup, a limit
/// that was set where there was none, and files that were missing are noticed within 16
/// samples; a limit that was changed is seen at once.
/// Elsewhere sysinfo answers, which knows the host and the resident set only.
///
/// It belongs to the process that opened it, not to one forked from it.
///
/// ```
/// use safelight_probe::Sampler;
///
/// let mut sampler = Sampler::open();
/// let sample = sampler.sample();
/// match &sample.headroom {
///     Ok(headroom) => println!("{} until {}", headroom.available, headroom.binding),
///     Err(error) => println!("not known: {error}"),
/// }
/// for error in sample.errors() {
///     println!("not read: {error}");
/// }
/// ```
#[derive(Debug)]
pub struct Sampler {
    source: system::Source,
    sample: Sample,
}

impl Sampler {
    /// Finds out what there is to read; what is not there becomes an error of each sample.
    pub fn open() -> Self {
        Self::with_source(system::Source::open())
    }

    /// Does the same with `proc` and `sys` below another folder.
    ///
    /// That is for trees of files in tests, and for the host's files in a container. The CPU
    /// time stays that of this process.
    #[cfg(target_os = "linux")]
    pub fn open_under(root: impl AsRef<std::path::Path>) -> Self {
        Self::with_source(system::Source::open_under(root.as_ref()))
    }

    fn with_source(source: system::Source) -> Self {
        Self { source, sample: Sample::empty() }
    }

    /// Reads everything; the sample is overwritten by the next one.
    pub fn sample(&mut self) -> &Sample {
        self.sample.clear_limits();
        self.source.read_into(&mut self.sample);
        self.sample.conclude();
        &self.sample
    }
}
