use safelight_core::ByteSize;

use crate::{Class, Config, Limits};

/// The limits that are wished, and the budget that may be below them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) limits: Limits,
    /// `None` where small values are with the others.
    pub(crate) small: Option<Limits>,
    /// What a coordinator of memory allows for both classes together.
    pub(crate) budget: ByteSize,
}

/// The small class gets at most this part of a budget.
const SMALL_PART: u64 = 8;

impl Settings {
    pub(crate) fn new(config: &Config) -> Self {
        Self { limits: config.limits, small: config.small, budget: ByteSize::MAX }
    }

    /// Returns the limits that hold, by class.
    ///
    /// A budget is first of all that of the bulk.
    pub(crate) fn in_force(&self) -> [Limits; 2] {
        let small = self.small.unwrap_or(Limits::ZERO);
        let part = ByteSize::from_bytes(self.budget.bytes() / SMALL_PART);
        let small_bytes = small.bytes.min(part);
        let bytes = self.limits.bytes.min(self.budget - small_bytes);
        [Limits { bytes, ..self.limits }, Limits { bytes: small_bytes, ..small }]
    }

    /// Returns the class whose limits are for a value that says it is of `class`.
    pub(crate) fn class(&self, class: Class) -> Class {
        if self.small.is_none() { Class::Bulk } else { class }
    }
}
