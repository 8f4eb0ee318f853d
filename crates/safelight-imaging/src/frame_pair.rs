use crate::Severity;

mod check;
mod finding;
mod outline;
mod repair;
mod resolution;
mod rules;

pub use check::PairCheck;
pub use finding::{Frame, PairCode, PairFinding};
pub use outline::Outline;
pub use repair::{Repair, Repairs};
pub use resolution::Resolution;
pub use rules::{Opacity, PairRules, Presence, Reshape};

/// The frames between which a video is to be made, of which only the headers are needed.
///
/// ```
/// use safelight_imaging::{
///     Frame, FramePair, Layout, PairCode, PairRules, Pixels, Resolution,
/// };
///
/// let start = Pixels::new(640, 360, Layout::Rgb8, vec![0; 640 * 360 * 3])?;
/// let end = Pixels::new(400, 400, Layout::Rgba8, vec![0; 400 * 400 * 4])?;
///
/// let rules = PairRules::default();
/// let check = FramePair::new(&start, &end).check(&rules);
/// assert_eq!(check.target, Some(Resolution::new(1280, 720)));
/// for finding in &check.findings {
///     println!("{finding}");
/// }
/// assert!(check.has(Frame::End, PairCode::Aspect));
///
/// let start = check.repairs_of(Frame::Start).apply(start)?;
/// let end = check.repairs_of(Frame::End).apply(end)?;
/// assert!(FramePair::new(&start, &end).check(&rules).findings.is_empty());
/// # Ok::<(), safelight_imaging::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FramePair {
    start: Option<Outline>,
    end: Option<Outline>,
}

impl FramePair {
    /// Takes both frames, each as an [`Info`](crate::Info) or as [`Pixels`](crate::Pixels).
    pub fn new(start: impl Into<Outline>, end: impl Into<Outline>) -> Self {
        Self::default().with_start(start).with_end(end)
    }

    /// Sets the start frame.
    #[must_use]
    pub fn with_start(self, start: impl Into<Outline>) -> Self {
        Self { start: Some(start.into()), ..self }
    }

    /// Sets the end frame.
    #[must_use]
    pub fn with_end(self, end: impl Into<Outline>) -> Self {
        Self { end: Some(end.into()), ..self }
    }

    /// Compares the frames with the rules and with each other; returns all findings.
    ///
    /// Both frames are compared with one target: the resolution of the rules that is
    /// nearest to the start frame, or to the end frame if that is the only one.
    pub fn check(&self, rules: &PairRules) -> PairCheck {
        let usable = self.usable(rules);
        let target = usable.target(rules);
        let mut findings = Vec::new();
        for frame in [Frame::Start, Frame::End] {
            match (self.outline(frame), rules.presence(frame)) {
                (None, Presence::Required) => findings.push(PairFinding::missing(frame)),
                (Some(outline), Presence::Refused) => {
                    findings.push(PairFinding::unwanted(frame, outline));
                }
                (Some(outline), _) => {
                    let other = usable.outline(frame.other());
                    findings.extend(colors(frame, outline, other, rules));
                    findings.extend(
                        target.and_then(|target| size(frame, outline, target, rules)),
                    );
                }
                (None, _) => {}
            }
        }
        PairCheck { target, findings }
    }

    fn outline(&self, frame: Frame) -> Option<Outline> {
        match frame {
            Frame::Start => self.start,
            Frame::End => self.end,
        }
    }

    /// Leaves out what the rules do not take, so that it does not count for the other.
    fn usable(&self, rules: &PairRules) -> Self {
        let unless_refused = |frame| {
            self.outline(frame).filter(|_| rules.presence(frame) != Presence::Refused)
        };
        Self { start: unless_refused(Frame::Start), end: unless_refused(Frame::End) }
    }

    /// Returns what both frames must have the size of.
    fn target(&self, rules: &PairRules) -> Option<Resolution> {
        let Outline { width, height, .. } = self.start.or(self.end)?;
        let nearest = rules.nearest(width, height);
        Some(nearest.unwrap_or(Resolution::new(width, height)))
    }
}

/// Looks at what the pixels of a frame mean, in the order in which it is mended.
fn colors(
    frame: Frame,
    outline: Outline,
    other: Option<Outline>,
    rules: &PairRules,
) -> Vec<PairFinding> {
    let new = |code, severity, found: &str, wanted: &str, repair| PairFinding {
        code,
        severity,
        frame,
        found: found.to_owned(),
        wanted: wanted.to_owned(),
        repairs: vec![repair],
    };
    let mut findings = Vec::new();
    if outline.has_profile {
        let (found, wanted) = ("an ICC profile", "sRGB, which video is made in");
        let repair = Repair::ToSrgb;
        let severity = Severity::Warning;
        findings.push(new(PairCode::Profile, severity, found, wanted, repair));
    }
    let wanted = match rules.opacity {
        Opacity::Refused => Some("opaque pixels"),
        Opacity::Same if other.is_some_and(|other| !other.has_alpha) => {
            Some("opaque pixels, as in the other frame")
        }
        Opacity::Same => None,
    };
    if let Some(wanted) = wanted.filter(|_| outline.has_alpha) {
        let repair = Repair::Flatten { background: rules.background };
        let (code, found) = (PairCode::Alpha, "transparency");
        findings.push(new(code, Severity::Error, found, wanted, repair));
    }
    if outline.is_gray && other.is_some_and(|other| !other.is_gray) {
        let (found, wanted) = ("gray pixels", "color, as in the other frame");
        let repair = Repair::ToRgb;
        findings.push(new(PairCode::Color, Severity::Error, found, wanted, repair));
    }
    findings
}

/// Looks at the size of a frame; the right aspect alone is not enough.
fn size(
    frame: Frame,
    outline: Outline,
    target: Resolution,
    rules: &PairRules,
) -> Option<PairFinding> {
    let Outline { width, height, .. } = outline;
    let own = Resolution::new(width, height);
    if own == target {
        return None;
    }
    let severity = Severity::Error;
    if own.stretch_to(target) <= 1.0 + rules.tolerance.get() {
        return Some(PairFinding {
            code: PairCode::Size,
            severity,
            frame,
            found: format!("{own} pixels"),
            wanted: target.to_string(),
            repairs: vec![Repair::Scale { to: target }],
        });
    }
    let crop = Repair::Crop { to: target };
    let pad = Repair::Pad { to: target, color: rules.bars };
    Some(PairFinding {
        code: PairCode::Aspect,
        severity,
        frame,
        found: format!("an aspect of {:.3} ({own} pixels)", own.aspect()),
        wanted: format!("{:.3} ({target})", target.aspect()),
        repairs: match rules.reshape {
            Reshape::Crop => vec![crop, pad],
            Reshape::Pad => vec![pad, crop],
        },
    })
}
