//! Several programs, or several sessions of one, on the same domain: nobody takes away what another one
//! wrote, and nobody who was told that all is well has lost something.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use h5rest_client::{Request, Response, Sink, Transport, TransportError, TransportFailure};
use h5rest_protocol::creation::{DatasetCreation, Layout};
use h5rest_protocol::{Datatype, Extent, Link, Shape, selection};
use hdf5_vol_rest::connector::{File, Object, use_transport};
use serde_json::{Map, Value, json};

use super::late::ask;
use super::{PLAIN, Place, dataset, group};

/// A dataset of integers that may grow.
fn growing(at: &Object) -> Object {
    let space = Shape::Simple {
        dims: vec![10],
        maxdims: Some(vec![Extent::Unlimited]),
    };
    let creation = DatasetCreation {
        layout: Some(Layout::Chunked(vec![100])),
        ..Default::default()
    };
    let ty = Datatype::integer(4, true).into();
    at.create_dataset(Some("d"), &PLAIN, ty, space, creation)
        .unwrap()
}

/// Growth from an extent that is no longer the dataset's.
#[test]
fn what_others_added_is_not_cut_off() {
    let place = Place::new("grown");
    let file = place.create();
    let made = growing(&file.root());
    file.flush().unwrap();
    let path = format!("/datasets/{}/shape", made.id());
    assert_eq!(ask(&place, "PUT", &path, &json!({"shape": [100]})), 201);
    // Sent alone, and together with another change.
    for alone in [true, false] {
        made.set_extent(&[if alone { 20 } else { 30 }]).unwrap();
        if !alone {
            group(&file.root(), "g");
        }
        file.flush().unwrap();
    }
    made.refresh().unwrap();
    assert_eq!(made.dataset().unwrap().shape.dims(), [100]);
    made.set_extent(&[120]).unwrap();
    file.flush().unwrap();
    made.refresh().unwrap();
    assert_eq!(made.dataset().unwrap().shape.dims(), [120]);
    // Who makes it smaller means it.
    made.set_extent(&[5]).unwrap();
    made.refresh().unwrap();
    assert_eq!(made.dataset().unwrap().shape.dims(), [5]);
}

/// Work that is given up before it begins: the extent is what the server has.
#[test]
fn an_extent_that_never_came_to_the_server_is_forgotten() {
    let place = Place::new("given_up");
    let file = place.create();
    let made = growing(&file.root());
    file.flush().unwrap();
    let work = made.set_extent_later(&[20]).unwrap();
    assert_eq!(made.dataset().unwrap().shape.dims(), [20]);
    drop(work);
    assert_eq!(made.dataset().unwrap().shape.dims(), [10]);
    made.set_extent(&[20]).unwrap();
    file.flush().unwrap();
    made.refresh().unwrap();
    assert_eq!(made.dataset().unwrap().shape.dims(), [20]);
}

/// The same domain by another name of its server.
#[test]
fn elements_that_wait_are_seen_by_another_name_of_the_file() {
    let place = Place::new("namesake");
    let file = place.create();
    let made = dataset(&file.root(), "d", Datatype::integer(1, false), &[200_000]);
    file.flush().unwrap();
    let all = selection::all(&[200_000]);
    for n in 0..20 {
        let part = format!("[{}:{}]", n * 10_000, (n + 1) * 10_000);
        let sel = selection::parse(&part, &[200_000]).unwrap();
        assert!(made.collect(&sel, &[7; 10_000]).unwrap());
    }
    let other = File::open(&place.config_elsewhere(), place.name(), false).unwrap();
    let mut read = vec![0; 200_000];
    let found = other.root().open("d").unwrap();
    found.read_into(&all, &mut read).unwrap();
    assert!(read.iter().all(|&byte| byte == 7));
}

/// The file that a link leads to is let go when the call is over: who has the link is told.
#[test]
fn what_a_linked_file_could_not_take_is_told_by_the_file_with_the_link() {
    let place = Place::new("linking");
    let other = place.beside("linked");
    let target = File::create(&place.config, other.path(), false, Map::new()).unwrap();
    let theirs = group(&target.root(), "g").id();
    target.close().unwrap();
    drop(target);
    let file = place.create();
    let link = Link::External {
        file: other.path().into(),
        path: "/g".into(),
    };
    file.root().create_link("ext", link, &PLAIN).unwrap();
    file.flush().unwrap();
    let reached = file.root().open("ext").unwrap();
    let soft = Link::Soft("x".into());
    reached.create_link("new", soft, &PLAIN).unwrap();
    let endpoint = place.server.endpoint();
    let path = format!("/groups/{theirs}?domain={}", other.path());
    let deleted = endpoint.request("DELETE", &path, &Value::Null.to_string());
    assert_eq!(deleted.unwrap().0, 200);
    drop(reached);
    let error = file.close().unwrap_err().to_string();
    assert!(error.contains("reached by a link, are lost"), "{error}");
    file.close().unwrap();
}

/// A way to the server on which all is lost but elements.
#[derive(Debug)]
struct ElementsAlone {
    inner: Arc<dyn Transport>,
    broken: AtomicBool,
}

impl Transport for ElementsAlone {
    fn send(&self, request: &Request, sink: Sink<'_>) -> Result<Response, TransportError> {
        match self.broken.load(Ordering::SeqCst) && !request.target().contains("/value") {
            true => Err(TransportError::new(
                TransportFailure::Timeout,
                "as the test wants",
            )),
            false => self.inner.send(request, sink),
        }
    }
}

/// A flush can tell one failure: the other one is told by the next.
#[test]
fn elements_that_were_refused_are_told_though_the_server_went_away_then() {
    let place = Place::new("both");
    let mut way = None;
    let wrap = |inner| {
        let broken = AtomicBool::new(false);
        let made = Arc::new(ElementsAlone { inner, broken });
        way = Some(made.clone());
        made as Arc<dyn Transport>
    };
    use_transport(&place.config, place.name(), wrap).unwrap();
    let file = place.create();
    if !file.session().server().is_h5rest() {
        return;
    }
    let dims = [200_000];
    let made = dataset(&file.root(), "d", Datatype::integer(1, false), &dims);
    file.flush().unwrap();
    assert!(
        made.collect(&selection::parse("[0:50000]", &dims).unwrap(), &[7; 50_000])
            .unwrap()
    );
    let path = format!("/datasets/{}", made.id());
    assert_eq!(ask(&place, "DELETE", &path, &Value::Null), 200);
    group(&file.root(), "g");
    let way = way.unwrap();
    way.broken.store(true, Ordering::SeqCst);
    let error = file.flush().unwrap_err().to_string();
    assert!(error.contains("changes of"), "{error}");
    way.broken.store(false, Ordering::SeqCst);
    let error = file.flush().unwrap_err().to_string();
    assert!(error.contains("cannot write dataset '/d'"), "{error}");
    file.flush().unwrap();
}
