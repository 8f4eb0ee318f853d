use std::sync::Arc;

use crate::track::Track;

/// What all handles of a tracker share: the tracker ends with the last of them.
#[derive(Debug)]
pub(crate) struct Ending(Arc<Track>);

impl Ending {
    pub(crate) fn new(track: Arc<Track>) -> Self {
        Self(track)
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.release();
    }
}
