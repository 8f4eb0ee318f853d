/// What a piece of work did to the heap, in requested bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Usage {
    /// The highest level above the level at the start; 0 for work that only frees.
    pub peak_bytes: u64,
    /// The level at the end less the level at the start; negative after freeing more.
    pub net_bytes: i64,
    /// All bytes asked for, freed or not; a reallocation adds its whole new size.
    pub allocated_bytes: u64,
    /// The number of allocations; a reallocation is one more.
    pub allocations: u64,
}
