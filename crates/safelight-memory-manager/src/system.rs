use safelight_core::{ByteSize, Share, SystemClock};
use safelight_probe::{Headroom, ProbeError, Sampler};

use crate::{Control, Driver, Permits, Reading};

impl Reading {
    /// Reads off the limit that binds; `None` where its usage is not known.
    ///
    /// ```
    /// use safelight_memory_manager::{ByteSize, Reading};
    /// use safelight_probe::{Binding, Headroom, Limit};
    ///
    /// let host = Limit::new(Binding::Host, ByteSize::gib(4), ByteSize::gib(3));
    /// let reading = Headroom::of(&[host]).as_ref().and_then(Reading::of);
    /// let expected = Reading { limit: ByteSize::gib(4), used: ByteSize::gib(3) };
    /// assert_eq!(reading, Some(expected));
    /// ```
    pub fn of(headroom: &Headroom) -> Option<Self> {
        // Zero would be a limit that is not known, and one that allows nothing is none.
        let limit = headroom.limit.max(ByteSize::from_bytes(1));
        headroom.used.map(|used| Self { limit, used })
    }
}

impl Permits {
    /// Makes permits for a part of the memory that this machine, or container, lets us have.
    ///
    /// The capacity is that part of the limit that binds, less what is used of it now. What
    /// the rest of the limit is for: what the allocator retains, stacks, and what others
    /// take later. Where it is not known what is used, that counts as nothing. 80 % is a part that `cargo xtask test-oom` of the workspace tries out.
    ///
    /// ```
    /// use safelight_memory_manager::{Permits, Share};
    ///
    /// match Permits::of_machine(Share::new(0.8)) {
    ///     Ok(permits) => println!("{}", permits.usage()),
    ///     Err(error) => println!("give a capacity yourself: {error}"),
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// When not one limit can be read.
    pub fn of_machine(part: Share) -> Result<Self, ProbeError> {
        Self::of_sampler(&mut Sampler::open(), part)
    }

    /// Does the same with a sampler that is open already, or looks elsewhere.
    ///
    /// See [`Permits::of_machine`] for an example.
    ///
    /// # Errors
    ///
    /// When not one limit can be read.
    pub fn of_sampler(sampler: &mut Sampler, part: Share) -> Result<Self, ProbeError> {
        let headroom = sampler.sample().headroom.as_ref().map_err(ProbeError::clone)?;
        let used = headroom.limit - headroom.available;
        let planned = (headroom.limit.bytes() as f64 * part.get()) as u64;
        Ok(Self::new(ByteSize::from_bytes(planned) - used))
    }
}

impl Driver {
    /// Starts the thread with the readings and the clock of this machine.
    ///
    /// It reads the limit that leaves least: that of the host, or of a control group above
    /// this process.
    ///
    /// ```
    /// use safelight_memory_manager::{ByteSize, Config, Control, Driver, Permits};
    ///
    /// let control = Control::new(Permits::new(ByteSize::gib(1)), Config::default());
    /// match Driver::start_system(control) {
    ///     Ok(driver) => println!("memory is {} now", driver.level()),
    ///     Err(error) => println!("not watched: {error}"),
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// When not one limit can be read.
    ///
    /// # Panics
    ///
    /// When the system cannot start a thread.
    pub fn start_system(control: Control) -> Result<Self, ProbeError> {
        Self::start_sampler(control, Sampler::open())
    }

    /// Does the same with a sampler that is open already, or looks elsewhere.
    ///
    /// See [`Driver::start_system`] for an example.
    ///
    /// # Errors
    ///
    /// When not one limit can be read.
    ///
    /// # Panics
    ///
    /// When the system cannot start a thread.
    pub fn start_sampler(
        control: Control,
        mut sampler: Sampler,
    ) -> Result<Self, ProbeError> {
        sampler.sample().headroom.as_ref().map_err(ProbeError::clone)?;
        let read = move || {
            let headroom = sampler.sample().headroom.as_ref();
            headroom.ok().and_then(Reading::of)
        };
        Ok(Self::start(control, SystemClock, read))
    }
}
