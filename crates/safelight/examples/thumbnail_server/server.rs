//! What all requests share, and which route leads where.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    response::Html,
    routing::{get, post},
};
use safelight::{
    ByteSize, Safelight,
    memory_manager::{Permit, ReserveError},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{
    failure::Failure,
    metrics,
    originals::Originals,
    thumbnails::{of_original, of_upload},
};

/// What all requests share.
pub(crate) struct Server {
    pub(crate) safelight: Safelight,
    pub(crate) originals: Originals,
    pub(crate) max_upload: ByteSize,
    /// How long a request waits for memory.
    patience: Duration,
    /// A place for each request that is worked on or waits for it.
    queue: Arc<Semaphore>,
    /// A place for each upload that arrives; who sends slowly keeps nobody out of the queue.
    arriving: Arc<Semaphore>,
}

pub(crate) fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/", get(|| async { Html(include_str!("live.html")) }))
        .route("/originals", get(originals))
        .route("/thumbnails", post(of_upload))
        .route("/thumbnails/{name}", get(of_original))
        .route("/metrics", get(metrics::prometheus))
        .route("/report", get(metrics::report))
        .route("/healthz", get(|| async { "ok\n" }))
        .with_state(server)
}

async fn originals(
    State(server): State<Arc<Server>>,
) -> Result<Json<Vec<String>>, Failure> {
    Ok(Json(server.originals.names()?))
}

impl Server {
    pub(crate) fn new(
        safelight: Safelight,
        originals: Originals,
        max_upload: ByteSize,
        queue: NonZeroUsize,
    ) -> Self {
        let patience = safelight.config().jobs.patience;
        let places = || Arc::new(Semaphore::new(queue.get()));
        let (queue, arriving) = (places(), places());
        Self { safelight, originals, max_upload, patience, queue, arriving }
    }

    /// Takes a place in the queue, or says that it is full.
    pub(crate) fn enter(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let place = Arc::clone(&self.queue).try_acquire_owned();
        place.map_err(|_| Failure::busy("too many requests wait already"))
    }

    /// Takes a place for an upload, until it has arrived, or says that there is none.
    pub(crate) fn arrive(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let place = Arc::clone(&self.arriving).try_acquire_owned();
        place.map_err(|_| Failure::busy("too many uploads arrive already"))
    }

    /// Waits for memory that no job accounts for; there is nobody to ask if permits are off.
    pub(crate) async fn reserve(
        &self,
        label: &'static str,
        bytes: ByteSize,
    ) -> Result<Option<Permit>, Failure> {
        let Some(permits) = self.safelight.permits() else { return Ok(None) };
        let reserved = timeout(self.patience, permits.reserve_async(label, bytes)).await;
        match reserved {
            Ok(Ok(permit)) => Ok(Some(permit)),
            Ok(Err(error)) => Err(refused(&error)),
            Err(_) => Err(Failure::busy(format!("no memory for the {label} in time"))),
        }
    }
}

/// Says that memory was refused, for now or for good.
pub(crate) fn refused(error: &ReserveError) -> Failure {
    if error.is_never_fits() {
        Failure::too_large(error.to_string())
    } else {
        Failure::busy(error.to_string())
    }
}
