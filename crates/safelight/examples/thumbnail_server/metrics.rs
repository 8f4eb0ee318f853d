//! What the server tells of itself.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use safelight::report::Report;

use crate::server::Server;

/// For a collector of metrics.
pub(crate) async fn prometheus(State(server): State<Arc<Server>>) -> Response {
    let text = server.safelight.prometheus();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// For the page, and for people.
pub(crate) async fn report(State(server): State<Arc<Server>>) -> Json<Report> {
    Json(server.safelight.report())
}
