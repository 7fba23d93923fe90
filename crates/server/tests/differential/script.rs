//! Scripts of requests.
//!
//! ```text
//! ### what the step is about
//! PUT /groups/$root/links/a?x=y
//! user admin                        who asks: test_user1 unless said; "nobody"
//! accept bytes                      Accept: application/octet-stream
//! domain none                       no domain parameter; or another domain
//! header Name: value
//! bytes 00 01 ff                    a binary body
//! {"id": "$g.a"}                    or a JSON body, to the empty line
//! keep name /json/pointer           a string of the answers, by name ($name) from then on
//! differs name-of-difference 404 500         h5rest's status, HSDS's status
//! differs name-of-difference /pointer ...    these members of the answers
//! differs name-of-difference body            the whole answer but its status
//! ```
//!
//! `$root`, `$folder`, `$domain` are the script's own; `$g.a`, `$d.a`, `$t.a` are ids of the
//! domain, the same on both servers.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use h5rest_protocol::{ObjectClass, ObjectId};

use crate::server::{Exchange, Request};

/// The steps of one file.
pub struct Script {
    /// The file's name without its ending.
    pub name: String,
    /// In their order.
    pub steps: Vec<Step>,
}

/// One request, and what is said about its answers.
#[derive(Default)]
pub struct Step {
    /// What it is about.
    pub title: String,
    /// As written, names not filled in.
    pub request: Request,
    /// Names for parts of the answers.
    pub keep: Vec<(String, String)>,
    /// Where the answers differ on purpose.
    pub differs: Vec<Differs>,
}

/// A difference that is meant to be.
pub struct Differs {
    /// Which of `differences::ALL`.
    pub name: String,
    /// What differs.
    pub what: What,
}

/// What of an answer differs.
pub enum What {
    /// The status: ours, HSDS's. The rest is not compared then.
    Status(u16, u16),
    /// These members.
    Members(Vec<String>),
    /// The whole body.
    Body,
}

impl Script {
    /// All of them, by name.
    pub fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/scripts");
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|f| f.unwrap()).collect();
        files.sort_by_key(fs::DirEntry::path);
        let read = |file: &fs::DirEntry| {
            let (path, text) = (file.path(), fs::read_to_string(file.path()).unwrap());
            Self {
                name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
                steps: text.split("\n### ").skip(1).map(Step::parse).collect(),
            }
        };
        files.iter().map(read).collect()
    }
}

impl Step {
    fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        let mut step = Self {
            title: lines.next().unwrap().trim().to_owned(),
            ..Self::default()
        };
        let (method, target) = lines.next().unwrap().split_once(' ').unwrap();
        step.request.method = method.to_owned();
        step.request.target = target.to_owned();
        let mut in_body = false;
        for line in lines.filter(|line| !line.starts_with('#')) {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "keep" => {
                    let (name, pointer) = rest.split_once(' ').unwrap();
                    step.keep.push((name.to_owned(), pointer.to_owned()));
                }
                "differs" => step.differs.push(Differs::parse(rest)),
                _ if in_body => step.request.add_text(line),
                "user" => step.request.user = Some(rest.to_owned()),
                "domain" => step.request.domain = Some(rest.to_owned()),
                "accept" => step.request.wants_bytes = true,
                "header" => {
                    let (name, value) = rest.split_once(": ").unwrap();
                    step.request.headers.push((name.into(), value.into()));
                }
                "bytes" => {
                    let bytes = rest.split_whitespace();
                    let bytes = bytes.map(|byte| u8::from_str_radix(byte, 16).unwrap());
                    step.request.bytes = Some(bytes.collect());
                }
                "" => {}
                _ => {
                    in_body = true;
                    step.request.add_text(line);
                }
            }
        }
        step
    }

    /// The request with all names filled in.
    pub fn filled(&self, names: &Names) -> Request {
        let mut request = self.request.clone();
        request.target = names.fill(&request.target);
        request.text = request.text.map(|text| names.fill(&text));
        let domain = request.domain.as_deref().unwrap_or("$domain");
        request.domain = Some(names.fill(domain));
        request
    }
}

impl Differs {
    fn parse(text: &str) -> Self {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap().to_owned();
        let rest: Vec<&str> = words.collect();
        let what = match rest[..] {
            ["body"] => What::Body,
            [own, hsds] if own.parse::<u16>().is_ok() => {
                What::Status(own.parse().unwrap(), hsds.parse().unwrap())
            }
            ref members => What::Members(members.iter().map(|m| (*m).to_owned()).collect()),
        };
        Self { name, what }
    }
}

/// What `$name` stands for.
pub struct Names {
    known: HashMap<String, String>,
    made: std::cell::RefCell<HashMap<String, String>>,
    root: ObjectId,
}

impl Names {
    /// For one script: a folder and a domain of its own.
    pub fn new(script: &str) -> Self {
        let root = ObjectId::new_root();
        let folder = format!("/home/test_user1/{}", &root.to_string()[2..15]);
        let domain = format!("{folder}/{script}.h5");
        let known = [
            ("root", root.to_string()),
            ("folder", folder),
            ("domain", domain),
        ];
        Self {
            known: known.map(|(name, value)| (name.to_owned(), value)).into(),
            made: Default::default(),
            root,
        }
    }

    fn fill(&self, text: &str) -> String {
        let mut parts = text.split('$');
        let mut out = parts.next().unwrap().to_owned();
        for part in parts {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_');
            let (name, rest) = part.split_at(end.unwrap_or(part.len()));
            // A full stop behind a name is one.
            let known = self.known.get(name).cloned();
            match known.or_else(|| self.id(name)) {
                Some(value) => out.push_str(&value),
                None => {
                    let (name, tail) = name.split_once('.').unwrap_or((name, ""));
                    let known = self.known.get(name);
                    out.push_str(known.unwrap_or_else(|| panic!("what is ${name}?")));
                    out.push('.');
                    out.push_str(tail);
                }
            }
            out.push_str(rest);
        }
        out
    }

    /// The id of `g.name`, `d.name`, `t.name`.
    fn id(&self, name: &str) -> Option<String> {
        let (letter, _) = name.split_once('.')?;
        let class = ObjectClass::ALL
            .into_iter()
            .find(|class| class.letter().to_string() == letter)?;
        let mut made = self.made.borrow_mut();
        let id = made
            .entry(name.to_owned())
            .or_insert_with(|| self.root.new_in_domain(class).to_string());
        Some(id.clone())
    }

    /// Takes the names of a step from its answers; both servers must agree on them.
    pub fn keep(&mut self, step: &Step, answers: &Exchange) {
        for (name, pointer) in &step.keep {
            let found = [&answers.own, &answers.hsds].map(|answer| {
                let document = answer.document();
                document
                    .and_then(|d| d.pointer(pointer)?.as_str().map(str::to_owned))
                    .unwrap_or_default()
            });
            assert_eq!(found[0], found[1], "{}: {name}", step.title);
            self.known.insert(name.clone(), found[0].clone());
        }
    }
}
