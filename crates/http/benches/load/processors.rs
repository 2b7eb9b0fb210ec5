//! Processors of their own for server and clients, so that neither takes the other's time.

use crate::Outcome;

/// The processors of a measurement.
#[derive(Clone, Copy)]
pub struct Processors {
    pub server: usize,
    pub clients: usize,
}

impl Processors {
    /// The first two that this process may use. Errors where there is one alone: what clients take of it would count as the server's.
    #[cfg(target_os = "linux")]
    pub fn two() -> Outcome<Self> {
        // SAFETY: the set is plain bytes that the call fills; 0 is the calling thread.
        let set = unsafe {
            let mut set: libc::cpu_set_t = std::mem::zeroed();
            libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut set);
            set
        };
        // SAFETY: `cpu` is below the size of the set.
        let mut usable = (0..libc::CPU_SETSIZE as usize).filter(|cpu| unsafe { libc::CPU_ISSET(*cpu, &set) });
        match (usable.next(), usable.next()) {
            (Some(server), Some(clients)) => Ok(Self { server, clients }),
            _ => Err("two processors are needed, one for the server and one for its clients".into()),
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub fn two() -> Outcome<Self> {
        Err("threads are kept on one processor on Linux only".into())
    }
}

/// Keeps the calling thread, and the threads that it will make, on one processor.
pub fn keep_on(cpu: usize) {
    #[cfg(target_os = "linux")]
    // SAFETY: the set is plain bytes, `cpu` is below its size, and 0 is the calling thread.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = cpu;
}
