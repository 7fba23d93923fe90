//! Requests that do not depend on each other, a few on their way at a time. `outbox` and `chunks` call
//! it; the threads end with the call.

use std::panic::resume_unwind;
use std::thread;

use h5rest_client::leave_to_program;
use parking_lot::Mutex;

/// Does something with each item, at most `most` at a time; what became of each, in their order.
pub(super) fn at_once<T: Send, R: Send>(
    items: Vec<T>,
    most: usize,
    act: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    if items.len() <= 1 || most <= 1 {
        return items.into_iter().map(act).collect();
    }
    let threads = most.min(items.len());
    let waiting = Mutex::new(items.into_iter().enumerate());
    let work = || {
        let mut done = Vec::new();
        loop {
            let next = waiting.lock().next();
            let Some((at, item)) = next else {
                return done;
            };
            done.push((at, act(item)));
        }
    };
    let help = || {
        leave_to_program();
        work()
    };
    let mut done = thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads).map(|_| scope.spawn(help)).collect();
        let mut done = work();
        for helper in helpers {
            done.extend(helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn outcomes_keep_their_order() {
        let items: Vec<u32> = (0..100).collect();
        let doubled: Vec<u32> = items.iter().map(|n| 2 * n).collect();
        for most in [0, 1, 4, 200] {
            assert_eq!(at_once(items.clone(), most, |n| 2 * n), doubled);
        }
        assert!(at_once(Vec::<u32>::new(), 4, |n| n).is_empty());
    }

    #[test]
    fn as_many_run_beside_each_other() {
        // Would never end if they ran one after the other.
        let all = Barrier::new(4);
        at_once(vec![(); 4], 4, |()| all.wait());
    }
}
