//! Control groups with a limit of memory, for programs under test.

use std::path::Path;

use safelight_core::ByteSize;
use safelight_probe::Sampler;

use crate::say::say;

mod delegation;
mod group;
mod place;
#[cfg(test)]
mod tests;

use self::delegation::Delegation;
pub(crate) use self::{
    group::{Group, leftovers, name},
    place::{Place, Refusal},
};

/// Where groups can be made; what was changed for that is undone when it is dropped.
pub(crate) struct Stage {
    pub(crate) place: Place,
    _delegation: Delegation,
}

impl Stage {
    /// Finds the place, removes what an earlier run left, and tries whether all works.
    pub(crate) fn set(limit: ByteSize) -> Result<Self, Refusal> {
        let root = Path::new("/");
        let place = Place::find(root)?;
        let n_left = group::remove_leftovers(&place, root);
        if 0 < n_left {
            say(format_args!(
                "control groups that an earlier run had left, now removed: {n_left}"
            ));
        }
        let delegation = Delegation::of(&place)?;
        Group::check(&place, limit)?;
        has_room_for(&mut Sampler::open(), limit)?;
        Ok(Self { place, _delegation: delegation })
    }
}

/// Refuses where another limit would be met first, that of the machine for example.
fn has_room_for(sampler: &mut Sampler, limit: ByteSize) -> Result<(), Refusal> {
    let Ok(headroom) = &sampler.sample().headroom else { return Ok(()) };
    let wanted = ByteSize::from_bytes(limit.bytes() / 4 * 5);
    if wanted <= headroom.available {
        return Ok(());
    }
    let why = format!(
        "only {} can be had here until {}, and {wanted} are needed so that the group's own \
         limit is the one that is met",
        headroom.available, headroom.binding
    );
    Err(Refusal::new(why, "give a lower --limit, or end other programs"))
}
