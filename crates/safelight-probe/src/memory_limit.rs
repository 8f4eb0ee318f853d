use safelight_core::ByteSize;

/// What a cgroup allows its processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryLimit {
    /// Nothing is limited.
    Unlimited,
    /// At most so much.
    Bytes(ByteSize),
}
