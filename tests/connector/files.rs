//! Create, open, probe, delete; what fails and how.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use h5rest_testkit::dead::DeadServer;
use h5rest_testkit::{Endpoint, TestServer};
use hdf5_vol_rest::config::Config;
use hdf5_vol_rest::connector::{ErrorKind, File};
use serde_json::{Map, json};

use super::{Place, group, settings};

#[test]
fn create_open_delete() {
    let place = Place::new("life");
    assert!(!File::probe(&place.config, place.name()).unwrap());
    let mut properties = Map::new();
    properties.insert("userblock".into(), json!(512));
    let file = File::create(&place.config, place.name(), true, properties.clone()).unwrap();
    assert_eq!(file.root_properties().unwrap(), properties);
    assert_eq!(file.name(), place.name());
    let (fileno, root) = (file.fileno(), file.root().id());
    group(&file.root(), "g");
    assert!(File::delete(&place.config, place.name()).is_err());
    file.flush().unwrap();
    file.close().unwrap();
    drop(file);
    assert!(File::probe(&place.config, place.name()).unwrap());
    let file = place.open(false);
    assert_eq!((file.fileno(), file.root().id()), (fileno, root));
    assert_eq!(file.root_properties().unwrap(), properties);
    file.root().open("g").unwrap();
    drop(file);
    File::delete(&place.config, place.name()).unwrap();
    assert!(!File::probe(&place.config, place.name()).unwrap());
    let error = File::open(&place.config, place.name(), false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().ends_with(", errno = 2"), "{error}");
}

#[test]
fn exclusive_and_truncating() {
    let place = Place::new("excl");
    let file = place.create();
    group(&file.root(), "old");
    // A file that is open is neither replaced nor created again.
    let open = File::create(&place.config, place.name(), false, Map::new());
    assert_eq!(open.unwrap_err().kind(), ErrorKind::Invalid);
    let open = File::create(&place.config, place.name(), true, Map::new());
    assert_eq!(open.unwrap_err().kind(), ErrorKind::Exists);
    drop(file);
    let again = File::create(&place.config, place.name(), true, Map::new());
    let error = again.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exists);
    assert!(error.to_string().ends_with(", errno = 17"), "{error}");
    let file = place.create();
    assert!(!file.root().link_exists("old").unwrap());
}

#[test]
fn two_opens_of_one_file_see_each_others_changes() {
    let place = Place::new("twice");
    let first = place.create();
    let second = place.open(false);
    let third = second.reopen();
    assert!(first.same_domain(&second) && !third.writable());
    group(&first.root(), "g");
    assert!(second.root().link_exists("g").unwrap());
    let refused = second
        .root()
        .create_group(Some("h"), &super::PLAIN, Map::new());
    let error = refused.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    assert!(error.to_string().ends_with(", errno = 30"), "{error}");
}

#[test]
fn opening_costs_one_request() {
    let place = Place::new("count");
    drop(place.create());
    let counter = place.count();
    let file = place.open(true);
    assert_eq!(counter.total(), 1, "{:?}", counter.counts());
    file.root().group_info().unwrap();
    file.root()
        .links(
            hdf5_vol_rest::connector::IndexBy::Name,
            hdf5_vol_rest::connector::Order::Native,
        )
        .unwrap();
    // On h5rest the first objects come with the open request.
    let known = matches!(place.server, TestServer::Own(_));
    let expected = if known { 1 } else { 2 };
    assert_eq!(counter.total(), expected, "{:?}", counter.counts());
    counter.reset();
    let made = group(&file.root(), "g");
    group(&made, "h");
    assert_eq!(counter.total(), 0, "{:?}", counter.counts());
    file.close().unwrap();
    let most = if file.session().server().is_h5rest() {
        1
    } else {
        2
    };
    assert_eq!(counter.total(), most, "{:?}", counter.counts());
}

#[test]
fn folders_are_no_files() {
    let place = Place::new("folder");
    let folder = format!("/home/{}", place.server.endpoint().username);
    assert!(!File::probe(&place.config, &folder).unwrap());
    assert!(File::open(&place.config, &folder, false).is_err());
    assert!(File::delete(&place.config, &folder).is_err());
    assert!(File::create(&place.config, &folder, false, Map::new()).is_err());
    let missing = File::create(
        &place.config,
        "/home/test_user1/no/such/f.h5",
        true,
        Map::new(),
    );
    assert_eq!(missing.unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_wrong_password_is_one_clear_error() {
    let place = Place::new("password");
    drop(place.create());
    let mut endpoint = place.server.endpoint().clone();
    endpoint.password = "wrong-and-secret".into();
    let error = File::open(&settings(&endpoint), place.name(), false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    let text = error.to_string();
    assert!(text.ends_with(", errno = 13"), "{text}");
    assert!(
        text.contains("401") && !text.contains("wrong-and-secret"),
        "{text}"
    );
}

#[test]
fn others_may_not_write() {
    let place = Place::new("others");
    drop(place.create());
    let mut endpoint = place.server.endpoint().clone();
    endpoint.username = "test_user2".into();
    let config = settings(&endpoint);
    let error = File::open(&config, place.name(), true).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
}

#[test]
fn administrators_may_write_everything() {
    let place = Place::new("admin");
    drop(place.create());
    let mut endpoint = place.server.endpoint().clone();
    endpoint.username = "admin".into();
    endpoint.password = "admin".into();
    let file = File::open(&settings(&endpoint), place.name(), true).unwrap();
    group(&file.root(), "g");
}

#[test]
fn a_dead_endpoint_fails_soon() {
    let dead = DeadServer::start().unwrap();
    let started = Instant::now();
    let config = settings(&Endpoint::of_test_user(dead.url().unwrap()));
    let error = File::open(&config, "/home/test_user1/f.h5", false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().ends_with(", errno = 111"), "{error}");
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn a_silent_endpoint_fails_after_the_timeout() {
    // Accepts connections (the kernel does) and never answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let started = Instant::now();
    let config = Config::from_info(Some(&format!("endpoint={url};username=u;timeout=1")));
    let error = File::open(&config, "/home/u/f.h5", false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().ends_with(", errno = 110"), "{error}");
    let took = started.elapsed();
    assert!(
        took >= Duration::from_secs(1) && took < Duration::from_secs(20),
        "{took:?}"
    );
}
