//! Links of all kinds: order, resolution, move, copy, deletion.

use h5rest_protocol::Link;
use h5rest_protocol::datatype::CharSet;
use hdf5_vol_rest::connector::{ErrorKind, File, IndexBy, LinkOptions, Object, Order};
use serde_json::{Map, json};

use super::{PLAIN, Place, WITH_GROUPS, group};

fn names(group: &Object, by: IndexBy, order: Order) -> Vec<String> {
    let links = group.links(by, order).unwrap();
    links.into_iter().map(|link| link.name).collect()
}

fn soft(path: &str) -> Link {
    Link::Soft(path.into())
}

#[test]
fn both_orders_survive_reopening() {
    let place = Place::new("order");
    let tracked = json!({"linkCreationOrder": "H5P_CRT_ORDER_TRACKED"});
    let tracked = tracked.as_object().unwrap().clone();
    let file = File::create(&place.config, place.name(), false, tracked).unwrap();
    let root = file.root();
    for name in ["c", "a", "d", "b"] {
        group(&root, name);
    }
    root.create_link("0", soft("/a"), &PLAIN).unwrap();
    root.delete_link("d").unwrap();
    let check = |root: &Object| {
        let by_name = names(root, IndexBy::Name, Order::Increasing);
        assert_eq!(by_name, ["0", "a", "b", "c"]);
        let by_order = names(root, IndexBy::CreationOrder, Order::Decreasing);
        assert_eq!(by_order, ["0", "b", "a", "c"]);
    };
    check(&root);
    assert_eq!(root.link("b").unwrap().creation_order, 3);
    assert_eq!(root.group_info().unwrap().max_creation_order, 5);
    assert_eq!(
        root.link_at("/", IndexBy::Name, Order::Increasing, 3)
            .unwrap()
            .1
            .name,
        "c"
    );
    let last = root
        .open_link("/", IndexBy::CreationOrder, Order::Increasing, 0)
        .unwrap();
    assert_eq!(last.path(), Some("/c"));
    drop((root, last, file));
    check(&place.open(false).root());
}

#[test]
fn names_of_any_characters() {
    let place = Place::new("names");
    let file = place.create();
    let all = [
        "ü",
        "a b",
        "a?b&c=d#e",
        "100%",
        "..",
        "\"quoted\"",
        "tab\there",
        "日本",
    ];
    for name in all {
        group(&file.root(), name);
    }
    drop(file);
    let file = place.open(true);
    for name in all {
        let found = file.root().open(name).unwrap();
        assert_eq!(found.path(), Some(format!("/{name}").as_str()));
        let charset = file.root().link(name).unwrap().charset;
        // They were declared as ASCII, as most programs do. HSDS keeps nothing with a first link, so
        // that there the name itself tells.
        let declared = file.session().server().is_h5rest();
        assert_eq!(charset == CharSet::Ascii, declared || name.is_ascii());
        file.root().delete_link(name).unwrap();
    }
    drop(file);
    assert_eq!(place.open(false).root().group_info().unwrap().links, 0);
}

#[test]
fn declared_encodings_survive() {
    let place = Place::new("cset");
    let file = place.create();
    let utf8 = LinkOptions {
        intermediate: false,
        charset: CharSet::Utf8,
    };
    file.root().create_link("plain", soft("x"), &utf8).unwrap();
    drop(file);
    let link = place.open(false).root().link("plain").unwrap();
    assert_eq!(link.charset, CharSet::Utf8);
}

#[test]
fn paths_are_resolved_as_in_hdf5() {
    let place = Place::new("paths");
    let file = place.create();
    let root = file.root();
    root.create_group(Some("a/b/c"), &WITH_GROUPS, Map::new())
        .unwrap();
    let b = root.open("a/b").unwrap();
    for (path, from, to) in [
        ("a//b/./c", &root, "/a/b/c"),
        ("/a/b/c/", &b, "/a/b/c"),
        ("c", &b, "/a/b/c"),
        (".", &b, "/a/b"),
        ("/", &b, "/"),
    ] {
        assert_eq!(from.open(path).unwrap().path(), Some(to));
    }
    let error = root.open("a/x/c").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("'x'"), "{error}");
    assert!(root.create_group(Some("p/q"), &PLAIN, Map::new()).is_err());
    assert_eq!(
        root.create_group(Some("a"), &PLAIN, Map::new())
            .unwrap_err()
            .kind(),
        ErrorKind::Exists
    );
    assert!(root.link_exists("/").unwrap() && !root.link_exists(".").unwrap());
    assert!(root.object_exists(".").unwrap() && root.object_exists("a/.").unwrap());
    assert!(!root.link_exists("a/.").unwrap() && root.link_exists("z/.").is_err());
    assert!(root.object_exists("z").is_err());
    assert!(root.link_exists("a/b").unwrap() && !root.link_exists("a/z").unwrap());
    assert!(root.link_exists("z/a").is_err());
}

#[test]
fn soft_links_are_followed_and_cycles_end() {
    let place = Place::new("soft");
    let file = place.create();
    let root = file.root();
    let a = group(&root, "a");
    group(&a, "target");
    a.create_link("relative", soft("target"), &PLAIN).unwrap();
    root.create_link("absolute", soft("/a/relative"), &PLAIN)
        .unwrap();
    root.create_link("dangling", soft("/nowhere"), &PLAIN)
        .unwrap();
    root.create_link("loop", soft("loop"), &PLAIN).unwrap();
    let target = root.open("a/target").unwrap();
    assert_eq!(root.open("absolute").unwrap().id(), target.id());
    assert_eq!(root.open("absolute").unwrap().path(), Some("/absolute"));
    assert_eq!(
        root.open("dangling").unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert!(
        root.open("loop")
            .unwrap_err()
            .to_string()
            .contains("more than 16")
    );
    assert!(root.link_exists("dangling").unwrap());
    assert_eq!(root.link("dangling").unwrap().link, soft("/nowhere"));
    // Through a soft link to a group, new things go into that group.
    root.create_link("to_a", soft("a"), &PLAIN).unwrap();
    group(&root, "to_a/made");
    assert!(a.link_exists("made").unwrap());
}

#[test]
fn external_links_open_the_other_file() {
    let place = Place::new("outer");
    let other = place.beside("inner");
    let file = File::create(&place.config, other.path(), true, Map::new()).unwrap();
    group(&file.root(), "there");
    drop(file);
    let file = place.create();
    let root = file.root();
    let name = other.path().rsplit('/').next().unwrap();
    for (link, target) in [
        ("absolute", other.path()),
        ("relative", name),
        ("moved", "/gone/dir/"),
    ] {
        let target = match target {
            "/gone/dir/" => format!("/gone/dir/{name}"),
            target => target.to_owned(),
        };
        let external = Link::External {
            file: target,
            path: "/there".into(),
        };
        root.create_link(link, external.clone(), &PLAIN).unwrap();
        assert_eq!(root.link(link).unwrap().link, external);
        let found = root.open(link).unwrap();
        assert_eq!(found.path(), Some("/there"));
        assert!(!found.file().same_domain(&file));
    }
    let missing = Link::External {
        file: "missing.h5".into(),
        path: "/x".into(),
    };
    root.create_link("missing", missing, &PLAIN).unwrap();
    assert_eq!(
        root.open("missing").unwrap_err().kind(),
        ErrorKind::NotFound
    );
    // New things go into the other file.
    group(&root, "relative/new");
    drop((root, file));
    let file = File::open(&place.config, other.path(), false).unwrap();
    file.root().open("there/new").unwrap();
}

#[test]
fn move_and_copy() {
    let place = Place::new("move");
    let file = place.create();
    let root = file.root();
    let a = group(&root, "a");
    let b = group(&root, "b");
    let x = group(&a, "x");
    root.move_link("a/x", &b, "y", &PLAIN).unwrap();
    assert!(!a.link_exists("x").unwrap());
    assert_eq!(b.open("y").unwrap().id(), x.id());
    b.copy_link("y", &root, "a/again", &PLAIN).unwrap();
    assert_eq!(x.info().unwrap().rc, 2);
    let taken = root.copy_link("a", &root, "b", &PLAIN);
    assert_eq!(taken.unwrap_err().kind(), ErrorKind::Exists);
    root.create_link("s", soft("anywhere"), &PLAIN).unwrap();
    root.move_link("s", &root, "t", &PLAIN).unwrap();
    drop((x, a, b, root, file));
    let root = place.open(false).root();
    assert_eq!(root.link("t").unwrap().link, soft("anywhere"));
    assert!(root.link_exists("a/again").unwrap() && root.link_exists("b/y").unwrap());
    assert!(!root.link_exists("s").unwrap());
}

#[test]
fn objects_go_with_their_last_hard_link() {
    let place = Place::new("unlink");
    let file = place.create();
    let root = file.root();
    let a = group(&root, "a");
    let (inner, both) = (group(&a, "inner").token(), group(&a, "both"));
    root.create_hard_link("kept", &both, &PLAIN).unwrap();
    assert_eq!(both.info().unwrap().rc, 2);
    let (kept, a_token) = (both.token(), a.token());
    drop((a, both, root, file));
    // In a later session, where the links are not known from making them.
    let file = place.open(true);
    let root = file.root();
    root.delete_link("a").unwrap();
    drop((root, file));
    let file = place.open(true);
    assert!(file.root().open_token(a_token).is_err());
    assert!(file.root().open_token(inner).is_err());
    let kept = file.root().open_token(kept).unwrap();
    assert_eq!(kept.info().unwrap().rc, 1);
    assert_eq!(kept.find_path().unwrap().as_deref(), Some("/kept"));
}

#[test]
fn open_objects_stay_until_they_are_closed() {
    let place = Place::new("doomed");
    let file = place.create();
    let root = file.root();
    let g = group(&root, "g");
    let token = g.token();
    root.delete_link("g").unwrap();
    assert_eq!(g.info().unwrap().rc, 0);
    group(&g, "still_usable");
    let again = root.open_token(token).unwrap();
    drop(g);
    again.info().unwrap();
    drop(again);
    assert_eq!(
        root.open_token(token).unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[test]
fn user_defined_links_survive() {
    let place = Place::new("ud");
    let file = place.create();
    let link = Link::UserDefined {
        class: 187,
        data: vec![0, 255, 7],
    };
    file.root().create_link("ud", link.clone(), &PLAIN).unwrap();
    drop(file);
    let root = place.open(true).root();
    assert_eq!(root.link("ud").unwrap().link, link);
    assert_eq!(root.open("ud").unwrap_err().kind(), ErrorKind::Unsupported);
    root.move_link("ud", &root, "moved", &PLAIN).unwrap();
    drop(root);
    let root = place.open(true).root();
    assert_eq!(root.link("moved").unwrap().link, link);
}
