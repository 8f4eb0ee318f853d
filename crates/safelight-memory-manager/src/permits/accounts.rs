use std::sync::Arc;

use safelight_core::{ByteSize, Consumer};

use crate::{
    permits::work::{Held, Holding},
    spread::{Claim, spread},
};

/// The consumers and what each may hold, in the order in which they give.
pub(super) struct Accounts {
    list: Vec<Account>,
    next_id: AccountId,
    allotted: ByteSize,
    floors: ByteSize,
}

pub(super) type AccountId = u64;

struct Account {
    id: AccountId,
    consumer: Arc<dyn Consumer>,
    claim: Claim,
    /// The budget that it has, or what it held when it was last looked at, if more.
    allotted: ByteSize,
    /// The budget that it was told last; zero where it panicked.
    told: ByteSize,
    target: ByteSize,
    /// What it kept although its budget was lower.
    stubborn: ByteSize,
}

impl Account {
    fn keeps(&self) -> ByteSize {
        self.claim.floor().max(self.stubborn)
    }

    fn holding(&self) -> Holding {
        let keeps = self.keeps().min(self.allotted);
        let consumer = Arc::clone(&self.consumer);
        Holding { id: self.id, consumer, allotted: self.allotted, keeps }
    }
}

impl Accounts {
    /// Makes the accounts of nobody.
    pub(super) fn new() -> Self {
        Self {
            list: Vec::new(),
            next_id: 0,
            allotted: ByteSize::ZERO,
            floors: ByteSize::ZERO,
        }
    }

    /// Adds one that may hold this much for now.
    pub(super) fn add(
        &mut self,
        consumer: Arc<dyn Consumer>,
        claim: Claim,
        allotted: ByteSize,
    ) -> AccountId {
        let id = self.next_id;
        self.next_id += 1;
        let place = self.list.partition_point(|a| a.claim.rank() <= claim.rank());
        let account = Account {
            id,
            consumer,
            claim,
            allotted,
            told: allotted,
            target: claim.configured,
            stubborn: ByteSize::ZERO,
        };
        self.list.insert(place, account);
        // The others keep what they may have: there is room until somebody says otherwise.
        self.recount();
        id
    }

    pub(super) fn remove(&mut self, id: AccountId) -> Option<Arc<dyn Consumer>> {
        let place = self.list.iter().position(|account| account.id == id)?;
        let account = self.list.remove(place);
        self.recount();
        Some(account.consumer)
    }

    pub(super) fn allotted(&self) -> ByteSize {
        self.allotted
    }

    pub(super) fn floors(&self) -> ByteSize {
        self.floors
    }

    /// What consumers can be made to give.
    pub(super) fn reclaimable(&self) -> ByteSize {
        self.list.iter().map(|account| account.allotted - account.keeps()).sum()
    }

    /// Expects that those who kept too much do not any more.
    pub(super) fn forgive(&mut self) {
        for account in &mut self.list {
            account.stubborn = ByteSize::ZERO;
        }
    }

    /// Divides what they may hold in all; the budgets follow by work.
    pub(super) fn aim(&mut self, total: ByteSize) {
        let claims: Vec<Claim> = self.list.iter().map(|a| a.claim).collect();
        for (account, target) in self.list.iter_mut().zip(spread(total, &claims)) {
            account.target = target;
        }
    }

    /// Changes what one may hold when there is plenty; less than before is no reason for more
    /// than it was told.
    pub(super) fn set_configured(&mut self, id: AccountId, configured: ByteSize) {
        if let Some(account) = self.list.iter_mut().find(|account| account.id == id) {
            let is_less = configured <= account.claim.configured;
            account.target =
                if is_less { account.target.min(configured) } else { configured };
            account.claim.configured = configured;
        }
        self.recount();
    }

    pub(super) fn budget(&self, id: AccountId) -> Option<ByteSize> {
        self.list.iter().find(|a| a.id == id).map(|account| account.allotted)
    }

    /// Returns the consumers with their floors.
    pub(super) fn givers(&self) -> Vec<(Arc<dyn Consumer>, ByteSize)> {
        let giver = |a: &Account| (Arc::clone(&a.consumer), a.claim.floor());
        self.list.iter().map(giver).collect()
    }

    /// Returns what they may hold in all when there is plenty.
    pub(super) fn configured(&self) -> ByteSize {
        self.list.iter().map(|account| account.claim.configured).sum()
    }

    pub(super) fn holdings(&self) -> Vec<Holding> {
        self.list.iter().map(Account::holding).collect()
    }

    /// Returns those that have more than they should, with what they should have.
    pub(super) fn above_target(&self) -> Vec<(Holding, ByteSize)> {
        let above = self.list.iter().filter(|a| a.target < a.allotted);
        above.map(|account| (account.holding(), account.target)).collect()
    }

    /// Allots more to those below their target, the last to give first.
    ///
    /// One that kept more than it was told counts with that, and may have it from now on.
    pub(super) fn raise_within(
        &mut self,
        mut free: ByteSize,
    ) -> Vec<(Holding, ByteSize)> {
        let mut raised = Vec::new();
        for account in self.list.iter_mut().rev() {
            let more = (account.target - account.allotted).min(free);
            free -= more;
            account.allotted += more;
            let budget = account.allotted.min(account.target);
            if account.told < budget {
                account.told = budget;
                raised.push((account.holding(), budget));
            }
        }
        self.recount();
        raised
    }

    /// Takes note of what consumers hold after they were asked.
    pub(super) fn record(&mut self, done: &[Held]) {
        for held in done {
            let account = self.list.iter_mut().find(|account| account.id == held.id);
            // It may have been taken off the list meanwhile.
            if let Some(account) = account {
                account.told = held.budget;
                account.allotted = held.usage.max(held.budget);
                if held.budget < held.usage {
                    account.stubborn = held.usage;
                }
            }
        }
        self.recount();
    }

    fn recount(&mut self) {
        self.allotted = self.list.iter().map(|account| account.allotted).sum();
        self.floors = self.list.iter().map(|account| account.claim.floor()).sum();
    }
}
