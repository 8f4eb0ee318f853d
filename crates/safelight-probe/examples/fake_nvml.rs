//! A stand-in for the library of NVIDIA's driver, which `tests/gpus.rs` loads.
//!
//! It is no program: `cargo test` builds it as a shared library. What it says stands in a
//! file named after the process that has loaded it, one line for each GPU, sizes in MiB:
//!
//! ```text
//! gpu name=Alpha total=1000 used=850 utilization=97 compute=42:12,43:?
//! gpu name=Beta total=1000 used=0 fails=memory:15
//! driver=9
//! ```
//!
//! `fails` gives a call (or `all`) the error code that it returns, `driver` does so for the
//! initialization. `?` is memory that is not told.

#![expect(unsafe_code, reason = "it has the C interface of the driver's library")]

use std::{env, fs, process, ptr, slice};

const OK: u32 = 0;
const UNKNOWN_DEVICE: u32 = 2;
const NOT_SUPPORTED: u32 = 3;
const TOO_SMALL: u32 = 7;
const OTHER_VERSION: u32 = 25;

/// The library's mark for "none" and "not told".
const NOTHING: u32 = u32::MAX;

/// `nvmlMemory_v2_t`.
#[repr(C)]
struct Memory {
    version: u32,
    total: u64,
    reserved: u64,
    free: u64,
    used: u64,
}

/// `nvmlUtilization_t`.
#[repr(C)]
struct Utilization {
    gpu: u32,
    memory: u32,
}

/// `nvmlProcessInfo_v2_t`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Process {
    pid: u32,
    used: u64,
    gpu_instance: u32,
    compute_instance: u32,
}

/// One line of the script.
struct Line(String);

impl Line {
    /// Reads the line of a device, whose handle is its place from 1 on.
    fn of(device: usize) -> Option<Self> {
        lines("gpu").into_iter().nth(device.checked_sub(1)?)
    }

    fn value(&self, key: &str) -> Option<&str> {
        let mut words = self.0.split_whitespace();
        words.find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }

    fn number(&self, key: &str) -> u64 {
        self.value(key).and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    fn bytes(&self, key: &str) -> u64 {
        self.number(key) << 20
    }

    /// Returns the error code that a call shall give.
    fn failure(&self, call: &str) -> Option<u32> {
        let (failing, code) = self.value("fails")?.split_once(':')?;
        (failing == call || failing == "all").then(|| code.parse().ok())?
    }

    /// Reads a list like `42:12,43:?`.
    fn processes(&self, key: &str) -> Vec<Process> {
        let list = self.value(key).unwrap_or_default().split(',');
        let process = |text: &str| {
            let (pid, mib) = text.split_once(':')?;
            let used = mib.parse().map_or(u64::MAX, |mib: u64| mib << 20);
            let pid = pid.parse().ok()?;
            Some(Process { pid, used, gpu_instance: NOTHING, compute_instance: NOTHING })
        };
        list.filter_map(process).collect()
    }
}

/// Reads the lines of the script that begin with a word.
fn lines(word: &str) -> Vec<Line> {
    let path = env::temp_dir().join(format!("fake-nvml-{}", process::id()));
    let text = fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().filter(|line| line.starts_with(word));
    lines.map(|line| Line(line.to_owned())).collect()
}

/// Writes an answer about a device, or returns why there is none.
fn answer<T>(
    device: usize,
    call: &str,
    into: Option<&mut T>,
    answer: impl FnOnce(&Line, &mut T) -> u32,
) -> u32 {
    let (Some(line), Some(into)) = (Line::of(device), into) else {
        return UNKNOWN_DEVICE;
    };
    line.failure(call).unwrap_or_else(|| answer(&line, into))
}

// SAFETY of all names below: they are the driver's own, and no program links to both.

#[unsafe(no_mangle)]
extern "C" fn nvmlInit_v2() -> u32 {
    let driver = lines("driver").into_iter().next();
    driver.map_or(OK, |line| u32::try_from(line.number("driver")).unwrap_or(NOTHING))
}

#[unsafe(no_mangle)]
extern "C" fn nvmlShutdown() -> u32 {
    OK
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetCount_v2(count: Option<&mut u32>) -> u32 {
    let Some(count) = count else { return UNKNOWN_DEVICE };
    *count = u32::try_from(lines("gpu").len()).unwrap_or(NOTHING);
    OK
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetHandleByIndex_v2(idx: u32, device: Option<&mut usize>) -> u32 {
    let handle = idx as usize + 1;
    answer(handle, "handle", device, |_, device| {
        *device = handle;
        OK
    })
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetName(device: usize, name: *mut u8, len: u32) -> u32 {
    answer(device, "name", Some(&mut ()), |line, ()| {
        let given = line.value("name").unwrap_or_default();
        if name.is_null() || (len as usize) <= given.len() {
            return TOO_SMALL;
        }
        // SAFETY: the caller has `len` bytes there, which is more than the name has.
        let into = unsafe { slice::from_raw_parts_mut(name, given.len() + 1) };
        into[..given.len()].copy_from_slice(given.as_bytes());
        into[given.len()] = 0;
        OK
    })
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetMemoryInfo_v2(
    device: usize,
    memory: Option<&mut Memory>,
) -> u32 {
    answer(device, "memory", memory, |line, memory| {
        if memory.version as usize != size_of::<Memory>() | 2 << 24 {
            return OTHER_VERSION;
        }
        memory.total = line.bytes("total");
        memory.reserved = line.bytes("reserved");
        memory.used = line.bytes("used");
        memory.free = memory.total - memory.reserved - memory.used;
        OK
    })
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetUtilizationRates(
    device: usize,
    rates: Option<&mut Utilization>,
) -> u32 {
    answer(device, "utilization", rates, |line, rates| {
        if line.value("utilization").is_none() {
            return NOT_SUPPORTED;
        }
        rates.gpu = u32::try_from(line.number("utilization")).unwrap_or(NOTHING);
        rates.memory = 0;
        OK
    })
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetComputeRunningProcesses_v3(
    device: usize,
    count: Option<&mut u32>,
    infos: *mut Process,
) -> u32 {
    list(device, "compute", count, infos)
}

#[unsafe(no_mangle)]
extern "C" fn nvmlDeviceGetGraphicsRunningProcesses_v3(
    device: usize,
    count: Option<&mut u32>,
    infos: *mut Process,
) -> u32 {
    list(device, "graphics", count, infos)
}

/// Gives a list, or how much room it needs.
fn list(device: usize, key: &str, count: Option<&mut u32>, infos: *mut Process) -> u32 {
    answer(device, key, count, |line, count| {
        let processes = line.processes(key);
        let room = *count as usize;
        *count = u32::try_from(processes.len()).unwrap_or(NOTHING);
        if processes.is_empty() {
            return OK;
        }
        if infos.is_null() || room < processes.len() {
            return TOO_SMALL;
        }
        // SAFETY: the caller has `room` elements there, no fewer than are written, and a
        // new list cannot lie in that memory.
        unsafe {
            ptr::copy_nonoverlapping(processes.as_ptr(), infos, processes.len());
        };
        OK
    })
}
