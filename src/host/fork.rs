//! A place in memory that the system clears in every forked child, however it was forked. Made once,
//! when the plugin is loaded.

use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;

/// The place; `None` if the system has no such memory (Linux before 4.14).
pub fn cleared_in_children() -> Option<&'static AtomicU32> {
    static PLACE: OnceLock<Option<&'static AtomicU32>> = OnceLock::new();
    *PLACE.get_or_init(make)
}

fn make() -> Option<&'static AtomicU32> {
    let length = size_of::<AtomicU32>();
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: asks for new memory wherever there is room, which is zeros and never given back.
    let page = unsafe { libc::mmap(ptr::null_mut(), length, access, kind, -1, 0) };
    if page == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: the memory that was just mapped and that nobody else knows of.
    if unsafe { libc::madvise(page, length, libc::MADV_WIPEONFORK) } != 0 {
        return None;
    }
    // SAFETY: a page of zeros is a valid and aligned number, it lasts as long as the process and its
    // children, and is only ever used as an atomic.
    Some(unsafe { AtomicU32::from_ptr(page.cast()) })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;

    #[test]
    fn a_child_finds_it_cleared() {
        let place = cleared_in_children().unwrap();
        place.store(7, Ordering::Relaxed);
        // SAFETY: the child does nothing but end, with what it found as its status.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let found = place.load(Ordering::Relaxed);
            // SAFETY: ends the child without running anything of its parent's.
            unsafe { libc::_exit(found as i32) };
        }
        let mut status = -1;
        // SAFETY: waits for the child made above.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert!(libc::WIFEXITED(status));
        assert_eq!(libc::WEXITSTATUS(status), 0);
        assert_eq!(place.load(Ordering::Relaxed), 7);
    }
}
