//! Signals belong to the program that the connector lives in: its handlers expect to run on its own
//! threads, and a broken connection must not end it with SIGPIPE.

use nix::sys::signal::{SigSet, Signal};

/// Signals of faults of a thread itself, and of those who look for them or count its time: they go
/// where they come from.
const OWN: [Signal; 8] = [
    Signal::SIGSEGV,
    Signal::SIGBUS,
    Signal::SIGFPE,
    Signal::SIGILL,
    Signal::SIGABRT,
    Signal::SIGTRAP,
    Signal::SIGSYS,
    Signal::SIGPROF,
];

/// Keeps all other signals away from the calling thread. Every thread that the connector starts
/// begins with this; what a thread of its own writes to a closed connection is an error then, and
/// no signal.
pub fn leave_to_program() {
    let mut away = SigSet::all();
    OWN.into_iter().for_each(|signal| away.remove(signal));
    if let Err(error) = away.thread_block() {
        log::warn!("a thread of the connector may get the program's signals: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_signals_of_its_own_reach_a_thread() {
        let masked = std::thread::spawn(|| {
            leave_to_program();
            SigSet::thread_get_mask()
        });
        let masked = masked.join().unwrap().unwrap();
        for signal in [Signal::SIGPIPE, Signal::SIGINT, Signal::SIGALRM] {
            assert!(masked.contains(signal), "{signal}");
        }
        assert!(!masked.contains(Signal::SIGSEGV));
    }
}
