//! Taking in an image from a stranger.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header::CONTENT_LENGTH},
};
use http_body_util::BodyExt;
use safelight::{ByteSize, memory_manager::Permit};
use tokio::time::timeout;

use crate::{
    failure::Failure,
    server::{Server, refused},
};

/// What an upload gets to begin with.
const FIRST: usize = 64 << 10;

/// Who sends more slowly than this would keep memory from others.
const LONGEST: Duration = Duration::from_secs(30);

/// What was sent, and the memory for it.
pub(crate) struct Upload {
    pub(crate) bytes: Vec<u8>,
    permit: Option<Permit>,
    limit: usize,
}

/// Takes in a body, piece by piece, as far as the limit and memory go.
pub(crate) async fn receive(
    server: &Server,
    headers: &HeaderMap,
    mut body: Body,
) -> Result<Upload, Failure> {
    let limit = usize::try_from(server.max_upload.bytes()).unwrap_or(usize::MAX);
    // Who says that it is too long need not send it.
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let length = length.and_then(|length| length.parse::<usize>().ok());
    if length.is_some_and(|length| limit < length) {
        return Err(too_long(limit));
    }
    // It comes first, so that few uploads hold memory while they wait for more.
    let _place = server.arrive()?;
    let first = FIRST.min(limit);
    let permit = server.reserve("upload", ByteSize::from_len(first)).await?;
    let mut upload = Upload { bytes: Vec::with_capacity(first), permit, limit };
    let take_in = async {
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| Failure::bad_request(error.to_string()))?;
            if let Ok(piece) = frame.into_data() {
                upload.push(&piece)?;
            }
        }
        Ok(upload)
    };
    timeout(LONGEST, take_in).await.unwrap_or_else(|_| Err(Failure::too_slow(LONGEST)))
}

impl Upload {
    fn push(&mut self, piece: &Bytes) -> Result<(), Failure> {
        let len = self.bytes.len() + piece.len();
        if self.limit < len {
            return Err(too_long(self.limit));
        }
        let capacity = grown(self.bytes.capacity(), len).min(self.limit);
        if self.bytes.capacity() < capacity {
            if let Some(permit) = &mut self.permit {
                let more = ByteSize::from_len(capacity - self.bytes.capacity());
                // It never waits: who holds memory and waits for more may wait for itself.
                permit.try_grow(more).map_err(|error| refused(&error))?;
            }
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }
}

/// Doubles, so that pieces are copied once on average.
pub(crate) fn grown(mut capacity: usize, len: usize) -> usize {
    while capacity < len {
        capacity = capacity.max(1).saturating_mul(2);
    }
    capacity
}

fn too_long(limit: usize) -> Failure {
    let limit = ByteSize::from_len(limit);
    Failure::too_large(format!("the upload is longer than {limit}"))
}
