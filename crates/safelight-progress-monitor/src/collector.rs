use std::{
    collections::VecDeque,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use safelight_core::{ByteSize, Observer};

use crate::{
    Alert, AlertKind, Cause, Config, ConfigError, Entry, Event, Frame, Measure, Monitor,
    Notice, PastLook, Reading,
    alarms::Alarms,
    bounded::Bounded,
    hub::Hub,
    measures::Measures,
    pace::{Load, Pace},
};

mod counts;
mod display;
mod excuse;
mod moment;
mod process;
mod pulse;
mod queue;
mod registry;
mod reload;
#[cfg(test)]
mod tests;
mod tracking;

use self::{
    display::DisplayWatch,
    moment::Moment,
    process::ProcessWatch,
    registry::{Detail, Registry},
};

/// Looks at the trackers and says what is to be shown, what is wrong, and when to look again.
///
/// It is a state machine: a moment and a reading go in, a [`Frame`] comes out. It starts no
/// thread and asks no clock; [`Driver`](crate::Driver) does that for it.
///
/// ```
/// use std::time::Duration;
///
/// use safelight_progress_monitor::{
///     Clock, Collector, Config, ManualClock, Monitor, Reading,
/// };
///
/// let clock = ManualClock::new();
/// let monitor = Monitor::with_clock(clock.clone());
/// let mut collector = Collector::new(&monitor, Config::default())?;
/// let tracker = monitor.tracker("thumbnails");
/// tracker.set_total(100);
///
/// for _ in 0..10 {
///     clock.advance(Duration::from_secs(1));
///     tracker.add(5);
///     collector.step(clock.now(), &Reading::default());
/// }
/// let shown = &collector.frame().trackers[0];
/// assert_eq!(shown.n_done, 50);
/// assert_eq!(shown.rate.unwrap().to_string(), "5.0/s");
/// assert_eq!(shown.eta, Some(Duration::from_secs(10)));
/// # Ok::<(), safelight_progress_monitor::ConfigError>(())
/// ```
pub struct Collector {
    hub: Arc<Hub>,
    config: Config,
    registry: Registry,
    process: ProcessWatch,
    alarms: Alarms,
    measures: Measures,
    pace: Pace,
    display: DisplayWatch,
    history: Bounded<PastLook>,
    observer: Arc<dyn Observer<Event>>,
    /// What the observer is still to be told.
    untold: VecDeque<Event>,
    n_panics: u64,
    /// Whether nobody looked for a while.
    is_resumed: bool,
    /// Whether something new ended its sleep.
    is_roused: bool,
    begun: Option<Instant>,
    /// Whether the latest look saw anything new.
    had_news: bool,
    /// What the sinks took for the latest frame.
    shown_in: Duration,
    /// Shared with who shows it.
    frame: Arc<Frame>,
}

impl Collector {
    /// Makes one that looks at the trackers of this monitor.
    ///
    /// # Errors
    ///
    /// When the configuration cannot be meant; see [`Config::check`].
    pub fn new(monitor: &Monitor, config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self {
            hub: Arc::clone(&monitor.hub),
            registry: Registry::default(),
            process: ProcessWatch::default(),
            alarms: Alarms::new(config.n_journal, config.n_notices),
            measures: Measures::new(config.n_journal),
            pace: Pace::new(&config),
            display: DisplayWatch::default(),
            history: Bounded::new(config.n_history),
            observer: Arc::new(()),
            untold: VecDeque::new(),
            n_panics: 0,
            is_resumed: false,
            is_roused: false,
            begun: None,
            had_news: false,
            shown_in: Duration::ZERO,
            frame: Arc::new(Frame::new(monitor.hub.clock.now(), config.start)),
            config,
        })
    }

    /// Tells this observer of all notices and measures, also of those that no frame holds.
    ///
    /// What it was not told because it panicked it is told at the next look.
    #[must_use]
    pub fn with_observer(self, observer: impl Observer<Event> + 'static) -> Self {
        Self { observer: Arc::new(observer), ..self }
    }

    /// Takes a look.
    ///
    /// It should come [`interval`](Self::interval) after the one before. If it comes much
    /// later although there is something new to show, that is an alert.
    pub fn step(&mut self, now: Instant, reading: &Reading) -> &Frame {
        self.look(now, reading);
        while let Some(event) = self.untold.pop_front() {
            self.observer.observe(&event);
        }
        &self.frame
    }

    /// Lets nobody wake it any more, as it is awake.
    ///
    /// Until then each update takes the lock of the whole monitor, so it is done before
    /// anything that may take its time.
    pub(crate) fn rise(&mut self) {
        self.registry.disarm();
        self.is_roused |= self.hub.signal.set_busy();
    }

    /// Takes a look; what the observer is to be told of it is kept.
    pub(crate) fn look(&mut self, now: Instant, reading: &Reading) {
        // Whatever comes from here on counts as news for the next look.
        self.rise();
        let is_roused = std::mem::take(&mut self.is_roused);
        let is_first = self.begun.is_none();
        let begun = *self.begun.get_or_insert(now);
        let before = if is_first { now } else { self.frame.at };
        if self.is_resumed {
            self.process.resume();
            self.registry.resume();
        }
        let frame = Arc::make_mut(&mut self.frame);
        frame.begin(now);
        frame.elapsed = now.saturating_duration_since(begun);
        frame.cause = if is_roused { Cause::Woken } else { Cause::Due };
        let has_counted = self.look_at_work(before, now);
        self.process.step(reading, now, &self.config, &mut self.alarms);
        self.look_at_display(before, now, has_counted);
        self.take_measures(now);
        self.had_news |= has_counted || is_roused;
        let has_news = self.had_news;
        if !is_first && !self.is_resumed {
            self.pace.step(self.load(has_news, before, now));
        }
        self.is_resumed = false;
        self.complete(reading);
        self.note(now);
    }

    /// Returns the observer, and what it is to be told.
    pub(crate) fn take_untold(&mut self) -> (Arc<dyn Observer<Event>>, VecDeque<Event>) {
        (Arc::clone(&self.observer), std::mem::take(&mut self.untold))
    }

    /// Says that nobody looked for a while, which is no lateness and no silence.
    pub(crate) fn resume(&mut self) {
        self.is_resumed = self.begun.is_some();
    }

    /// Returns the latest frame for one who shows it while others ask.
    pub(crate) fn shared_frame(&self) -> Arc<Frame> {
        Arc::clone(&self.frame)
    }

    pub(crate) fn note_panics(&mut self, n_panics: u64) {
        self.n_panics += n_panics;
    }

    /// Returns how often its driver caught a panic of `read` or of the observer.
    pub fn n_panics(&self) -> u64 {
        self.n_panics
    }

    /// Returns the latest frame.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Returns the time until the next look, if nothing new comes after idleness.
    pub fn interval(&self) -> Duration {
        self.pace.interval()
    }

    /// Returns the settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Says how long the sinks took for the latest frame, and whether they panicked.
    ///
    /// Where that is a large part of the interval, frames come less often.
    pub fn note_shown(&mut self, took: Duration, n_panics: u64) {
        self.shown_in = took;
        Arc::make_mut(&mut self.frame).own.n_sink_panics += n_panics;
    }

    /// Gets ready for a sleep that the next update ends; says whether one may sleep.
    ///
    /// Each count is armed and then read once more. An update that came before it was armed
    /// is seen by that, and one that comes after it sees that it is armed. An update on
    /// another processor may be so new that neither holds: it is under way for less than a
    /// microsecond, so the driver looks once more a millisecond later.
    pub(crate) fn arm(&mut self) -> bool {
        self.hub.signal.set_idle();
        self.registry.arm();
        if cfg!(shuttle) && option_env!("WEAKENED").is_some() {
            return true;
        }
        !self.has_news()
    }

    /// Whether the latest look saw anything new.
    pub(crate) fn had_news(&self) -> bool {
        self.had_news
    }

    /// Whether something is there that the latest frame does not have.
    pub(crate) fn has_news(&self) -> bool {
        self.registry.has_news(&self.hub)
    }

    /// Returns the alerts that are open, all of them.
    pub fn open_alerts(&self) -> Vec<&Alert> {
        self.alarms.open()
    }

    /// Returns how many alerts of this kind ever began.
    pub fn n_raised(&self, kind: AlertKind) -> u64 {
        self.alarms.n_raised(kind)
    }

    /// Returns the latest notices, the oldest first.
    pub fn notices(&self) -> impl ExactSizeIterator<Item = &Notice> {
        self.alarms.journal()
    }

    /// Returns the latest measures that were taken or undone, the oldest first.
    pub fn journal(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.measures.journal()
    }

    /// Returns the latest looks, the oldest first.
    pub fn history(&self) -> impl ExactSizeIterator<Item = &PastLook> {
        self.history.iter()
    }

    /// Returns what was counted so far, by whatever unit.
    ///
    /// That is the sum of all trackers, children and those that are gone included: where
    /// a job counts images and its child counts rows, it is neither. What one tracker counted
    /// is [`Tracker::n_done`](crate::Tracker::n_done).
    pub fn n_done(&self) -> u64 {
        self.registry.n_done()
    }

    /// Returns the memory of collector, trackers and gauges, added up from their parts.
    ///
    /// That includes the cells of all threads that count: less than half a KiB for each
    /// thread and tracker it counts in. What the allocator adds, and what sinks hold, is not
    /// in it.
    pub fn footprint(&self) -> ByteSize {
        ByteSize::from_len(
            size_of::<Self>()
                + self.hub.heap_bytes()
                + self.registry.heap_bytes()
                + self.display.heap_bytes()
                + self.alarms.heap_bytes()
                + self.measures.heap_bytes()
                + self.history.heap_bytes()
                + self.frame.heap_bytes(),
        )
    }

    /// Looks at trackers and queues; says whether anything was counted.
    fn look_at_work(&mut self, before: Instant, now: Instant) -> bool {
        self.had_news = self.registry.refresh(&self.hub);
        let is_low = self.measures.is_in_force(Measure::LowerDetail);
        let detail = if is_low { Detail::Low } else { Detail::Full };
        let moment = Moment::new(before, now, &self.config);
        let frame = Arc::make_mut(&mut self.frame);
        let mut has_news = self.registry.look(&moment, detail, &mut self.alarms, frame);
        self.registry.remove_finished(&self.hub, now, &mut self.alarms);
        for queue in self.registry.queues() {
            has_news |= queue.has_news();
            frame.queues.extend(queue.step(now, &self.config, &mut self.alarms));
        }
        self.registry.forget_queues();
        has_news
    }

    /// Looks whether this frame comes in time; where nothing is new nobody waits for it.
    fn look_at_display(&mut self, before: Instant, now: Instant, has_news: bool) {
        let waited = now.saturating_duration_since(before);
        let lateness = if self.is_resumed {
            Duration::ZERO
        } else {
            waited.saturating_sub(self.pace.interval())
        };
        self.display.step(lateness, has_news, now, &self.config, &mut self.alarms);
        let frame = Arc::make_mut(&mut self.frame);
        frame.own.lateness = if has_news { lateness } else { Duration::ZERO };
    }

    fn take_measures(&mut self, now: Instant) {
        let n_most = self.config.n_notices;
        let frame = Arc::make_mut(&mut self.frame);
        let n_dropped = self.hub.receive(&mut frame.messages);
        // The last words are the ones that are wanted.
        let n_over = frame.messages.len().saturating_sub(n_most);
        frame.messages.drain(..n_over);
        frame.n_more_messages = n_dropped + n_over as u64;
        let has_storm = self.alarms.has_storm() || 0 < frame.n_more_messages;
        frame.n_more_notices =
            self.alarms.take_fresh(&mut frame.notices, &mut self.untold);
        let untold = &mut self.untold;
        let told = |entry| untold.push_back(Event::Measure(entry));
        self.measures.step(&self.alarms, has_storm, now, told);
    }

    /// Says what the next interval depends on.
    fn load(&self, has_news: bool, before: Instant, now: Instant) -> Load {
        // What is beyond all times asks for the longest one.
        let longest = self.config.longest;
        let time = |secs| Duration::try_from_secs_f64(secs).unwrap_or(longest);
        let by_sinks = time(self.shown_in.as_secs_f64() / self.config.sink_share.get());
        let by_cpu = self.process.own.cores.map_or(Duration::ZERO, |used| {
            let interval = now.saturating_duration_since(before);
            time(interval.as_secs_f64() * (used.get() / self.config.own_cpu.get()))
        });
        let is_stressed = self.measures.is_in_force(Measure::WidenInterval);
        // Idle looks cost so little that they need no rule.
        let by_cpu = if has_news { by_cpu } else { Duration::ZERO };
        Load { has_news, is_stressed, floor: by_sinks.max(by_cpu) }
    }

    fn complete(&mut self, reading: &Reading) {
        let frame = Arc::make_mut(&mut self.frame);
        frame.interval = self.pace.interval();
        frame.n_open_alerts = self.alarms.n_open();
        frame.measures.extend(self.measures.in_force());
        frame.rss = reading.rss;
        frame.cpu = self.process.cpu.cores;
        frame.own.cpu = self.process.own.cores;
    }

    /// Writes the look into the history.
    fn note(&mut self, now: Instant) {
        let depths = self.frame.queues.iter().map(|queue| queue.depth);
        let n_waiting = depths.fold(0, u64::saturating_add);
        self.history.push(PastLook {
            at: now,
            interval: self.frame.interval,
            n_done: self.registry.n_done(),
            n_in_flight: self.frame.n_in_flight,
            n_waiting,
            rss: self.frame.rss,
            cpu: self.frame.cpu,
            own_cpu: self.frame.own.cpu,
        });
    }

    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").field("frame", &self.frame).finish_non_exhaustive()
    }
}
