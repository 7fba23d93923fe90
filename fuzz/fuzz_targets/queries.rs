//! The small languages of requests: selections, conditions, patterns of names.
#![no_main]

use arbitrary::{Result, Unstructured};
use h5rest_fuzz::documents;
use h5rest_protocol::selection;
use h5rest_server::query::{Condition, Scalar};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match bytes.split_first() {
        Some((0, text)) => {
            if let Ok(text) = std::str::from_utf8(text) {
                select(text, &[5, 7]);
                select(text, &[]);
                condition(text);
                let (pattern, name) = text.split_once('\n').unwrap_or((text, "abc"));
                let _ = h5rest_server::fuzzing::name_matches(pattern, name);
            }
        }
        Some((_, rest)) => {
            let _ = made(&mut Unstructured::new(rest));
        }
        None => {}
    }
});

fn made(u: &mut Unstructured) -> Result<()> {
    let mut dims = Vec::new();
    for _ in 0..u.int_in_range(0..=4)? {
        dims.push(documents::number(u)?);
    }
    select(&documents::selection(u)?, &dims);
    condition(&documents::query(u, 6)?);
    Ok(())
}

fn select(text: &str, dims: &[u64]) {
    let Ok(selected) = selection::parse(text, dims) else {
        return;
    };
    for (dim, extent) in selected.iter().zip(dims) {
        if !dim.is_empty() {
            assert!(dim.index(dim.len() - 1) < *extent, "{text} of {dims:?}");
        }
    }
    let _ = selection::count(&selected);
    let written = selection::format(&selected);
    let again = selection::parse(&written, dims);
    let again = again.map(|again| selection::dims_of(&again));
    assert_eq!(
        again,
        Ok(selection::dims_of(&selected)),
        "{text}: {written}"
    );
}

fn condition(text: &str) {
    let Ok(condition) = Condition::parse(text) else {
        return;
    };
    let value = |name: &String| {
        Ok(match name.as_str() {
            "a" => Scalar::Integer(7),
            "b" => Scalar::Float {
                value: 0.5,
                single: true,
            },
            "c" => Scalar::Null,
            _ => Scalar::Text(name.clone().into_bytes()),
        })
    };
    let _ = condition.holds(&value);
}
