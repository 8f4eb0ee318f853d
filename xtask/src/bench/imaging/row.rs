//! A row of the result, and what is made of it.

use safelight_benches::{duel::Verdict, race::Role};
use safelight_stats::Interval;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    inputs::Photo,
    operation::{Operation, Targets},
    peers::Side,
};

/// An operation on a file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(in crate::bench) struct Measured {
    pub(super) operation: Operation,
    /// Where the file is.
    pub(super) path: String,
    pub(super) file: String,
    pub(super) format: String,
    pub(super) width: u32,
    pub(super) height: u32,
    /// A progressive JPEG, or an interlaced PNG.
    pub(super) is_progressive: bool,
    /// Every side that is there and has the operation, ours first.
    pub(super) sides: Vec<Figures>,
    /// The faster of libvips and Pillow.
    pub(super) compared_with: Option<Side>,
    /// Our CPU time as a multiple of that of the faster, with its interval.
    pub(super) ratio: Option<f64>,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    pub(super) target_ratio: Option<f64>,
    /// A ratio that would be better still, and that no verdict asks for.
    pub(super) stretch_ratio: Option<f64>,
    pub(super) target_rss_growth_bytes: Option<u64>,
    pub(super) target_ssim: Option<f64>,
    /// What came of each target.
    pub(super) speed: &'static str,
    pub(super) memory: &'static str,
    pub(super) likeness: &'static str,
    /// What came of all of them: `met` only where each is.
    pub(super) verdict: &'static str,
}

/// What a side came to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Figures {
    pub(super) side: Side,
    /// CPU time of a call, the median of the rounds.
    pub(super) cpu_ns: Option<f64>,
    /// Rounds that it ran in: a side that is only shown runs in three, one far behind in one.
    pub(super) n_rounds: usize,
    /// What a call adds to the peak of resident memory, over that on a tiny image.
    pub(super) rss_growth_bytes: Option<u64>,
    /// How like the reference is what it makes.
    pub(super) ssim: Option<f64>,
    /// Why a figure is missing.
    pub(super) reason: Option<String>,
}

/// Ours beside the faster of libvips and Pillow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compared {
    pub(super) with: Side,
    pub(super) ratio: f64,
    pub(super) interval: Interval,
}

impl Figures {
    /// Takes a figure, or notes why there is none.
    pub(super) fn noted<T, E: ToString>(&mut self, figure: Result<T, E>) -> Option<T> {
        figure.map_err(|error| self.reason = Some(error.to_string())).ok()
    }
}

impl Measured {
    /// Judges what was measured.
    pub(super) fn of(
        operation: Operation,
        photo: &Photo,
        targets: Targets,
        (sides, compared): (Vec<Figures>, Option<Compared>),
    ) -> Self {
        let target_ssim = targets.ssim;
        let ours = sides.iter().find(|figures| figures.side == Side::Safelight);
        let likeness =
            judge(target_ssim, ours.and_then(|ours| ours.ssim), |ssim, least| {
                least <= ssim
            });
        let target_growth = targets.growth.map(safelight_core::ByteSize::bytes);
        let growth = ours.and_then(|ours| ours.rss_growth_bytes);
        let memory = judge(target_growth, growth, |growth, most| growth <= most);
        let speed = speed(operation, &sides, (compared, targets.ratio));
        Self {
            operation,
            path: photo.path.display().to_string(),
            file: photo.name.clone(),
            format: photo.format.to_string(),
            width: photo.width,
            height: photo.height,
            is_progressive: photo.is_progressive,
            compared_with: compared.map(|compared| compared.with),
            ratio: compared.map(|compared| compared.ratio),
            low: compared.map(|compared| compared.interval.low),
            high: compared.map(|compared| compared.interval.high),
            target_ratio: targets.ratio,
            stretch_ratio: targets.stretch,
            target_rss_growth_bytes: target_growth,
            target_ssim,
            speed,
            memory,
            likeness,
            verdict: worst([speed, memory, likeness]),
            sides,
        }
    }

    /// Returns the figures of a side.
    pub(super) fn side(&self, side: Side) -> Option<&Figures> {
        self.sides.iter().find(|figures| figures.side == side)
    }

    /// Returns the verdict, and the targets that it is about unless all are met.
    pub(super) fn verdict_with_cause(&self) -> String {
        let parts =
            [("speed", self.speed), ("memory", self.memory), ("likeness", self.likeness)];
        let causes = parts.into_iter().filter(|(_, verdict)| *verdict == self.verdict);
        let causes: Vec<&str> = causes.map(|(name, _)| name).collect();
        match self.verdict {
            "-" | "met" => self.verdict.to_owned(),
            _ => format!("{}: {}", self.verdict, causes.join(", ")),
        }
    }
}

/// The verdict on a figure that has no interval.
fn judge<T: Copy>(
    target: Option<T>,
    figure: Option<T>,
    is_met: fn(T, T) -> bool,
) -> &'static str {
    match (target, figure) {
        (None, _) => "-",
        (Some(_), None) => "unresolved",
        (Some(target), Some(figure)) if is_met(figure, target) => "met",
        _ => "missed",
    }
}

/// The verdict on the ratio, which takes every rival: any may be the faster.
fn speed(
    operation: Operation,
    sides: &[Figures],
    (compared, target): (Option<Compared>, Option<f64>),
) -> &'static str {
    let Some(target) = target else { return "-" };
    let mut rivals = Side::ALL
        .into_iter()
        .filter(|side| side.role() == Role::Rival && side.has(operation));
    let has_run = |rival: Side| {
        let mut runs = sides.iter().filter(|figures| figures.side == rival);
        runs.any(|figures| figures.cpu_ns.is_some())
    };
    match compared {
        Some(compared) if rivals.all(has_run) => {
            Verdict::of(compared.interval, target).name()
        }
        _ => "unresolved",
    }
}

/// Returns the verdict on several targets: what is missed is, whatever came of the others.
fn worst(verdicts: [&'static str; 3]) -> &'static str {
    let order = ["missed", "unresolved", "inconclusive", "met"];
    order.into_iter().find(|verdict| verdicts.contains(verdict)).unwrap_or("-")
}
