use crate::Error;

use super::profile_error;

/// The ICC profile of a JPEG, which comes in numbered segments.
#[derive(Default)]
pub(in crate::decode) struct Profile {
    segments: Vec<(u8, u8, Vec<u8>)>,
}

impl Profile {
    /// Takes an APP2 segment if it is one of a profile.
    pub(in crate::decode) fn add(&mut self, segment: &[u8]) {
        let Some(rest) = segment.strip_prefix(b"ICC_PROFILE\0") else { return };
        if let [number, n_segments, data @ ..] = rest {
            self.segments.push((*number, *n_segments, data.to_vec()));
        }
    }

    /// Puts the segments together; those of a profile that is there must all be.
    pub(in crate::decode) fn finish(
        mut self,
        is_there: bool,
    ) -> Result<Option<Vec<u8>>, Error> {
        if !is_there {
            return Ok(None);
        }
        self.segments.sort_unstable_by_key(|&(number, ..)| number);
        let n_segments = self.segments.len();
        let fits = |(idx, segment): (usize, &(u8, u8, Vec<u8>))| {
            (usize::from(segment.0), usize::from(segment.1)) == (idx + 1, n_segments)
        };
        if n_segments == 0 || !self.segments.iter().enumerate().all(fits) {
            return Err(profile_error());
        }
        let data = self.segments.into_iter().flat_map(|(.., data)| data);
        Ok(Some(data.collect()))
    }
}
