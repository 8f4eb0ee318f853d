use std::{mem, path::Path};

use nvml_wrapper::{
    Device, Nvml, enums::device::UsedGpuMemory, error::NvmlError,
    struct_wrappers::device::ProcessInfo,
};
use safelight_core::{ByteSize, Share};

use crate::{ProbeError, Reading, error::Cause};

/// The NVIDIA GPUs of this machine, asked through the library of their driver.
///
/// The library is looked for when this is opened; the program itself does not need it.
/// Every reading of every GPU fails alone: one that is lost does not hide the others.
///
/// ```
/// use safelight_probe::Gpus;
///
/// match Gpus::open().and_then(|gpus| gpus.read()) {
///     Ok(gpus) => {
///         for gpu in gpus {
///             println!("{}: {:?} {:?}", gpu.idx, gpu.name, gpu.memory);
///         }
///     }
///     Err(error) if error.is_unavailable() => println!("no GPU here: {error}"),
///     Err(error) => println!("not known: {error}"),
/// }
/// ```
#[derive(Debug)]
pub struct Gpus {
    nvml: Nvml,
}

impl Gpus {
    /// Loads the library by its usual name.
    ///
    /// # Errors
    ///
    /// When there is none, or no driver; such an error is
    /// [unavailable](ProbeError::is_unavailable).
    pub fn open() -> Reading<Self> {
        Self::checked(Nvml::init())
    }

    /// Loads the library from a path.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and when the file is another library.
    pub fn open_library(path: impl AsRef<Path>) -> Reading<Self> {
        let path = path.as_ref().as_os_str();
        Self::checked(Nvml::builder().lib_path(path).init())
    }

    fn checked(nvml: Result<Nvml, NvmlError>) -> Reading<Self> {
        let what = "library of the GPU driver";
        let nvml = nvml.map_err(|error| failure(what, error))?;
        // Dropping it would panic where it cannot be shut down.
        if let Err(error) = nvml.lib().nvmlShutdown.as_ref() {
            let error = NvmlError::FailedToLoadSymbol(error.to_string());
            mem::forget(nvml);
            return Err(failure(what, error));
        }
        Ok(Self { nvml })
    }

    /// Asks every GPU for everything; in the order of the driver.
    ///
    /// # Errors
    ///
    /// Only when the driver does not tell how many there are.
    pub fn read(&self) -> Reading<Vec<Gpu>> {
        let count = self.nvml.device_count();
        let count = count.map_err(|error| failure("number of GPUs", error))?;
        Ok((0..count).map(|idx| self.read_one(idx)).collect())
    }

    fn read_one(&self, idx: u32) -> Gpu {
        match self.nvml.device_by_index(idx) {
            Ok(device) => Gpu {
                idx,
                name: device.name().map_err(|error| failure("name of the GPU", error)),
                memory: memory(&device),
                utilization: utilization(&device),
                processes: processes(&device),
            },
            Err(error) => {
                let error = failure("GPU", error);
                Gpu {
                    idx,
                    name: Err(error.clone()),
                    memory: Err(error.clone()),
                    utilization: Err(error.clone()),
                    processes: Err(error),
                }
            }
        }
    }
}

/// What the driver says about one GPU.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Gpu {
    /// The place in the driver's order, as in [`Domain::Gpu`](safelight_core::Domain::Gpu).
    pub idx: u32,
    /// The name of the product.
    pub name: Reading<String>,
    /// Its memory.
    pub memory: Reading<GpuMemory>,
    /// The share of the last moments, up to a second, in which it ran anything.
    pub utilization: Reading<Share>,
    /// The processes that use it, for computing or for drawing.
    ///
    /// In a container the driver may leave out those outside of it.
    pub processes: Reading<Vec<GpuProcess>>,
}

/// The memory of one GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GpuMemory {
    /// All of it.
    pub total: ByteSize,
    /// What processes have; together with `free` less than all, as the driver keeps some.
    pub used: ByteSize,
    /// What can still be had.
    pub free: ByteSize,
}

impl GpuMemory {
    /// Returns the part that cannot be had any more, the driver's own included.
    pub fn used_share(&self) -> Share {
        let taken = self.total - self.free;
        Share::of(taken.bytes() as f64, self.total.bytes() as f64)
    }
}

/// A process that uses a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GpuProcess {
    /// Its number, as the driver sees it: in a container it may be that of the host.
    pub pid: u32,
    /// Its memory there; `None` where the driver does not tell.
    pub used: Option<ByteSize>,
}

fn memory(device: &Device) -> Reading<GpuMemory> {
    let what = "memory of the GPU";
    let info = device.memory_info().map_err(|error| failure(what, error))?;
    if info.total == 0 {
        return Err(ProbeError::unavailable(what));
    }
    let [total, used, free] =
        [info.total, info.used, info.free].map(ByteSize::from_bytes);
    Ok(GpuMemory { total, used, free })
}

fn utilization(device: &Device) -> Reading<Share> {
    let rates = device.utilization_rates();
    let rates = rates.map_err(|error| failure("utilization of the GPU", error))?;
    Ok(Share::new(f64::from(rates.gpu) / 100.0))
}

fn processes(device: &Device) -> Reading<Vec<GpuProcess>> {
    let failed = |error| failure("processes of the GPU", error);
    let mut infos = device.running_compute_processes().map_err(failed)?;
    match device.running_graphics_processes().map_err(failed) {
        // One that does both is in both lists, with all of its memory in each.
        Ok(drawing) => {
            for info in drawing {
                if !infos.iter().any(|known| is_same(known, &info)) {
                    infos.push(info);
                }
            }
        }
        // Cards made for computing alone.
        Err(error) if error.is_unavailable() => {}
        Err(error) => return Err(error),
    }
    let process = |info: &ProcessInfo| GpuProcess {
        pid: info.pid,
        used: match info.used_gpu_memory {
            UsedGpuMemory::Used(bytes) => Some(ByteSize::from_bytes(bytes)),
            UsedGpuMemory::Unavailable => None,
        },
    };
    Ok(infos.iter().map(process).collect())
}

/// Whether it is one process in one part of a divided GPU.
fn is_same(one: &ProcessInfo, other: &ProcessInfo) -> bool {
    let place =
        |info: &ProcessInfo| (info.pid, info.gpu_instance_id, info.compute_instance_id);
    place(one) == place(other)
}

fn failure(what: &'static str, error: NvmlError) -> ProbeError {
    let cause = match error {
        NvmlError::LibloadingError(_)
        | NvmlError::FailedToLoadSymbol(_)
        | NvmlError::DriverNotLoaded
        | NvmlError::LibraryNotFound
        | NvmlError::FunctionNotFound
        | NvmlError::NotSupported
        | NvmlError::NotFound
        | NvmlError::NoData
        | NvmlError::GpuLost
        | NvmlError::ResetRequired => Cause::Absent,
        NvmlError::NoPermission | NvmlError::OperatingSystem => Cause::Denied,
        _ => Cause::Failed,
    };
    ProbeError::call_because(what, cause, error)
}
