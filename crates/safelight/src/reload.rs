use std::sync::atomic::Ordering::Relaxed;

use crate::{
    Capacity, Config, Error, Safelight,
    actions::{Actions, Knob, Mode},
    builder::nanos,
    error::Kind,
    safelight::{Parts, lock},
    turning::Turn,
};

/// Keys that are read once, when it starts.
const FIXED: [&str; 11] = [
    "profiler.enabled",
    "cache.enabled",
    "cache.small_bytes",
    "cache.policy",
    "cache.ttl",
    "memory.enabled",
    "progress.enabled",
    "progress.start",
    "progress.n_history",
    "progress.n_journal",
    "progress.n_notices",
];

impl Safelight {
    /// Changes limits and thresholds while it runs.
    ///
    /// Nothing is lost: jobs go on, results stay as far as they fit, and journals go on.
    /// What was done about alerts to a setting that changes is forgotten.
    ///
    /// Caches and permits have their new limits when it returns, but for one case: where an
    /// action or another reload is at it on another thread, that thread sets them right after.
    ///
    /// All settings are those of the new configuration: where it is read from TOML, a key that
    /// is not there has its default, not its present value.
    ///
    /// ```
    /// use safelight::{ByteSize, Config, Safelight};
    ///
    /// let safelight = Safelight::builder().start()?;
    /// let mut config = safelight.config();
    /// config.jobs.bytes = ByteSize::mib(32);
    /// safelight.reload(config)?;
    /// let error = safelight.reload(Config::from_toml("[cache]\npolicy = 'lru'")?).unwrap_err();
    /// assert_eq!(error.key(), Some("cache.policy"));
    /// # Ok::<(), safelight::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When a value is not possible, or one changes that is read only at the start: whether
    /// a part or actions are on, `cache.small_bytes`, `cache.policy`, `cache.ttl`, a
    /// `memory.capacity` that is a part, `progress.start` and the lengths of `progress`. The
    /// error says which [key](Error::key), and nothing is changed.
    pub fn reload(&self, config: Config) -> Result<(), Error> {
        config.check()?;
        let parts = self.parts();
        let mut current = lock(&parts.config);
        check_fixed(&current, &config)?;
        decide(parts, &config);
        *current = config;
        drop(current);
        parts.carry_out();
        // Of two calls at once the later one's settings come last, in both orders.
        self.with_drivers(|drivers| drivers.set_config(&self.config()));
        parts.signs.wake();
        Ok(())
    }
}

fn check_fixed(current: &Config, config: &Config) -> Result<(), Error> {
    let is_changed = |name: &&str| {
        let key = Config::keys().iter().find(|key| key.name() == *name);
        key.is_some_and(|key| key.value(current) != key.value(config))
    };
    let mut changed = FIXED.into_iter().find(is_changed);
    let capacity = |config: &Config| config.memory.map(|memory| memory.capacity);
    if capacity(current) != capacity(config)
        && !matches!(capacity(config), Some(Capacity::Bytes(_)))
    {
        changed = changed.or(Some("memory.capacity"));
    }
    let is_off = |config: &Config| config.actions.mode == Mode::Off;
    if is_off(current) != is_off(config) {
        changed = changed.or(Some("actions.mode"));
    }
    match changed {
        None => Ok(()),
        Some(key) => {
            let problem = "cannot change while it runs; stop and start anew".to_owned();
            Err(Kind::Config { key: key.to_owned(), line: None, problem }.into())
        }
    }
}

/// Sets what is plain data, and says what else is to be done.
fn decide(parts: &Parts, config: &Config) {
    parts.job_bytes.store(config.jobs.bytes.bytes(), Relaxed);
    parts.rules.set(&config.images);
    parts.frames.set(&config.frames);
    let mut actions = lock(&parts.actions);
    set_bases(&mut actions, parts, config);
    if let Some(Capacity::Bytes(bytes)) = config.memory.map(|memory| memory.capacity) {
        parts.turning.push([Turn::Capacity(bytes)]);
    }
    parts
        .turning
        .push(config.cache.map(|cache| Turn::CacheEntries(cache.limits.entries)));
    // What actions have turned stays turned where its setting is the same as before.
    let knobs = [Knob::CacheBytes, Knob::Jobs, Knob::Patience];
    let turns = knobs.map(|knob| Some(Turn::Knob(knob, actions.value(knob)?)));
    parts.turning.push(turns.into_iter().flatten());
}

/// Says what the knobs of actions start from.
pub(crate) fn set_bases(actions: &mut Actions, parts: &Parts, config: &Config) {
    actions.set_config(config.actions);
    if let (Some(_), Some(settings)) = (&parts.cache, config.cache) {
        let bytes = settings.limits.bytes;
        let most = config.memory.and_then(|memory| memory.cache_most);
        let most = most.unwrap_or(bytes).max(bytes);
        actions.set_base_and_bound(Knob::CacheBytes, bytes.bytes(), most.bytes());
    }
    actions.set_base(Knob::Jobs, config.jobs.at_once.get() as u64);
    actions.set_base(Knob::Patience, nanos(config.jobs.patience));
    actions.set_base(Knob::Purge, 0);
    if let Some(progress) = &config.progress {
        let (shortest, stressed) = (nanos(progress.shortest), nanos(progress.stressed));
        actions.set_base_and_bound(Knob::Interval, shortest, stressed);
    }
}
