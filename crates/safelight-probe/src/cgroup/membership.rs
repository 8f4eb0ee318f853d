/// The cgroups of a process, from its file `cgroup`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Membership<'a> {
    /// The group in the version 1 hierarchy of the memory controller.
    pub(crate) memory_v1: Option<&'a [u8]>,
    /// The group in the version 2 hierarchy, which exists also beside version 1.
    pub(crate) v2: Option<&'a [u8]>,
}

impl<'a> Membership<'a> {
    /// Reads lines like `4:cpu,memory:/a/b` and `0::/a/b`.
    pub(crate) fn parse(bytes: &'a [u8]) -> Self {
        let mut membership = Self::default();
        for line in bytes.split(|&byte| byte == b'\n') {
            // The path may hold colons itself.
            let mut parts = line.splitn(3, |&byte| byte == b':').skip(1);
            let (Some(controllers), Some(group)) = (parts.next(), parts.next()) else {
                continue;
            };
            if controllers.is_empty() {
                membership.v2 = membership.v2.or(Some(group));
            }
            if lists_memory(controllers) {
                membership.memory_v1 = membership.memory_v1.or(Some(group));
            }
        }
        membership
    }
}

/// Whether a list like `cpu,memory` names the controller.
pub(crate) fn lists_memory(list: &[u8]) -> bool {
    list.split(|&byte| byte == b',').any(|name| name == b"memory")
}
