//! The routes that make thumbnails.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::{Path, Query, State},
    http::{
        HeaderMap, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG},
    },
    response::{IntoResponse, Response},
};
use safelight::{ByteSize, Encoded, Safelight, Shared, SourceId, memory_manager::Permit};
use tokio::{sync::OwnedSemaphorePermit, task::spawn_blocking};

use crate::{
    etag::ETag, failure::Failure, parameters::Parameters, server::Server, upload,
};

/// Browsers ask again after a minute, and mostly hear 304.
const FRESH: &str = "public, max-age=60, must-revalidate";

/// Answers with a thumbnail of an original, or that the one that is known is still right.
pub(crate) async fn of_original(
    State(server): State<Arc<Server>>,
    Path(name): Path<String>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (fit, target) = (parameters.fit()?, parameters.format.target());
    let path = server.originals.path_of(&name)?;
    let looked_at = path.clone();
    let id = spawn_blocking(move || SourceId::file(looked_at)).await??;
    let etag = ETag::new(&id, &parameters);
    let known = [(ETAG, etag.to_string()), (CACHE_CONTROL, FRESH.to_owned())];
    if etag.is_known(&headers) {
        return Ok((StatusCode::NOT_MODIFIED, known).into_response());
    }
    let place = server.enter()?;
    let made =
        work(&server, place, move |s| s.thumbnail_file(&path, fit, target)).await?;
    // Only now is it known that there is one.
    if ETag::is_any_known(&headers) {
        return Ok((StatusCode::NOT_MODIFIED, known).into_response());
    }
    let answer = answer(&server, made, &parameters).await?;
    Ok((known, answer).into_response())
}

/// Answers with a thumbnail of what is sent.
pub(crate) async fn of_upload(
    State(server): State<Arc<Server>>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let (fit, target) = (parameters.fit()?, parameters.format.target());
    let upload = upload::receive(&server, &headers, body).await?;
    let place = server.enter()?;
    let shrink = move |safelight: &Safelight| {
        // All of it: with its bytes alone the permit would stay with the request, which may
        // be gone before the work is, or wait for more memory after it.
        let upload = upload;
        safelight.thumbnail_file(&upload.bytes, fit, target)
    };
    let made = work(&server, place, shrink).await?;
    let answer = answer(&server, made, &parameters).await?;
    Ok(([(CACHE_CONTROL, "no-store")], answer).into_response())
}

/// Works on a thread that may block, as decoding does; the place is kept until it ends.
async fn work(
    server: &Server,
    place: OwnedSemaphorePermit,
    shrink: impl FnOnce(&Safelight) -> Result<Shared<Encoded>, safelight::Error>
    + Send
    + 'static,
) -> Result<Shared<Encoded>, Failure> {
    let safelight = server.safelight.clone();
    let made = spawn_blocking(move || {
        let _place = place;
        shrink(&safelight)
    });
    Ok(made.await??)
}

/// Takes memory for what is sent, since the cache may let go of it meanwhile.
async fn answer(
    server: &Server,
    encoded: Shared<Encoded>,
    parameters: &Parameters,
) -> Result<impl IntoResponse + use<>, Failure> {
    let len = ByteSize::from_len(encoded.bytes.len());
    let permit = server.reserve("answer", len).await?;
    let bytes = Bytes::from_owner(Answer { encoded, _permit: permit });
    Ok(([(CONTENT_TYPE, parameters.format.media_type())], bytes))
}

/// Bytes that are sent without a copy, and the memory for them until they are.
struct Answer {
    encoded: Shared<Encoded>,
    _permit: Option<Permit>,
}

impl AsRef<[u8]> for Answer {
    fn as_ref(&self) -> &[u8] {
        &self.encoded.bytes
    }
}
