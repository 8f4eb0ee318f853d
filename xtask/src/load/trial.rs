//! One server, from its start to its end.

use std::{
    path::PathBuf,
    process::ExitStatus,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use anyhow::{Context, Result};
use safelight_core::{ByteSize, Clock, SystemClock};

use super::{
    addresses::{Addresses, folder},
    arm::Arm,
    document::{ArmRow, Load, Outcome, PhaseRow},
    server::{Program, Server, Silence},
    wrk::{Order, Wrk},
};
use crate::{
    control_group::{Group, Place},
    progress::Bar,
};

#[cfg(test)]
mod tests;

/// How soon is noticed that the server or the user has ended it.
const STEP: Duration = Duration::from_millis(100);

/// What all arms have alike.
pub(super) struct Trial<'a> {
    pub(super) place: &'a Place,
    pub(super) limit: ByteSize,
    pub(super) program: &'a Program,
    pub(super) wrk: &'a Wrk<'a>,
    pub(super) originals: &'a [PathBuf],
    pub(super) n_connections: usize,
    pub(super) light: Duration,
    pub(super) overload: Duration,
    pub(super) bar: &'a Bar,
    pub(super) interrupted: &'a AtomicBool,
}

impl Trial<'_> {
    /// Starts a server in a new group, puts it under both loads, and ends it.
    pub(super) fn run(&self, arm: Arm) -> Result<(ArmRow, Vec<PhaseRow>)> {
        let group = Group::create(self.place, "load", self.limit)
            .context("cannot make a control group")?;
        let addresses = Addresses::of(self.originals)?;
        let originals = folder(self.originals)?;
        let mut server =
            Server::start(self.program, &group, arm, originals, self.wrk.dir)?;
        let (mut phases, mut silence) = (Vec::new(), None);
        phases.extend(self.load(&mut server, arm, Load::Light, &addresses.lines())?);
        if !self.interrupted.load(Relaxed) && server.ended()?.is_none() {
            match addresses.lines_with_known(&server) {
                Ok(lines) => {
                    phases.extend(self.load(&mut server, arm, Load::Overload, &lines)?);
                }
                Err(reason) => silence = Some(reason),
            }
        }
        let ended = match server.ended()? {
            Some(status) => Some((End::Early, status)),
            None => server.stop()?.map(|status| (End::Told, status)),
        };
        let n_kills = group.n_kills();
        let (outcome, reason) =
            judge(ended, n_kills, silence.as_ref(), || server.last_words());
        let peak_bytes = group.peak().map(ByteSize::bytes);
        Ok((ArmRow { arm, outcome, reason, peak_bytes, n_kills }, phases))
    }

    /// Puts it under load until the time is over, or it has ended, or the user ends it; `None`
    /// where it ended before anything was asked.
    fn load(
        &self,
        server: &mut Server,
        arm: Arm,
        load: Load,
        paths: &str,
    ) -> Result<Option<PhaseRow>> {
        let (n_connections, time, name) = match load {
            Load::Light => (1, self.light, "light load"),
            Load::Overload => (self.n_connections, self.overload, "overload"),
        };
        self.bar.set_message(format!("{arm}: {name}"));
        let address = server.address.clone();
        let order = Order { address: &address, n_connections, time, paths };
        let mut asking = self.wrk.start(&order)?;
        let (start, mut n_shown) = (SystemClock.now(), 0);
        loop {
            let asked = match asking.wait(STEP) {
                // wrk says nothing of a server that it cannot connect to.
                Err(_) if server.ended()?.is_some() => return Ok(None),
                asked => asked?,
            };
            if let Some((elapsed, answers)) = asked {
                self.bar.inc(time.as_secs().saturating_sub(n_shown));
                let elapsed_ns = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
                return Ok(Some(PhaseRow { arm, load, elapsed_ns, answers }));
            }
            let n_seconds = (SystemClock.now() - start).as_secs().min(time.as_secs());
            self.bar.inc(n_seconds - n_shown);
            n_shown = n_seconds;
            if self.interrupted.load(Relaxed) || server.ended()?.is_some() {
                asking.stop();
            }
        }
    }
}

/// Whether it ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Early,
    Told,
}

/// Tells a kill for memory from all other ends: the group must have counted it.
fn judge(
    ended: Option<(End, ExitStatus)>,
    n_kills: Option<u64>,
    silence: Option<&Silence>,
    last_words: impl Fn() -> String,
) -> (Outcome, Option<String>) {
    let failed = |why: String| (Outcome::Failed, Some(why));
    match (ended, n_kills, silence) {
        (_, Some(1..), _) => (Outcome::Killed, None),
        (None, ..) => failed("it does not stop when told to".to_owned()),
        (Some((End::Told, status)), _, silence) if status.success() => match silence {
            Some(silence) => failed(silence.to_string()),
            None => (Outcome::Stopped, None),
        },
        (Some((_, status)), ..) => {
            failed(format!("it ended with {status}: {}", last_words()))
        }
    }
}
