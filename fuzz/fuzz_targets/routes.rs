//! Requests to a server that has one of everything: none may break it down, and its store stays sound.
#![no_main]

use arbitrary::Unstructured;
use h5rest_fuzz::requests;
use h5rest_fuzz::server::Server;
use libfuzzer_sys::fuzz_target;

/// Requests of one input, at most.
const MOST: usize = 8;

fuzz_target!(|bytes: &[u8]| {
    let mut u = Unstructured::new(bytes);
    let server = Server::with_domain();
    for _ in 0..MOST {
        if u.is_empty() {
            break;
        }
        let Ok(Some(request)) = requests::request(&mut u) else {
            continue;
        };
        let said = format!("{} {}", request.method(), request.uri());
        let answer = server.send(request);
        let words = String::from_utf8_lossy(&answer.body);
        assert!(answer.status < 500, "{said}: {} {words}", answer.status);
    }
    server.check();
});
