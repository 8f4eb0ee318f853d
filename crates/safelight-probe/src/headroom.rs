use safelight_core::ByteSize;

use crate::{Binding, Limit};

/// How much memory this process can still get, and what stops it there.
///
/// It is the least of what any [`Limit`] leaves.
/// Swap is not counted: what must be swapped to make room is not room.
///
/// ```
/// use safelight_core::ByteSize;
/// use safelight_probe::{Binding, Headroom, Limit};
///
/// let host = Limit::new(Binding::Host, ByteSize::gib(4), ByteSize::gib(3));
/// let headroom = Headroom::of(&[host]).expect("there is a limit");
/// assert_eq!(headroom.available, ByteSize::gib(1));
/// assert_eq!(headroom.binding, Binding::Host);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Headroom {
    /// What can still be had.
    pub available: ByteSize,
    /// The size of the limit that binds.
    pub limit: ByteSize,
    /// What is used of that limit, where it is known.
    pub used: Option<ByteSize>,
    /// Which limit that is.
    pub binding: Binding,
}

impl Headroom {
    /// Finds the limit that leaves least, the first of equal ones; `None` without any.
    pub fn of(limits: &[Limit]) -> Option<Self> {
        let binding = limits.iter().min_by_key(|limit| limit.available())?;
        Some(Self {
            available: binding.available(),
            limit: binding.size,
            used: binding.used,
            binding: binding.binding.clone(),
        })
    }
}
