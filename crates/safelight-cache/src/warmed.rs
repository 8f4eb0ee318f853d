/// What [`Cache::warm`](crate::Cache::warm) did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Warmed {
    /// Keys that were loaded and are held now.
    pub n_loaded: usize,
    /// Keys that were there already.
    pub n_present: usize,
    /// Keys whose load failed or panicked.
    pub n_failed: usize,
    /// Keys that are not held, because there is no more room.
    pub n_left: usize,
}
