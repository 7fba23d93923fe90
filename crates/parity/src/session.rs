//! One run of the comparison: a server, workers, the programs that were kept, then random ones.
//! Failures are made small and printed; the last line counts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result};
use h5rest_testkit::build::repository;
use h5rest_testkit::faults::{Plan, Report};
use h5rest_testkit::hdf5::{Version, installation};
use h5rest_testkit::{Endpoint, FaultProxy, H5rest, HostileProxy, Hsds, connector};

use crate::compare::timeless;
use crate::generate;
use crate::program::Program;
use crate::rules;
use crate::run::Moment;
use crate::shrink;
use crate::worker::{self, Reply, Request};
use crate::workers::Worker;

/// The server to compare on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Target {
    /// This repository's server.
    H5rest,
    /// A real HSDS.
    Hsds,
}

/// Options of a run.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// How many random programs
    #[arg(long, default_value_t = 1000)]
    cases: u64,
    /// The first program's seed; the others' follow
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The server to compare on
    #[arg(long, value_enum, default_value = "h5rest")]
    target: Target,
    /// How many processes
    #[arg(long, default_value_t = 2)]
    workers: u64,
    /// How many failures to make small before giving up
    #[arg(long, default_value_t = 10)]
    failures: usize,
    /// Only count what fails, by kind, with the first seed of each
    #[arg(long)]
    survey: bool,
    /// Only the programs in these files
    #[arg(long)]
    program: Vec<PathBuf>,
    /// The HDF5 release
    #[arg(long, default_value = "1.14.5")]
    hdf5: String,
    /// Whether changes of metadata may be sent later: on or off
    #[arg(long, default_value = "on")]
    write_behind: String,
    /// What happens to requests on their way
    #[arg(long, value_enum)]
    faults: Option<Faults>,
    /// The seed of the faults, if it is not that of each program
    #[arg(long)]
    fault_seed: Option<u64>,
}

/// What may happen to requests on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Faults {
    /// What the connector must hide: no request meets more than two faults in a row
    Hidden,
    /// Storms that last longer than the connector tries: calls may fail
    Storms,
    /// Answers that say what cannot be: calls may tell anything, and the program must survive
    Lies,
    /// The program itself ends at any moment: its file can be read and has what was flushed
    Kills,
}

/// What stands between the connector and the server.
enum Proxy {
    Faults(FaultProxy),
    Lies(HostileProxy),
}

impl Proxy {
    fn before(endpoint: &Endpoint, faults: Faults) -> Result<Self> {
        match faults {
            Faults::Hidden | Faults::Storms => FaultProxy::before(endpoint).map(Self::Faults),
            // Nothing happens to the requests of programs that are killed.
            Faults::Lies | Faults::Kills => HostileProxy::before(endpoint).map(Self::Lies),
        }
    }

    fn endpoint(&self) -> &Endpoint {
        match self {
            Self::Faults(proxy) => proxy.endpoint(),
            Self::Lies(proxy) => proxy.endpoint(),
        }
    }
}

impl Faults {
    /// Has the proxy begin anew, for the program of a seed.
    fn begin(self, proxy: &Proxy, seed: u64) {
        match (proxy, self) {
            (Proxy::Faults(proxy), Self::Storms) => proxy.arm(Plan::storms(seed)),
            (Proxy::Faults(proxy), _) => proxy.arm(Plan::hidden(seed)),
            // A file that cannot even be created shows little.
            (Proxy::Lies(proxy), _) => proxy.lie(seed, seed % 8, 40),
        }
    }

    /// Settings of the connector: it gives up soon where that is what is wanted.
    fn settings(self) -> [(String, String); 2] {
        let (timeout, retry) = match self {
            Self::Hidden | Self::Kills => ("20", "60"),
            Self::Storms => ("2", "1"),
            Self::Lies => ("5", "2"),
        };
        [
            ("HDF5_REST_TIMEOUT".into(), timeout.into()),
            ("HDF5_REST_RETRY_TIME".into(), retry.into()),
        ]
    }
}

/// Within so many microseconds after a step has begun a program is killed: most steps take less.
const LONGEST_STEP: u64 = 6_000;

/// A worker, and what happens to its requests.
struct Runner<'a> {
    worker: Worker,
    options: &'a Options,
    proxy: Option<Proxy>,
}

impl Runner<'_> {
    /// Carries out a case; the faults follow from `seed`.
    fn run(&mut self, request: &Request, seed: u64) -> Result<Reply> {
        if let (Some(proxy), Some(faults)) = (&self.proxy, self.options.faults) {
            faults.begin(proxy, self.options.fault_seed.unwrap_or(seed));
        }
        match request {
            Request::Seed(program) if self.options.faults == Some(Faults::Kills) => {
                self.kill(*program)
            }
            _ => self.worker.run(request),
        }
    }

    /// Has the program of a seed end at a moment that follows from the seed, and looks at what it left.
    fn kill(&mut self, seed: u64) -> Result<Reply> {
        let mut rng = fastrand::Rng::with_seed(seed);
        let moment = Moment {
            file: seed,
            step: rng.usize(0..generate::program(seed).steps.len().max(1)),
            micros: rng.u64(0..LONGEST_STEP),
        };
        self.worker.run(&Request::Until(seed, moment))?;
        self.worker.run(&Request::After(seed, moment))
    }

    /// Whether a program that met faults differs in the same way without them: HSDS does not keep
    /// everything, and HDF5 2.2.0 does some things otherwise.
    fn differs_anyway(&mut self, request: &Request, difference: &str) -> Result<bool> {
        let Some(Proxy::Faults(proxy)) = &self.proxy else {
            return Ok(false);
        };
        if self.options.target == Target::H5rest && self.options.hdf5 == "1.14.5" {
            return Ok(false);
        }
        proxy.calm();
        let reply = self.worker.run(request)?;
        let again = reply.difference.as_deref().map(timeless);
        Ok(again == Some(timeless(difference)))
    }
}

/// What the workers of one run share.
struct Session<'a> {
    options: &'a Options,
    kept: Vec<(PathBuf, Program)>,
    next: AtomicU64,
    outcome: Mutex<Outcome>,
}

#[derive(Default)]
struct Outcome {
    passed: u64,
    failed: u64,
    /// Calls that failed in storms, as they may.
    failures: u64,
    faults: Report,
    /// Answers that were not what the server had said.
    lies: u64,
    /// The most memory that a process had, in KiB.
    memory: u64,
    rules: BTreeMap<String, u64>,
    kinds: BTreeMap<String, (u64, String)>,
}

/// Runs everything and returns how many programs failed.
///
/// # Errors
/// When servers or workers cannot be started.
pub fn run(options: &Options) -> Result<u64> {
    let started = Instant::now();
    let (h5rest, hsds);
    let endpoint = match options.target {
        Target::H5rest => {
            h5rest = H5rest::in_memory()?;
            h5rest.endpoint()
        }
        Target::Hsds => {
            hsds = Hsds::start()?;
            hsds.endpoint()
        }
    };
    let session = Session {
        kept: kept(options)?,
        options,
        next: AtomicU64::new(0),
        outcome: Mutex::default(),
    };
    let folder = tempfile::tempdir()?;
    let errors: Vec<anyhow::Error> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..options.workers)
            .map(|number| {
                let (session, folder) = (&session, folder.path());
                scope.spawn(move || session.work(number, folder, endpoint))
            })
            .collect();
        let ended = workers.into_iter().map(|worker| worker.join());
        ended
            .filter_map(|ended| ended.ok().and_then(Result::err))
            .collect()
    });
    if let Some(error) = errors.into_iter().next() {
        return Err(error);
    }
    let mut outcome = session
        .outcome
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    for rule in rules::all() {
        if let Some(count) = outcome.rules.get(rule.name) {
            println!("accepted {count} times: {} ({})", rule.name, rule.reason);
        }
    }
    for (kind, (count, first)) in &outcome.kinds {
        println!("{count} times, first {first}: {kind}");
    }
    match options.faults {
        None => {}
        Some(Faults::Kills) => println!("{} programs were killed", options.cases),
        Some(_) => tell_faults(&mut outcome),
    }
    let seconds = started.elapsed().as_secs_f64();
    let rate = (outcome.passed + outcome.failed) as f64 / seconds;
    println!("{rate:.0} programs a second");
    println!(
        "parity: {} passed, {} failed",
        outcome.passed, outcome.failed
    );
    Ok(outcome.failed)
}

/// Memory that no process may need, in KiB: programs and their data are small.
const MOST_MEMORY: u64 = 2 << 20;

/// What requests met, and whether the connector came back when it was asked to.
fn tell_faults(outcome: &mut Outcome) {
    let memory = outcome.memory >> 10;
    println!("at most {memory} MiB in one process");
    if outcome.memory > MOST_MEMORY {
        println!("that is too much");
        outcome.failed += 1;
    }
    if outcome.lies > 0 {
        println!("{} answers were lies", outcome.lies);
        return;
    }
    let Report {
        requests,
        injected,
        early,
    } = &outcome.faults;
    let kinds: Vec<String> = injected
        .iter()
        .map(|(fault, count)| format!("{fault:?} {count}"))
        .collect();
    let total = outcome.faults.total();
    println!(
        "{requests} requests met {total} faults: {}",
        kinds.join(", ")
    );
    println!("{} calls failed because of them", outcome.failures);
    // A call that failed is made again by the program, whenever it likes.
    if *early > 0 && outcome.failures == 0 {
        println!("{early} requests came back before the time that Retry-After had asked for");
        outcome.failed += 1;
    }
}

/// The programs that were kept because they once failed, or those of the command line.
fn kept(options: &Options) -> Result<Vec<(PathBuf, Program)>> {
    let mut files = options.program.clone();
    // Only random programs are killed: what the kept ones show is compared elsewhere.
    if files.is_empty() && options.faults != Some(Faults::Kills) {
        let folder = repository().join("tests").join("parity");
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            files.push(entry?.path());
        }
        files.retain(|file| {
            file.extension()
                .is_some_and(|extension| extension == "json")
        });
        files.sort();
    }
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file);
        let text = text.with_context(|| format!("cannot read {}", file.display()))?;
        let program = serde_json::from_str(&text);
        let program = program.with_context(|| format!("no program: {}", file.display()))?;
        Ok((file, program))
    };
    files.into_iter().map(read).collect()
}

impl Session<'_> {
    fn work(&self, number: u64, folder: &Path, endpoint: &Endpoint) -> Result<()> {
        let mut runner = self.runner(number, folder, endpoint)?;
        let worked = self.work_with(&mut runner);
        match &runner.proxy {
            Some(Proxy::Faults(proxy)) => self.outcome().faults.add(&proxy.report()),
            Some(Proxy::Lies(proxy)) => self.outcome().lies += proxy.told(),
            None => {}
        }
        worked
    }

    fn work_with(&self, runner: &mut Runner<'_>) -> Result<()> {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let (title, request, seed) = match self.kept.get(number as usize) {
                Some((file, program)) => {
                    let name = file.file_name().unwrap_or_default();
                    (
                        name.to_string_lossy().into_owned(),
                        Request::Program(program.clone()),
                        number,
                    )
                }
                None => {
                    let number = number - self.kept.len() as u64;
                    if number >= self.options.cases || !self.options.program.is_empty() {
                        return Ok(());
                    }
                    let seed = self.options.seed + number;
                    (format!("seed {seed}"), Request::Seed(seed), seed)
                }
            };
            if !self.options.survey && self.failed() >= self.options.failures as u64 {
                return Ok(());
            }
            let mut reply = runner.run(&request, seed)?;
            let native = || Request::Native(program_of(&request));
            let is_compared = self.options.faults != Some(Faults::Lies);
            if reply.crashed && is_compared && runner.worker.run(&native())?.crashed {
                reply = Reply {
                    rules: vec![rules::CRASH.name.into()],
                    ..Reply::default()
                };
            }
            if let Some(difference) = &reply.difference
                && runner.differs_anyway(&request, difference)?
            {
                reply = Reply {
                    rules: vec![rules::SERVER.name.into()],
                    ..reply
                };
                reply.difference = None;
            }
            match &reply.difference {
                None => self.count(&reply),
                Some(first) if self.options.survey => {
                    self.count(&reply);
                    let mut outcome = self.outcome();
                    let seen = outcome.kinds.entry(kind(first)).or_insert((0, title));
                    seen.0 += 1;
                }
                Some(first) => {
                    self.count(&reply);
                    self.explain(runner, &title, (&request, seed), first)?;
                }
            }
        }
    }

    fn runner(&self, number: u64, folder: &Path, endpoint: &Endpoint) -> Result<Runner<'_>> {
        let proxy = match self.options.faults {
            Some(Faults::Kills) | None => None,
            Some(faults) => Some(Proxy::before(endpoint, faults)?),
        };
        let server = endpoint;
        let endpoint = proxy.as_ref().map_or(server, Proxy::endpoint);
        let version = Version::ALL
            .into_iter()
            .find(|version| version.number() == self.options.hdf5)
            .with_context(|| format!("no HDF5 {}", self.options.hdf5))?;
        let library = installation(version)?.lib_dir();
        let home = format!("/home/{}/", endpoint.username);
        let base = format!("parity-{:x}-{number}", std::process::id());
        let environment = connector::environment(endpoint)?
            .into_iter()
            .filter(|(name, _)| *name != "HDF5_VOL_CONNECTOR")
            .map(|(name, value)| (name.to_owned(), value));
        let write_behind = self.options.write_behind.clone();
        let environment = environment.chain([("HDF5_REST_WRITE_BEHIND".to_owned(), write_behind)]);
        let faults = self.options.faults;
        let settings = faults.map(Faults::settings).into_iter().flatten();
        let environment = environment.chain(settings).collect();
        let mut options = worker::Options::new(&library, folder, &home, &base);
        match faults {
            Some(Faults::Storms) => options = options.in_storms(&endpoint.url),
            Some(Faults::Lies) => options = options.alone(),
            Some(Faults::Hidden | Faults::Kills) | None => {}
        }
        if self.options.target == Target::H5rest {
            options = options.looking_at(&server.url);
        }
        Ok(Runner {
            worker: Worker::new(options, environment),
            options: self.options,
            proxy,
        })
    }

    fn outcome(&self) -> std::sync::MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self) -> u64 {
        self.outcome().failed
    }

    fn count(&self, reply: &Reply) {
        let mut outcome = self.outcome();
        if reply.difference.is_some() {
            outcome.failed += 1;
        } else {
            outcome.passed += 1;
        }
        outcome.failures += reply.failures;
        outcome.memory = outcome.memory.max(reply.memory);
        for rule in &reply.rules {
            *outcome.rules.entry(rule.clone()).or_default() += 1;
        }
    }

    /// Makes a failing program small and prints it.
    fn explain(
        &self,
        runner: &mut Runner<'_>,
        title: &str,
        (request, seed): (&Request, u64),
        first: &str,
    ) -> Result<()> {
        let program = program_of(request);
        let kind = kind(first);
        let mut last = first.to_owned();
        // Other programs make other requests, which meet other faults.
        let budget = match self.options.faults {
            None => 1500,
            Some(Faults::Hidden) => 60,
            Some(Faults::Storms | Faults::Lies | Faults::Kills) => 0,
        };
        let smallest = shrink::smallest(&program, budget, |program| {
            let reply = runner.run(&Request::Program(program.clone()), seed);
            let Ok(Reply {
                difference: Some(text),
                ..
            }) = reply
            else {
                return false;
            };
            let same = self::kind(&text) == kind;
            if same {
                last = text;
            }
            same
        });
        let text = serde_json::to_string(&smallest)?;
        let faults = match self.options.faults {
            Some(_) => format!(" (fault seed {seed})"),
            None => String::new(),
        };
        println!(
            "FAILED {title}{faults}\n{}{last}\n  as a file: {text}\n",
            readable(&smallest)
        );
        Ok(())
    }
}

fn program_of(request: &Request) -> Program {
    match request {
        Request::Seed(seed) => generate::program(*seed),
        Request::Until(seed, _) | Request::After(seed, _) => generate::program(*seed),
        Request::Program(program) | Request::Native(program) => program.clone(),
    }
}

/// What a difference is about, without the numbers: smaller programs must fail in the same way.
fn kind(difference: &str) -> String {
    let line = difference.lines().next().unwrap_or_default();
    let line = line.split("different from").next().unwrap_or_default();
    let line = line.replace("the whole file: ", "");
    line.chars()
        .filter(|letter| !letter.is_ascii_digit())
        .collect()
}

/// A program, one step in a line.
pub fn readable(program: &Program) -> String {
    let mut text = format!("  file with creation order: {}\n", program.ordered);
    for (number, step) in program.steps.iter().enumerate() {
        text += &format!("  {number}: {step:?}\n");
    }
    text
}
