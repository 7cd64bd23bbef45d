//! What this program needs of <tessera/tessera.h>: the declarations, and Rust types over them.
use std::ffi::{c_void, CStr};
use std::os::raw::c_char;
use std::ptr::{null, null_mut};

/// Any pointer to an object of Tessera; its type is opaque in C too.
type Handle = *mut c_void;

#[repr(C)]
struct Str {
    data: *const u8,
    len: usize,
}

#[repr(C)]
struct Buf {
    data: *mut u8,
    len: usize,
}

#[link(name = "tessera")]
extern "C" {
    fn tsr_error_text(err: Handle) -> *const c_char;
    fn tsr_error_free(err: Handle);
    fn tsr_buf_free(buf: &mut Buf);
    fn tsr_license_open(config: Str, out: &mut Handle, err: &mut Handle) -> i32;
    fn tsr_license_import(
        h: Handle,
        data: *const u8,
        len: usize,
        out: *mut Handle,
        err: &mut Handle,
    ) -> i32;
    fn tsr_license_check(license: Handle, out: &mut Handle, err: &mut Handle) -> i32;
    fn tsr_license_close(license: Handle, timeout_ms: u32, err: &mut Handle) -> i32;
    fn tsr_license_free(license: Handle);
    fn tsr_verdict_usable(verdict: Handle) -> i32;
    fn tsr_verdict_entitlement_int(verdict: Handle, name: Str) -> i64;
    fn tsr_verdict_explain(verdict: Handle, out: &mut Buf, err: &mut Handle) -> i32;
    fn tsr_verdict_free(verdict: Handle);
    fn tsr_hwid_probe(config: Str, out: &mut Handle, err: &mut Handle) -> i32;
    fn tsr_hwid_explain(hwid: Handle, out: &mut Buf, err: &mut Handle) -> i32;
    fn tsr_hwid_free(hwid: Handle);
}

pub type Result<T> = std::result::Result<T, String>;

pub struct License(Handle);

impl License {
    pub fn open(config_json: &str) -> Result<License> {
        made(|out, err| unsafe { tsr_license_open(borrow(config_json), out, err) }).map(License)
    }

    pub fn import(&self, file: &[u8]) -> Result<()> {
        run(|err| unsafe { tsr_license_import(self.0, file.as_ptr(), file.len(), null_mut(), err) })
    }

    pub fn check(&self) -> Result<Verdict> {
        made(|out, err| unsafe { tsr_license_check(self.0, out, err) }).map(Verdict)
    }

    pub fn close(self) -> Result<()> {
        run(|err| unsafe { tsr_license_close(self.0, 2000, err) })
    }
}

impl Drop for License {
    fn drop(&mut self) {
        unsafe { tsr_license_free(self.0) }
    }
}

pub struct Verdict(Handle);

impl Verdict {
    pub fn usable(&self) -> bool {
        unsafe { tsr_verdict_usable(self.0) != 0 }
    }

    pub fn entitlement_int(&self, name: &str) -> i64 {
        unsafe { tsr_verdict_entitlement_int(self.0, borrow(name)) }
    }

    pub fn explain(&self) -> Result<String> {
        text(|out, err| unsafe { tsr_verdict_explain(self.0, out, err) })
    }
}

impl Drop for Verdict {
    fn drop(&mut self) {
        unsafe { tsr_verdict_free(self.0) }
    }
}

pub struct Hwid(Handle);

impl Hwid {
    pub fn probe() -> Result<Hwid> {
        let absent = Str {
            data: null(),
            len: 0,
        };
        made(|out, err| unsafe { tsr_hwid_probe(absent, out, err) }).map(Hwid)
    }

    pub fn explain(&self) -> Result<String> {
        text(|out, err| unsafe { tsr_hwid_explain(self.0, out, err) })
    }
}

impl Drop for Hwid {
    fn drop(&mut self) {
        unsafe { tsr_hwid_free(self.0) }
    }
}

fn borrow(text: &str) -> Str {
    Str {
        data: text.as_ptr(),
        len: text.len(),
    }
}

fn run(call: impl FnOnce(&mut Handle) -> i32) -> Result<()> {
    let mut err = null_mut();
    if call(&mut err) == 0 {
        return Ok(());
    }
    let text = unsafe { CStr::from_ptr(tsr_error_text(err)) }
        .to_string_lossy()
        .into_owned();
    unsafe { tsr_error_free(err) };
    Err(text)
}

fn made(call: impl FnOnce(&mut Handle, &mut Handle) -> i32) -> Result<Handle> {
    let mut handle = null_mut();
    run(|err| call(&mut handle, err)).map(|()| handle)
}

fn text(call: impl FnOnce(&mut Buf, &mut Handle) -> i32) -> Result<String> {
    let mut buf = Buf {
        data: null_mut(),
        len: 0,
    };
    run(|err| call(&mut buf, err))?;
    let bytes = unsafe { std::slice::from_raw_parts(buf.data, buf.len) };
    let text = String::from_utf8_lossy(bytes).into_owned();
    unsafe { tsr_buf_free(&mut buf) };
    Ok(text)
}
