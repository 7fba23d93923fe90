//! Texts that settings come from: information strings, settings files, names of files, link files,
//! password files, tokens and their keys. Mistakes are errors, and no secret stands in one.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use h5rest_client::Credentials;
use h5rest_config::fuzzing::settings;
use h5rest_config::{Config, Location, is_link_file};
use h5rest_server::auth::{PasswordFile, TokenRules, Tokens};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

/// What no message may have.
const SECRET: &str = "0b5cure-w0rd";
/// What a link file starts with.
const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

fuzz_target!(|bytes: &[u8]| {
    let Some((&kind, rest)) = bytes.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(rest);
    // Where one text is not enough.
    let (first, second) = text.split_once('\0').unwrap_or((&text, ""));
    match kind % 6 {
        0 => configured(first, second),
        1 => named(first, second),
        2 => linked(rest),
        3 => passwords(&text),
        4 => token(&text),
        _ => keys(first, second),
    }
});

fn configured(info: &str, file: &str) {
    if info.contains(SECRET) || file.contains(SECRET) {
        return;
    }
    let info = format!("{info};password={SECRET};bearer_token={SECRET};api_key={SECRET}");
    let file = format!("{file}\nhs_password={SECRET}\nhs_api_key={SECRET}");
    let config = settings(&info, &file);
    let mut told = format!("{config:?} {:?} {:?}", config.problems(), config.origins());
    told += &format!("{:?} {:?}", config.endpoint(), config.locate("a.h5"));
    told += &Config::without_secrets(&info);
    assert!(!told.contains(SECRET), "{told}");
}

fn named(name: &str, home: &str) {
    let info = format!("endpoint=http://h:1;username=u;password={SECRET};home={home}");
    let config = settings(&info, "");
    for located in [config.locate(name), config.locate_untrusted(name)] {
        let Ok(location) = located else { continue };
        assert!(location.domain.starts_with('/'), "{name}");
        let steps = location.domain.split('/').skip(1);
        let mut odd = steps.filter(|step| ["", ".", ".."].contains(step));
        assert_eq!(odd.next(), None, "{name}");
        check_credentials(&config, &location);
        let _ = (location.beside(name), location.beside(home));
    }
    let _ = (config.home(), config.locate_folder(Some(name)));
}

/// They go to the endpoint that they were configured for.
fn check_credentials(config: &Config, location: &Location) {
    let ours = config.endpoint();
    let is_ours = ours.is_ok_and(|ours| *ours == location.endpoint);
    assert!(is_ours || location.credentials == Credentials::default());
}

fn linked(content: &[u8]) {
    let path = file("link");
    fs::write(&path, [SIGNATURE, content].concat()).expect("a file");
    let Some(name) = path.to_str() else { return };
    let config = settings("endpoint=http://h:1;username=u;password=p", "");
    let located = config.locate(name);
    if !is_link_file(&path) {
        return;
    }
    if let Ok(location) = located {
        check_credentials(&config, &location);
        assert!(location.domain.starts_with('/') && location.domain != "/");
    }
}

fn passwords(text: &str) {
    if let Ok(passwords) = PasswordFile::parse(text) {
        for user in passwords.users() {
            assert!(!user.is_empty());
        }
        assert!(!passwords.verify("", ""));
    }
}

fn rules() -> TokenRules {
    TokenRules {
        audience: Some("h5rest".into()),
        user_claim: "name".into(),
        ..TokenRules::default()
    }
}

/// None of these is signed with a key that anybody knows.
fn token(token: &str) {
    static TOKENS: LazyLock<Tokens> = LazyLock::new(|| {
        let path = file("secret");
        fs::write(&path, "31 bytes of this text are not enough").expect("a file");
        Tokens::with_key(&path, rules()).expect("a key")
    });
    assert!(TOKENS.identify(token).is_err(), "{token}");
}

fn keys(set: &str, token: &str) {
    let path = file("keys");
    fs::write(&path, set).expect("a file");
    let read = [
        Tokens::with_key(&path, rules()),
        Tokens::with_key_set(&path, rules()),
    ];
    for tokens in read.into_iter().flatten() {
        // The set may have a key whose owner made the token.
        let _ = tokens.identify(token);
    }
}

fn file(name: &str) -> PathBuf {
    FOLDER.path().join(name)
}
