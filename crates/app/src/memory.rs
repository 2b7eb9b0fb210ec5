//! The memory that this process may still take, as the operating system tells it.

/// The memory that is free or can be freed, within the limit of this process's control group. `None` where the system does not
/// tell.
pub fn available_bytes() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let system = read("/proc/meminfo").and_then(|text| free_of(&text));
    let number = |path: &str| read(path)?.trim().parse::<u64>().ok();
    let group = number("/sys/fs/cgroup/memory.max")
        .zip(number("/sys/fs/cgroup/memory.current"))
        .map(|(max, current)| max.saturating_sub(current));
    [system, group].into_iter().flatten().min()
}

/// The most memory that this process may take: the limit of its control group, or the memory of the machine.
pub fn limit_bytes() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let machine = read("/proc/meminfo").and_then(|text| kilobytes_of(&text, "MemTotal:"));
    let group = read("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse::<u64>().ok());
    [machine, group].into_iter().flatten().min()
}

/// The memory that is free or can be freed, but no more than a budget in megabytes; 0 is none.
pub fn within(budget_mb: u64) -> Option<u64> {
    match budget_mb.saturating_mul(1 << 20) {
        0 => available_bytes(),
        budget => Some(available_bytes().map_or(budget, |available| available.min(budget))),
    }
}

/// `MemAvailable` of `/proc/meminfo`, in bytes.
fn free_of(meminfo: &str) -> Option<u64> {
    kilobytes_of(meminfo, "MemAvailable:")
}

/// A line of `/proc/meminfo`, in bytes.
fn kilobytes_of(meminfo: &str, name: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn available_memory_is_read_where_there_is_any_to_read() {
        assert_eq!(free_of("MemTotal:  9 kB\nMemAvailable:   2048 kB\n"), Some(2 << 20));
        assert_eq!(free_of("MemTotal:  9 kB\n"), None);
        assert_eq!(free_of("MemAvailable: many kB"), None);
        assert!(available_bytes().is_none_or(|bytes| bytes > 0));
        assert!(limit_bytes().is_none_or(|limit| available_bytes().is_none_or(|free| free <= limit)));
        assert_eq!(within(1), Some(1 << 20));
        assert!(within(u64::MAX).is_some_and(|bytes| bytes > 1 << 20) && within(0).is_none_or(|bytes| bytes > 1 << 20));
    }
}
