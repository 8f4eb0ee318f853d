use std::sync::Arc;

use safelight_core::{ByteSize, Consumer};

use crate::permits::{accounts::AccountId, panics::Panics};

/// What is to be done with consumers, while no lock is held.
pub(super) enum Work {
    /// Bring each down to the size beside it.
    Lower(Vec<(Holding, ByteSize)>),
    /// Take so much in all, from the first ones first.
    Shrink(ByteSize, Vec<Holding>),
    /// Let each grow to the size beside it, which is allotted already.
    Raise(Vec<(Holding, ByteSize)>),
}

/// A consumer, what it may hold, and what it cannot be made to give.
pub(super) struct Holding {
    pub(super) id: AccountId,
    pub(super) consumer: Arc<dyn Consumer>,
    pub(super) allotted: ByteSize,
    pub(super) keeps: ByteSize,
}

/// What a consumer holds after it was asked.
pub(super) struct Held {
    pub(super) id: AccountId,
    pub(super) budget: ByteSize,
    pub(super) usage: ByteSize,
    pub(super) receipt: ByteSize,
}

impl Work {
    /// Calls the consumers; returns what those hold that were asked, or that panicked.
    pub(super) fn carry_out(self, panics: &mut Panics) -> Vec<Held> {
        match self {
            Self::Lower(list) => {
                let one = |(holding, size): (Holding, _)| holding.lowered(size, panics);
                list.into_iter().map(one).collect()
            }
            Self::Shrink(wanted, holdings) => shrink(wanted, &holdings, panics),
            Self::Raise(list) => {
                let one = |(holding, size): (Holding, _)| {
                    let told = panics.hold(|| holding.consumer.set_budget(size));
                    told.is_none().then(|| holding.all_of_it())
                };
                list.into_iter().filter_map(one).collect()
            }
        }
    }
}

impl Holding {
    fn lowered(&self, budget: ByteSize, panics: &mut Panics) -> Held {
        panics.hold(|| lower(self, budget)).unwrap_or_else(|| self.all_of_it())
    }

    /// What one that panicked counts with: it was told nothing, and gave nothing.
    fn all_of_it(&self) -> Held {
        let (budget, receipt) = (ByteSize::ZERO, ByteSize::ZERO);
        Held { id: self.id, budget, usage: self.allotted, receipt }
    }
}

/// Takes what nobody uses first, as that costs nothing, and then what is used.
fn shrink(wanted: ByteSize, holdings: &[Holding], panics: &mut Panics) -> Vec<Held> {
    let mut budgets: Vec<_> = holdings.iter().map(|holding| holding.allotted).collect();
    let mut wanted = wanted;
    let mut take = |idx: usize, down_to: ByteSize| {
        let budget: &mut ByteSize = &mut budgets[idx];
        let taken = (*budget - down_to).min(wanted);
        *budget -= taken;
        wanted -= taken;
    };
    for (idx, holding) in holdings.iter().enumerate() {
        let used = panics.hold(|| holding.consumer.usage());
        take(idx, used.map_or(holding.allotted, |used| used.max(holding.keeps)));
    }
    for (idx, holding) in holdings.iter().enumerate() {
        take(idx, holding.keeps);
    }
    let changed = holdings.iter().zip(budgets).filter(|(h, budget)| *budget < h.allotted);
    changed.map(|(holding, budget)| holding.lowered(budget, panics)).collect()
}

/// Asks for what is too much, and makes the rest go by a lasting budget.
fn lower(holding: &Holding, budget: ByteSize) -> Held {
    let Holding { id, consumer, .. } = holding;
    let before = consumer.usage();
    let mut receipt = ByteSize::ZERO;
    if budget < before {
        // A reclaim leaves alone what somebody uses; a budget may not.
        receipt = consumer.reclaim(before - budget);
    }
    let between = consumer.usage();
    consumer.set_budget(budget);
    let usage = consumer.usage();
    Held { id: *id, budget, usage, receipt: receipt + (between - usage) }
}
