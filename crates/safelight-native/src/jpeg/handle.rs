use std::ffi::{CStr, c_int};

use turbojpeg_sys::{
    TJINIT, TJPARAM, TJPARAM_TJPARAM_STOPONWARNING, tj3Destroy, tj3Get, tj3GetErrorStr,
    tj3Init, tj3Set, tjhandle,
};

use crate::Error;

// The bindings take `unsigned long` for the sizes of C, which on 64-bit Windows is shorter:
// lengths would be written past their place.
const _: () = assert!(
    size_of::<turbojpeg_sys::size_t>() == size_of::<usize>(),
    "turbojpeg-sys has no bindings for this target"
);

/// An instance of the library, which is freed with it.
pub(super) struct Handle(tjhandle);

#[expect(unsafe_code, reason = "the functions are of C")]
impl Handle {
    /// Makes an instance that stops at the first warning.
    pub(super) fn new(kind: TJINIT) -> Result<Self, Error> {
        // SAFETY: it takes a number and has no other conditions.
        let handle = unsafe { tj3Init(kind.cast_signed()) };
        if handle.is_null() {
            return Err(Error::refused("there is no memory for libjpeg-turbo"));
        }
        let handle = Self(handle);
        handle.set(TJPARAM_TJPARAM_STOPONWARNING, 1)?;
        Ok(handle)
    }

    /// Returns the instance, which is not null and lives as long as `self`.
    pub(super) fn raw(&mut self) -> tjhandle {
        self.0
    }

    pub(super) fn set(&self, parameter: TJPARAM, value: c_int) -> Result<(), Error> {
        // SAFETY: the instance lives; a wrong parameter or value is told by the result.
        let result = unsafe { tj3Set(self.0, parameter.cast_signed(), value) };
        self.check(result)
    }

    pub(super) fn get(&self, parameter: TJPARAM) -> c_int {
        // SAFETY: the instance lives; a wrong parameter gives −1.
        unsafe { tj3Get(self.0, parameter.cast_signed()) }
    }

    /// Turns the result of a call on this instance into an error.
    pub(super) fn check(&self, result: c_int) -> Result<(), Error> {
        if result == 0 {
            return Ok(());
        }
        // SAFETY: the instance lives, and so does the text until the next call on it, which
        // cannot come before it is copied here. It ends with a zero.
        let message = unsafe { CStr::from_ptr(tj3GetErrorStr(self.0)) };
        Err(sorted(&message.to_string_lossy()))
    }
}

impl Drop for Handle {
    #[expect(unsafe_code, reason = "the function is of C")]
    fn drop(&mut self) {
        // SAFETY: the instance came from `tj3Init`, and nobody has it after this.
        unsafe { tj3Destroy(self.0) };
    }
}

/// Tells damage of the pixel data from what the library does not take.
///
/// The library has no codes for it; the texts are those of its table of messages.
/// A file of another revision, or bytes between segments, is no damage to the picture.
fn sorted(message: &str) -> Error {
    const DAMAGE: [&str; 4] = [
        "Corrupt JPEG data: premature end of data segment",
        "Corrupt JPEG data: bad Huffman code",
        "Corrupt JPEG data: found marker",
        "Corrupt JPEG data: bad arithmetic code",
    ];
    if message.starts_with("Premature end of JPEG file") {
        return Error::truncated();
    }
    if DAMAGE.iter().any(|damage| message.starts_with(damage)) {
        return Error::damaged(message);
    }
    Error::refused(message)
}
