use crate::{Error, Info, error::Kind};

/// What becomes of an animation where a still image is made of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Animation {
    /// The first frame is taken; of an animated PNG the still image.
    #[default]
    FirstFrame,
    /// The image is refused, with an error that says so ([`Error::is_animated`]).
    ///
    /// That is on the header alone, before anything is decoded.
    Refuse,
}

impl Animation {
    /// Refuses what [`validate`](crate::validate) finds to be animated, if that is wanted.
    pub(crate) fn check(self, info: &Info) -> Result<(), Error> {
        match (self, info.n_frames) {
            (Self::Refuse, Some(n_frames)) => {
                Err(Kind::Animated(info.format, n_frames).into())
            }
            _ => Ok(()),
        }
    }
}
