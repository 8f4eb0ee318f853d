use crate::SourceId;

/// The key of a result: what was read, what was done to it, and with which parameters.
///
/// Keys are equal where all of these are equal, parameters included, and never because two
/// hashes happen to be. Parameters are therefore a type with an exact equality: give the
/// sizes, formats and options that change the result, and a fraction as its bits or as a
/// ratio.
///
/// Cloning copies a few words and counts up one holder; hashing takes in a few words.
///
/// ```
/// use safelight_cache::{ContentHash, Key, Operation, SourceId};
///
/// #[derive(Clone, Debug, PartialEq, Eq, Hash)]
/// struct Fit {
///     width: u32,
///     height: u32,
/// }
///
/// const THUMBNAIL: Operation = Operation::new("thumbnail", 1);
///
/// let source = SourceId::content(ContentHash::of(b"the bytes of a JPEG file"));
/// let key = |width, height| Key::new(source.clone(), THUMBNAIL, Fit { width, height });
/// assert_eq!(key(320, 240), key(320, 240));
/// assert_ne!(key(320, 240), key(240, 320));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key<P> {
    source: SourceId,
    operation: Operation,
    parameters: P,
}

impl<P> Key<P> {
    /// Makes the key of the result of `operation` on `source`.
    pub const fn new(source: SourceId, operation: Operation, parameters: P) -> Self {
        Self { source, operation, parameters }
    }

    /// Returns what was read.
    pub const fn source(&self) -> &SourceId {
        &self.source
    }

    /// Returns what was done to it.
    pub const fn operation(&self) -> Operation {
        self.operation
    }

    /// Returns the parameters of the operation.
    pub const fn parameters(&self) -> &P {
        &self.parameters
    }
}

/// An operation and the version of its code.
///
/// Raise the version with every change of the code that changes results: what an older
/// version has made is then not found any more. See [`Key`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operation {
    version: u32,
    name: &'static str,
}

impl Operation {
    /// Names an operation.
    pub const fn new(name: &'static str, version: u32) -> Self {
        Self { version, name }
    }

    /// Returns the name.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Returns the version of the code.
    pub const fn version(self) -> u32 {
        self.version
    }
}
