//! Why a request got no picture, in the words of HTTP.

use std::{error::Error, io, time::Duration};

use axum::{
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use safelight::imaging;
use tokio::task::JoinError;

/// When to come again, in seconds: by then most of those who wait now have been served.
const RETRY_AFTER_SECONDS: &str = "2";

/// A status, and what to tell who asked.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    message: String,
}

impl Failure {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(crate) fn busy(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    }

    pub(crate) fn too_slow(limit: Duration) -> Self {
        let message = format!("the upload took longer than {limit:?}");
        Self::new(StatusCode::REQUEST_TIMEOUT, message)
    }

    /// Of an original that could not be read; where it lies is nobody's business.
    fn unread(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::InvalidInput => {
                Self::not_found("there is no such original")
            }
            kind => {
                eprintln!("{}", describe(error));
                let message = format!("the original cannot be read: {kind}");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let text = format!("{}\n", self.message);
        if self.status.is_server_error() && self.status != StatusCode::SERVICE_UNAVAILABLE
        {
            eprintln!("{}: {}", self.status, self.message);
        }
        match self.status {
            StatusCode::SERVICE_UNAVAILABLE => {
                (self.status, [(RETRY_AFTER, RETRY_AFTER_SECONDS)], text).into_response()
            }
            status => (status, text).into_response(),
        }
    }
}

impl From<safelight::Error> for Failure {
    fn from(error: safelight::Error) -> Self {
        if let Some(error) = of_original(&error) {
            return Self::unread(error);
        }
        let message = describe(&error);
        let status = if error.is_busy() {
            StatusCode::SERVICE_UNAVAILABLE
        } else if error.is_too_large() {
            StatusCode::PAYLOAD_TOO_LARGE
        } else {
            match error.downcast_ref::<imaging::Error>() {
                Some(e) if e.is_not_an_image() || e.is_unsupported() => {
                    StatusCode::UNSUPPORTED_MEDIA_TYPE
                }
                Some(e) if e.is_truncated() || e.is_corrupt() => {
                    StatusCode::UNPROCESSABLE_ENTITY
                }
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            }
        };
        Self { status, message }
    }
}

/// Of the originals.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::unread(&error)
    }
}

impl From<JoinError> for Failure {
    fn from(error: JoinError) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

/// Returns why an original could not be read by a job, which looks at it once more: it may
/// have gone since it was named.
fn of_original(error: &safelight::Error) -> Option<&io::Error> {
    error.downcast_ref().or_else(|| {
        let error = error.downcast_ref().filter(|e: &&imaging::Error| e.is_io())?;
        error.source()?.downcast_ref()
    })
}

/// Returns an error with all its causes.
pub(crate) fn describe(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
