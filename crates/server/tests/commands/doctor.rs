//! `h5rest doctor`: a test for each mistake of docs/TROUBLESHOOTING.md.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use h5rest_testkit::dead::DeadServer;
use serde_json::json;

use crate::{Server, Shell, printed};

const PLUGIN: &str = "libhdf5_vol_rest.so";
/// The text that tells this project's plugin from others of its name.
const MARK: &str = concat!("hdf5-vol-rest/", env!("CARGO_PKG_VERSION"));

/// A shell in which the plugin and an HDF5 are as they should be.
fn sound() -> Shell {
    let shell = Shell::empty();
    let (plugin, library) = (shell.path("plugin"), shell.path("lib"));
    fs::write(plugin.join(PLUGIN), like_the_plugin(MARK)).unwrap();
    fs::write(library.join("libhdf5.so"), hdf5("1.14.5")).unwrap();
    shell
        .with("HDF5_PLUGIN_PATH", plugin.to_str().unwrap())
        .with("LD_LIBRARY_PATH", library.to_str().unwrap())
        .with("HDF5_VOL_CONNECTOR", "REST")
}

/// A file that is made for this machine, as the doctor sees it, and has this text.
fn like_the_plugin(text: &str) -> Vec<u8> {
    let mut head = [0; 64];
    let mut program = fs::File::open(env!("CARGO_BIN_EXE_h5rest")).unwrap();
    program.read_exact(&mut head).unwrap();
    [&head[..], text.as_bytes(), b"\0"].concat()
}

/// What the doctor looks for in an HDF5 library.
fn hdf5(version: &str) -> String {
    format!("\u{7f}ELF ... HDF5 library version: {version}\0")
}

/// The doctor must fail, and say all of this.
#[track_caller]
fn finds(shell: &Shell, domain: Option<&str>, words: &[&str]) {
    let arguments: Vec<&str> = ["doctor"].into_iter().chain(domain).collect();
    let output = shell.run(&arguments);
    let text = printed(&output);
    for word in words {
        assert!(text.contains(word), "no '{word}' in\n{text}");
    }
    assert!(text.contains("PROBLEM"), "{text}");
    assert!(!output.status.success(), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

/// The doctor must find no problem, and say all of this.
#[track_caller]
fn says(shell: &Shell, domain: Option<&str>, words: &[&str]) {
    let arguments: Vec<&str> = ["doctor"].into_iter().chain(domain).collect();
    let output = shell.run(&arguments);
    let text = printed(&output);
    for word in words {
        assert!(text.contains(word), "no '{word}' in\n{text}");
    }
    assert!(output.status.success(), "{text}");
}

#[test]
fn nothing_is_wrong() {
    let shell = sound();
    let server = Server::start(shell.folder.path(), &[]);
    server.send("PUT", "/?domain=/home/ann/f.h5", &json!({}));
    let shell = shell.of_ann(server.url());
    let words = [
        "ok       plugin:",
        "1.14.5 at",
        "ok       HDF5_VOL_CONNECTOR: REST",
        "endpoint from HSDS_* variables",
        "ok       server: h5rest",
        "knows you as ann",
        "ok       file: /home/ann/f.h5, owned by ann",
        "access: read, create, update, delete",
    ];
    says(&shell, Some("f.h5"), &words);
    says(&shell, None, &["ok       home folder: /home/ann"]);
}

#[test]
fn the_plugin_is_not_where_hdf5_looks() {
    let shell = Shell::empty();
    finds(
        &shell,
        None,
        &["HDF5_PLUGIN_PATH is not set", "-> export HDF5_PLUGIN_PATH="],
    );
    let elsewhere = shell.path("lib").display().to_string();
    let shell = shell.with("HDF5_PLUGIN_PATH", &elsewhere);
    finds(
        &shell,
        None,
        &["but there is no libhdf5_vol_rest.so in", &elsewhere],
    );
}

#[test]
fn the_plugin_folder_holds_the_wrong_things() {
    let shell = sound();
    fs::write(shell.path("plugin").join("libother.so.1"), "").unwrap();
    finds(
        &shell,
        None,
        &["also holds libother.so.1", "leave only HDF5 plugins in it"],
    );
    let plugin = shell.path("plugin").join(PLUGIN);
    let mut content = like_the_plugin(MARK);
    content[18..20].copy_from_slice(&243_u16.to_le_bytes());
    fs::write(&plugin, &content).unwrap();
    finds(&shell, None, &["is for another machine (RISC-V, 64 bits)"]);
    fs::write(
        &plugin,
        &fs::read(env!("CARGO_BIN_EXE_h5rest")).unwrap()[..4096],
    )
    .unwrap();
    finds(&shell, None, &["is another connector of the same name"]);
    fs::write(&plugin, "").unwrap();
    finds(&shell, None, &["cannot be read, or is no library"]);
    let shell = sound().with("HDF5_PLUGIN_PRELOAD", "::");
    finds(&shell, None, &["-> unset HDF5_PLUGIN_PRELOAD"]);
}

#[test]
fn the_connector_is_misspelt() {
    for (value, hint) in [
        ("rest", "-> export HDF5_VOL_CONNECTOR=REST"),
        (
            "REST;endpoint=http://h;password=secret",
            "a blank between REST and the settings",
        ),
        (
            "REST colour=red",
            "'colour' in the connector information string is no setting",
        ),
    ] {
        let shell = sound().with("HDF5_VOL_CONNECTOR", value);
        finds(&shell, None, &[hint]);
    }
    let shell = sound().with("HDF5_VOL_CONNECTOR", "");
    finds(&shell, None, &["is not set: programs use local files"]);
}

#[test]
fn hdf5_is_too_old() {
    let shell = sound();
    fs::write(shell.path("lib").join("libhdf5.so"), hdf5("1.10.8")).unwrap();
    finds(&shell, None, &["1.10.8", "too old to load the plugin"]);
}

#[test]
fn no_endpoint_or_not_one() {
    finds(
        &sound(),
        None,
        &["no endpoint is configured", "-> export HSDS_ENDPOINT="],
    );
    let shell = sound().of_ann("localhost:5101");
    finds(&shell, None, &["does not start with http://"]);
}

#[test]
fn nobody_listens() {
    let dead = DeadServer::start().unwrap();
    let shell = sound().of_ann(&dead.url().unwrap());
    finds(&shell, None, &["nobody listens there: start the server"]);
    let shell = sound().of_ann("http://no-such-host.invalid:5101");
    finds(
        &shell,
        None,
        &["no-such-host.invalid", "correct the name in HSDS_ENDPOINT"],
    );
}

#[test]
fn the_server_stays_silent() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let shell = sound().of_ann(&url).with("HDF5_REST_TIMEOUT", "0.3");
    finds(
        &shell,
        None,
        &["no answer for 0.3 s", "or a firewall on the way"],
    );
}

#[test]
fn another_kind_of_server_answers() {
    let shell = sound();
    let server = Server::start(shell.folder.path(), &[]);
    // The API is not below this path.
    let shell = shell.of_ann(&format!("{}/elsewhere", server.url()));
    finds(
        &shell,
        None,
        &[
            "is no server of the HDF REST API",
            "check host, port and path",
        ],
    );
}

#[test]
fn http_and_https_are_mixed_up() {
    let shell = sound();
    let server = Server::start(shell.folder.path(), &[]);
    let https = server.url().replacen("http", "https", 1);
    finds(
        &shell.of_ann(&https),
        None,
        &["speaks http, not https", server.url()],
    );
}

#[test]
fn the_certificate_is_not_trusted() {
    let shell = sound();
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let (certificate, key) = (shell.path("cert.pem"), shell.path("key.pem"));
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let options = [
        "--tls-certificate",
        certificate.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ];
    let server = Server::start(shell.folder.path(), &options);
    let http = server.url().replacen("https", "http", 1);
    let shell = shell.of_ann(server.url());
    finds(
        &shell,
        None,
        &["does not trust the server's certificate", "SSL_CERT_FILE"],
    );
    let shell = sound().of_ann(&http);
    finds(&shell, None, &["if the server speaks https, use https://"]);
}

#[test]
fn credentials_are_wrong() {
    let shell = sound();
    let server = Server::start(shell.folder.path(), &[]);
    let shell = shell
        .with("HSDS_ENDPOINT", server.url())
        .with("HSDS_USERNAME", "ann");
    finds(
        &shell,
        None,
        &["user ann without a password", "export HSDS_PASSWORD"],
    );
    let shell = shell.with("HSDS_PASSWORD", "secret");
    finds(
        &shell,
        None,
        &["does not accept user ann with the password that is set"],
    );
}

#[test]
fn the_file_is_not_there_or_not_ones_own() {
    let shell = sound();
    let server = Server::start(shell.folder.path(), &[]);
    let shell = shell.of_ann(server.url());
    finds(
        &shell,
        Some("no.h5"),
        &[
            "/home/ann/no.h5 is not on the server",
            "h5rest ls /home/ann",
        ],
    );
    finds(&shell, Some("/home/ann"), &["/home/ann is a folder"]);
    server.send("PUT", "/?domain=/home/ann/mine.h5", &json!({}));
    server.send(
        "PUT",
        "/acls/bob?domain=/home/ann/mine.h5",
        &json!({"read": true}),
    );
    let bob = sound().of_ann(server.url()).with("HSDS_USERNAME", "bob");
    says(
        &bob,
        Some("/home/ann/mine.h5"),
        &["you may read, not create, update, delete", "ask ann"],
    );
    let stranger = shell.with("HDF5_REST_HOME", "/home/nobody");
    finds(
        &stranger,
        None,
        &["/home/nobody is not on the server", "HDF5_REST_HOME"],
    );
}

#[test]
fn a_proxy_stands_in_the_way() {
    let shell = sound()
        .of_ann("http://server.example.invalid:5101")
        .with("http_proxy", "http://me:secret@127.0.0.1:9");
    finds(
        &shell,
        None,
        &[
            "go through the proxy 127.0.0.1:9",
            "export no_proxy=server.example.invalid",
        ],
    );
}

#[test]
fn settings_files_have_mistakes() {
    let shell = sound();
    let server = Server::start(shell.folder.path(), &[]);
    let file = shell.path("home").join(".hscfg");
    let text = "hs_endpoint = http://elsewhere:1\nhs_username = ann\nhs_password = \"secret\"\n\
                hs_bucket: b\n";
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let shell = shell.with("HSDS_ENDPOINT", server.url());
    let output = shell.run(&["doctor"]);
    let text = printed(&output);
    for words in [
        "line 4 has no '='",
        "the quotes around the value of 'hs_password'",
        "others can read it",
        "are for another endpoint and are not sent to this one",
    ] {
        assert!(text.contains(words), "no '{words}' in\n{text}");
    }
    assert!(!text.contains("secret"), "{text}");
    let shell = sound()
        .of_ann(server.url())
        .with("HS_ENDPOINT", "http://other:1");
    says(
        &shell,
        None,
        &["HSDS_ENDPOINT and HS_ENDPOINT are both set"],
    );
}

#[test]
fn a_link_file_leads_to_another_server() {
    let shell = sound();
    let server = Server::start(shell.folder.path(), &[]);
    server.send("PUT", "/?domain=/home/ann/f.h5", &json!({}));
    let link = shell.path("link.h5");
    let shell = shell.of_ann(server.url());
    let made = shell.run(&["link", "/home/ann/f.h5", link.to_str().unwrap()]);
    assert!(made.status.success(), "{made:?}");
    says(
        &shell,
        Some("link.h5"),
        &[
            "link file: link.h5 stands for",
            "/home/ann/f.h5, owned by ann",
        ],
    );
    fs::remove_file(&link).unwrap();
    let dead = DeadServer::start().unwrap();
    let target = format!("{}/home/ann/f.h5", dead.url().unwrap());
    let made = shell.run(&["link", &target, link.to_str().unwrap()]);
    assert!(made.status.success(), "{made:?}");
    finds(
        &shell,
        Some("link.h5"),
        &["no credentials are sent there", "nobody listens there"],
    );
}
