use safelight_cache::{Class, Operation};
use safelight_core::ByteSize;
use safelight_imaging::{Frame, FramePair, Info, PairCheck, PairFinding, Repair};

use crate::{
    Error, Input, Safelight, Shared, error::Cause, images::HEADER, job::Need,
    stored::Weight,
};

const FRAME_PAIR: Operation = Operation::new("frame pair", 1);

impl Safelight {
    /// Compares the start and the end frame of a video to be made with the rules of the
    /// configuration (`frames.*`), and with each other.
    ///
    /// Only the headers are read. Each finding comes with what mends it:
    /// [`PairCheck::repairs_of`] has the repairs of a frame in their order, to be applied to
    /// its pixels.
    ///
    /// ```
    /// use safelight::{
    ///     Input, Safelight, Target,
    ///     imaging::{Frame, Layout, Limits, PairCode, Pixels, Source, decode, encode},
    /// };
    ///
    /// let mut start = Vec::new();
    /// let pixels = Pixels::new(64, 64, Layout::Rgba8, vec![200; 64 * 64 * 4])?;
    /// encode(&pixels, Target::Png, &mut start)?;
    ///
    /// let safelight = Safelight::builder().start()?;
    /// let check = safelight.frame_pair(Some(Input::bytes(&start)), None)?;
    /// assert!(check.has(Frame::Start, PairCode::Alpha));
    ///
    /// let pixels = decode(Source::from_slice(&start), &Limits::default())?;
    /// let mended = check.repairs_of(Frame::Start).apply(pixels)?;
    /// assert_eq!((mended.width(), mended.height()), (1024, 1024));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the header of a frame cannot be read, which names the frame, or the job is not
    /// admitted in time; that a frame is missing is a finding.
    pub fn frame_pair(
        &self,
        start: Option<Input<'_>>,
        end: Option<Input<'_>>,
    ) -> Result<Shared<PairCheck>, Error> {
        let (rules, version) = self.parts().frames.get();
        let id = |input: Option<Input<'_>>, frame| {
            let id = input.map(|input| input.id()).transpose();
            id.map_err(|error| failed(frame, error))
        };
        let key =
            || Ok::<_, Error>((id(start, Frame::Start)?, id(end, Frame::End)?, version));
        let need = || {
            let memory = Some(HEADER.saturating_mul(2));
            Ok::<_, Error>(Need { memory, ..Need::default() })
        };
        let work = || {
            let mut pair = FramePair::default();
            if let Some(start) = start {
                pair = pair.with_start(&header(start, Frame::Start)?);
            }
            if let Some(end) = end {
                pair = pair.with_end(&header(end, Frame::End)?);
            }
            Ok::<_, Error>(pair.check(&rules))
        };
        self.job(FRAME_PAIR).run_weighed(key, need, work, |check| Weight {
            heap: check.findings.iter().map(heap_of).sum(),
            class: Class::Small,
        })
    }
}

fn header(input: Input<'_>, frame: Frame) -> Result<Info, Error> {
    let header = input.open().and_then(safelight_imaging::inspect);
    header.map_err(|error| failed(frame, error))
}

fn failed(frame: Frame, cause: impl Into<Cause>) -> Error {
    let operation = match frame {
        Frame::Start => "frame pair, start frame",
        Frame::End => "frame pair, end frame",
    };
    Error::of_work(operation, cause.into())
}

fn heap_of(finding: &PairFinding) -> ByteSize {
    let texts = finding.found.capacity() + finding.wanted.capacity();
    let repairs = finding.repairs.capacity() * size_of::<Repair>();
    ByteSize::from_len(size_of_val(finding) + texts + repairs)
}
