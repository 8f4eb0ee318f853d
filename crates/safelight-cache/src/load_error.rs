use std::{any::Any, error::Error, fmt, sync::Arc};

/// A value could not be loaded.
///
/// Everybody who asked for the key while it was loaded gets the same error, and so do those
/// who ask while it is remembered.
#[derive(Clone, Debug)]
pub struct LoadError {
    kind: Kind,
    is_remembered: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    Failed(Arc<dyn Error + Send + Sync>),
    Panicked(Arc<str>),
}

impl LoadError {
    pub(crate) fn failed(error: Box<dyn Error + Send + Sync>) -> Self {
        Self { kind: Kind::Failed(error.into()), is_remembered: false }
    }

    /// Keeps the message of a panic; its other contents cannot be shared.
    pub(crate) fn panicked(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let kind = Kind::Panicked(text.unwrap_or("a panic without a message").into());
        Self { kind, is_remembered: false }
    }

    /// Returns the same error as one that was not found out anew.
    pub(crate) fn remembered(&self) -> Self {
        Self { is_remembered: true, ..self.clone() }
    }

    /// Whether the work panicked; [`Display`](fmt::Display) has its message.
    pub fn is_panic(&self) -> bool {
        matches!(self.kind, Kind::Panicked(_))
    }

    /// Whether the work was not tried again, because it failed a short while ago.
    pub fn is_remembered(&self) -> bool {
        self.is_remembered
    }

    /// Returns the error of the work, if it is an `E`.
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        match &self.kind {
            Kind::Failed(error) => error.downcast_ref(),
            Kind::Panicked(_) => None,
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Failed(_) if self.is_remembered => {
                f.write_str("loading a value failed a short while ago")
            }
            Kind::Failed(_) => f.write_str("loading a value failed"),
            Kind::Panicked(message) => write!(f, "loading a value panicked: {message}"),
        }
    }
}

impl Error for LoadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            Kind::Failed(error) => Some(&**error),
            Kind::Panicked(_) => None,
        }
    }
}
