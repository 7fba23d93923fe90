use std::sync::mpsc::{Receiver, Sender, channel};

use h5rest_protocol::ObjectClass;

use super::*;

fn objects(count: usize) -> Vec<ObjectId> {
    let root = ObjectId::new_root();
    let new = || root.new_in_domain(ObjectClass::Dataset);
    std::iter::repeat_with(new).take(count).collect()
}

fn changes(id: ObjectId) -> Follows {
    Follows::object(id, Use::Changes)
}

fn reads(id: ObjectId) -> Follows {
    Follows::object(id, Use::Reads)
}

/// Work that says when it begins, and ends when it is told to.
fn held(name: &'static str, began: &Sender<&'static str>) -> (Work, Sender<()>) {
    let (began, (end, wait)) = (began.clone(), channel::<()>());
    let work = move || {
        began.send(name).unwrap();
        wait.recv().unwrap();
        Ok(())
    };
    (Box::new(work), end)
}

fn done(began: &Sender<&'static str>, name: &'static str) -> Work {
    let began = began.clone();
    Box::new(move || {
        began.send(name).unwrap();
        Ok(())
    })
}

fn names(began: &Receiver<&'static str>, count: usize) -> Vec<&'static str> {
    let mut names: Vec<_> = began.iter().take(count).collect();
    names.sort_unstable();
    names
}

#[test]
fn one_object_keeps_its_order_and_others_do_not_wait() {
    let (queue, ids) = (Requests::new(), objects(2));
    let (tell, began) = channel();
    let (work, end) = held("first", &tell);
    let first = queue.submit(Kind::Values, changes(ids[0]), work);
    let second = queue.submit(Kind::Values, changes(ids[0]), done(&tell, "second"));
    let reader = queue.submit(Kind::Values, reads(ids[0]), done(&tell, "reader"));
    let other = queue.submit(Kind::Values, changes(ids[1]), done(&tell, "other"));
    assert!(matches!(other.wait(None), Some(Outcome::Done)));
    assert_eq!(names(&began, 2), ["first", "other"]);
    assert!(first.wait(Some(Duration::ZERO)).is_none());
    assert!(second.wait(Some(Duration::ZERO)).is_none());
    end.send(()).unwrap();
    assert!(matches!(reader.wait(None), Some(Outcome::Done)));
    assert_eq!(began.recv().unwrap(), "second");
    assert_eq!(began.recv().unwrap(), "reader");
    assert!(first.times().is_some());
}

#[test]
fn readers_run_beside_each_other() {
    let (queue, ids) = (Requests::new(), objects(1));
    let (tell, began) = channel();
    let ends: Vec<_> = (0..3)
        .map(|_| {
            let (work, end) = held("reader", &tell);
            queue.submit(Kind::Values, reads(ids[0]), work);
            end
        })
        .collect();
    assert_eq!(names(&began, 3).len(), 3);
    let writer = queue.submit(Kind::Values, changes(ids[0]), done(&tell, "writer"));
    assert!(writer.wait(Some(Duration::ZERO)).is_none());
    ends.iter().for_each(|end| end.send(()).unwrap());
    assert!(matches!(writer.wait(None), Some(Outcome::Done)));
}

#[test]
fn everything_before_a_flush_is_done_first() {
    let (queue, ids) = (Requests::new(), objects(3));
    let (tell, began) = channel();
    let held: Vec<_> = ids.iter().map(|_| held("write", &tell)).collect();
    let mut ends = Vec::new();
    for (id, (work, end)) in ids.iter().zip(held) {
        queue.submit(Kind::Values, changes(*id), work);
        ends.push(end);
    }
    let flush = queue.submit(Kind::Values, Follows::Everything, done(&tell, "flush"));
    assert_eq!(names(&began, 3), ["write"; 3]);
    ends.iter().for_each(|end| end.send(()).unwrap());
    assert!(matches!(flush.wait(None), Some(Outcome::Done)));
}

#[test]
fn only_what_has_not_begun_is_cancelled() {
    let (queue, ids) = (Requests::new(), objects(1));
    let (tell, began) = channel();
    let (work, end) = held("first", &tell);
    let first = queue.submit(Kind::Values, changes(ids[0]), work);
    let second = queue.submit(Kind::Values, changes(ids[0]), done(&tell, "second"));
    let close = queue.submit(Kind::Close, Follows::Everything, done(&tell, "close"));
    assert_eq!(began.recv().unwrap(), "first");
    assert!(second.cancel() && !first.cancel() && !close.cancel());
    assert!(matches!(second.wait(None), Some(Outcome::Cancelled)));
    end.send(()).unwrap();
    assert!(matches!(first.wait(None), Some(Outcome::Done)));
    assert!(matches!(close.wait(None), Some(Outcome::Done)));
    assert_eq!(began.recv().unwrap(), "close");
    assert!(!first.cancel());
}

#[test]
fn failures_and_panics_are_outcomes() {
    let (queue, ids) = (Requests::new(), objects(1));
    let fails = Box::new(|| Err(Error::new(ErrorKind::Denied, "not yours")));
    let failed = queue.submit(Kind::Values, changes(ids[0]), fails);
    let panics: Work = Box::new(|| panic!("a panic that a test wants"));
    let panicked = queue.submit(Kind::Values, changes(ids[0]), panics);
    let after = queue.submit(Kind::Values, changes(ids[0]), Box::new(|| Ok(())));
    let Some(Outcome::Failed(error)) = failed.wait(None) else {
        panic!("it must fail");
    };
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert!(matches!(panicked.wait(None), Some(Outcome::Failed(_))));
    assert!(matches!(after.wait(None), Some(Outcome::Done)));
}

#[test]
fn a_server_out_of_reach_is_asked_once() {
    let (queue, ids) = (Requests::new(), objects(1));
    let (tell, began) = channel();
    let (start, wait) = channel::<()>();
    let fails = move || {
        wait.recv().unwrap();
        Err(Error::new(ErrorKind::Timeout, "no answer"))
    };
    queue.submit(Kind::Values, changes(ids[0]), Box::new(fails));
    let second = queue.submit(Kind::Values, changes(ids[0]), done(&tell, "second"));
    start.send(()).unwrap();
    let Some(Outcome::Failed(error)) = second.wait(None) else {
        panic!("it must fail");
    };
    assert!(error.to_string().contains("no answer"), "{error}");
    drop(tell);
    assert!(began.recv().is_err(), "it was attempted");
    let later = queue.submit(Kind::Values, changes(ids[0]), Box::new(|| Ok(())));
    assert!(matches!(later.wait(None), Some(Outcome::Done)));
}

#[test]
fn the_end_waits_and_reports_what_nobody_asked_about() {
    let (queue, ids) = (Requests::new(), objects(2));
    let fails = || Err(Error::new(ErrorKind::Denied, "not yours"));
    let asked = queue.submit(Kind::Values, changes(ids[0]), Box::new(fails));
    asked.wait(None);
    let forgotten = queue.submit(Kind::Values, changes(ids[1]), Box::new(fails));
    let failed = queue.drain(Duration::from_secs(60));
    assert_eq!(failed.len(), 1);
    drop(forgotten);
    assert!(queue.drain(Duration::from_secs(60)).is_empty());
}

#[test]
fn the_end_gives_up_when_nothing_comes() {
    let (queue, ids) = (Requests::new(), objects(1));
    let (tell, began) = channel();
    let (work, _end) = held("first", &tell);
    let first = queue.submit(Kind::Values, changes(ids[0]), work);
    let second = queue.submit(Kind::Values, changes(ids[0]), done(&tell, "second"));
    assert_eq!(began.recv().unwrap(), "first");
    assert_eq!(queue.drain(Duration::from_millis(10)).len(), 2);
    assert!(matches!(first.wait(None), Some(Outcome::Failed(_))));
    assert!(matches!(second.wait(None), Some(Outcome::Failed(_))));
}

#[test]
fn many_threads_of_a_program_may_queue() {
    let (queue, ids) = (Requests::new(), objects(4));
    let sum = Arc::new(Mutex::new(vec![0u64; ids.len()]));
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let (queue, ids, sum) = (&queue, &ids, &sum);
            scope.spawn(move || {
                for n in 0..500u64 {
                    let at = ((thread + n) % 4) as usize;
                    let sum = sum.clone();
                    // Reads and writes in two steps: only whoever runs alone gets it right.
                    let work = move || {
                        let before = sum.lock()[at];
                        std::thread::yield_now();
                        sum.lock()[at] = before + 1;
                        Ok(())
                    };
                    queue.submit(Kind::Values, changes(ids[at]), Box::new(work));
                }
            });
        }
    });
    assert!(queue.drain(Duration::from_secs(60)).is_empty());
    assert_eq!(*sum.lock(), [500; 4]);
    assert!(queue.queue.lock().unfinished.is_empty());
}
