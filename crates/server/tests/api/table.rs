//! The table of operations in docs/SERVER.md: it has every operation with its options, and names
//! tests and scripts that exist.

use std::fs;
use std::path::Path;

use h5rest_server::routes::operations;

#[test]
fn operations_have_tests() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let text = fs::read_to_string(tests.join("../../../docs/SERVER.md")).unwrap();
    let table = text.split("## Resources and operations").nth(1).unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    let of = |name: &str| rows.iter().find(|row| row[0] == name);
    for operation in operations::ALL {
        let name = format!("`{} {}`", operation.method, operation.path);
        let row = of(&name).unwrap_or_else(|| panic!("no row for {name}"));
        for option in operation.query {
            assert!(
                row[1].contains(&format!("`{option}`")),
                "{name} lacks {option}"
            );
        }
    }
    assert_eq!(
        rows.len(),
        operations::ALL.len(),
        "rows without an operation"
    );
    for row in &rows {
        let named = row[2].split_whitespace().map(|test| test.trim_matches('`'));
        for test in named {
            let (file, function) = test.split_once("::").unwrap();
            let source = fs::read_to_string(tests.join(format!("api/{file}.rs")));
            let source = source.unwrap_or_else(|_| panic!("{}: no file of {test}", row[0]));
            let marked = format!("#[test]\nfn {function}()");
            assert!(source.contains(&marked), "{}: no {test}", row[0]);
        }
        assert!(!row[2].is_empty(), "{} has no test", row[0]);
        for script in row[3].split_whitespace() {
            let path = tests.join(format!("differential/scripts/{script}.txt"));
            assert!(path.exists(), "{}: no script {script}", row[0]);
        }
    }
}
