use std::sync::mpsc;

use serde_json::json;

use super::names::{MOST, OLD, TOGETHER};
use super::*;
use crate::error::ApiError;

/// A store, and what was answered there.
struct Site {
    store: Arc<Store>,
    known: Arc<Repetitions>,
}

fn key(kind: Kind, user: &str, n: usize) -> Key {
    Key {
        kind,
        user: user.into(),
        domain: "/d".into(),
        id: n.to_string(),
    }
}

fn batch(user: &str, n: usize) -> Key {
    key(Kind::Batch, user, n)
}

impl Site {
    fn over(store: Store) -> Self {
        let known = Arc::new(Repetitions::of(&store).unwrap());
        let store = Arc::new(store);
        Self { store, known }
    }

    /// A change of this name as it is sent at this time, of which `new` is the answer if it is made.
    fn change(
        &self,
        key: Key,
        time: f64,
        new: Value,
    ) -> impl FnOnce(&mut Overlay<'_>) -> Result<Value> + Send + use<> {
        let known = self.known.clone();
        move |change| known.once(change, time, &key, |_| Ok(new))
    }

    /// What it is answered now.
    fn once(&self, key: Key, new: Value) -> Value {
        let change = self.change(key, self.store.clock.now(), new);
        let made = self.store.write(change).unwrap();
        self.known.tidy(&self.store);
        made
    }

    /// One that fails when all is done but the commit.
    fn fail(&self, key: Key) {
        let change = self.change(key, self.store.clock.now(), json!("lost"));
        let full = |_| Err(ApiError::internal("the disk is full"));
        let failed = self
            .store
            .write(move |overlay| change(overlay).and_then(full));
        failed.map(|answer: Value| answer).unwrap_err();
        self.known.tidy(&self.store);
    }

    /// Answers that the store has.
    fn kept(&self) -> usize {
        let (prefix, mut count) = (keys::answers(), 0);
        let reader = self.store.read().unwrap();
        let end = keys::end_of(&prefix);
        let add = &mut |_: &[u8], _| {
            count += 1;
            ControlFlow::Continue(())
        };
        reader.scan_sizes(&prefix, &end, add).unwrap();
        count
    }
}

#[test]
fn only_the_latest_answers_of_each_user_are_kept() {
    let site = Site::over(Store::in_memory());
    let long = json!(vec![json!({"status": 200}); 10_000]);
    assert_eq!(site.once(batch("u", MOST[0]), long.clone()), long);
    assert_eq!(site.once(batch("u", MOST[0]), json!("new")), long);
    assert_eq!(site.once(batch("other", 0), json!("others'")), "others'");
    let last = MOST[0] + TOGETHER;
    for n in 0..last {
        assert_eq!(
            site.once(batch("u", 2 * last + n), json!(n)),
            n,
            "not made before"
        );
    }
    // Nobody's answers go because another one makes many changes.
    assert_eq!(site.once(batch("other", 0), json!("new")), "others'");
    assert_eq!(site.once(batch("u", MOST[0]), json!("new")), "new");
    assert_eq!(site.once(batch("u", 3 * last - 1), json!("new")), last - 1);
    // Those that go are those in the store, and after another start the same are left.
    let kept = site.kept();
    assert!((MOST[0]..MOST[0] + 2 + TOGETHER).contains(&kept), "{kept}");
    let again = Repetitions::of(&site.store).unwrap();
    assert_eq!(again.names.lock().count(), kept);
    assert_eq!(site.known.names.lock().count(), kept);
}

#[test]
fn answers_of_many_bytes_go_first() {
    let site = Site::over(Store::in_memory());
    let long = json!(record::noise(1 << 20));
    site.once(batch("other", 0), json!("others'"));
    for n in 0..40 {
        site.once(batch("u", n), long.clone());
    }
    assert!(site.kept() < 30, "{}", site.kept());
    assert_eq!(site.once(batch("u", 39), json!("new")), long);
    assert_eq!(site.once(batch("u", 0), json!("new")), "new");
    assert_eq!(site.once(batch("other", 0), json!("new")), "others'");
}

#[test]
fn attempts_that_fail_make_nothing_forgotten() {
    let site = Site::over(Store::in_memory());
    assert_eq!(site.once(batch("u", 0), json!("made")), "made");
    for _ in 0..MOST[0] + 2 * TOGETHER {
        site.fail(batch("u", 1));
    }
    assert_eq!(site.once(batch("u", 0), json!("new")), "made");
    assert_eq!(site.once(batch("u", 1), json!("made then")), "made then");
}

#[test]
fn what_could_not_be_forgotten_is_still_known() {
    let site = Site::over(Store::in_memory());
    for n in 0..MOST[0] + TOGETHER - 1 {
        site.once(batch("u", n), json!(n));
    }
    // Without its tidying.
    let now = site.store.clock.now();
    let last = site.change(batch("u", MOST[0] + TOGETHER), now, json!("last"));
    site.store.write(last).unwrap();
    let now = place::micros(now);
    let places = site.known.names.lock().excess(now);
    assert_eq!(places.len(), TOGETHER);
    // As when the transaction fails.
    site.known.tidying.store(true, Ordering::Release);
    drop(Tidying {
        repetitions: site.known.clone(),
        again: now + PAUSE,
    });
    assert!(!site.known.tidying.load(Ordering::Acquire));
    assert_eq!(site.once(batch("u", 0), json!("new")), 0);
    assert_eq!(site.known.names.lock().excess(now), places);
    site.known.not_before.store(0, Ordering::Relaxed);
    site.once(batch("u", MOST[0] + TOGETHER + 1), json!("later"));
    assert_eq!(site.once(batch("u", 0), json!("new")), "new");
}

#[test]
fn answers_are_forgotten_when_they_are_old() {
    let site = Site::over(Store::in_memory());
    let now = site.store.clock.now();
    let send = |kind, n, time, new: &str| {
        let change = site.change(key(kind, "u", n), time, json!(new));
        site.store.write(change).unwrap()
    };
    for kind in [Kind::Batch, Kind::Request] {
        send(kind, 0, now - OLD - 10.0, "old");
    }
    for kind in [Kind::Batch, Kind::Request] {
        send(kind, 1, now - OLD + 600.0, "young");
    }
    site.known.tidy(&site.store);
    for kind in [Kind::Batch, Kind::Request] {
        assert_eq!(send(kind, 1, now, "new"), "young");
        assert_eq!(send(kind, 0, now, "new"), "new");
    }
}

#[test]
fn an_answer_is_there_if_its_change_is() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::over(Store::in_folder(folder.path()).unwrap());
    site.fail(batch("u", 1));
    assert_eq!(site.once(batch("u", 1), json!("made")), "made");
    let requests = |site: &Site| site.once(key(Kind::Request, "u", 1), json!("a request"));
    assert_eq!(requests(&site), "a request");
    // As when it is killed.
    drop(site);
    let site = Site::over(Store::in_folder(folder.path()).unwrap());
    assert_eq!(site.once(batch("u", 1), json!("made again")), "made");
    assert_eq!(requests(&site), "a request");
}

#[test]
fn two_attempts_in_one_transaction() {
    let site = Site::over(Store::in_memory());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let (begun, has_begun) = mpsc::channel();
    let (go, may_go) = mpsc::channel();
    let before = site.store.submit(move |_| {
        begun.send(()).unwrap();
        may_go.recv().unwrap();
        Ok::<_, StoreError>(())
    });
    has_begun.recv().unwrap();
    // These wait for the one before, and are made together.
    let now = site.store.clock.now();
    let send = |new: &str| {
        let change = site.change(batch("u", 1), now, json!(new));
        site.store.submit(change)
    };
    let (first, second) = (send("first"), send("second"));
    go.send(()).unwrap();
    runtime.block_on(before).unwrap();
    assert_eq!(runtime.block_on(first).unwrap(), "first");
    assert_eq!(runtime.block_on(second).unwrap(), "first");
}

#[test]
fn a_change_with_an_answer_that_is_too_long_is_made_once() {
    let site = Site::over(Store::in_memory());
    let long = json!(record::noise(2 << 20));
    assert_eq!(site.once(batch("u", 1), long.clone()), long);
    let now = site.store.clock.now();
    let again = site.change(batch("u", 1), now, json!("made again"));
    let refused = site.store.write(again).unwrap_err();
    assert_eq!(refused.status.as_u16(), 409);
    assert!(refused.reason.contains("made before"), "{}", refused.reason);
}

#[test]
fn answers_in_an_earlier_form_are_no_obstacle() {
    let store = Store::in_memory();
    let earlier = [&keys::answers()[..], &[1; 33]].concat();
    let put = move |change: &mut Overlay<'_>| {
        change.put(earlier, b"12345678 {}".to_vec());
        Ok::<_, StoreError>(())
    };
    store.write(put).unwrap();
    let site = Site::over(store);
    assert_eq!(site.kept(), 0);
    assert_eq!(site.once(batch("u", 1), json!("made")), "made");
}
