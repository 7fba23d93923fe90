//! What the machine can do at best: the same bytes over a bare connection and into a plain file, and
//! the time that a small durable write takes.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};

use super::once::{REPEATS, VALUE};
use crate::bench::tcp;
use crate::run;

/// Small durable writes whose time is taken.
const SYNCS: usize = 500;
/// Bytes of each: a page of a database.
const PAGE: usize = 4096;
/// Messages that go there and back.
const TURNS: usize = 5000;
/// Bytes of each: about those of a small request.
const MESSAGE: usize = 300;

/// What was measured, in words and numbers.
pub(super) struct Floor {
    pub name: &'static str,
    pub seconds: f64,
    pub remark: String,
}

/// Measures all of it; files lie in `folder`.
pub(super) fn run(folder: &Path) -> Result<Vec<Floor>> {
    let (mut read, mut write) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..REPEATS {
        let times = tcp::copy(1)?;
        read = read.min(times.get("read").copied().unwrap_or(f64::INFINITY));
        write = write.min(times.get("write").copied().unwrap_or(f64::INFINITY));
    }
    let floor = |name, seconds, remark: &str| Floor {
        name,
        seconds,
        remark: remark.to_owned(),
    };
    let (median, slow) = syncs(folder)?;
    let turn = there_and_back()?;
    Ok(vec![
        floor("raw TCP copy of 64 MiB to the client", read, ""),
        floor("raw TCP copy of 64 MiB to the server", write, ""),
        floor("dd conv=fsync of 64 MiB", dd(folder)?, ""),
        Floor {
            name: "300 bytes there and back over TCP, median",
            seconds: turn,
            remark: format!("{:.0} a second one after another", 1.0 / turn),
        },
        Floor {
            name: "4 KiB written over and fdatasync, median",
            seconds: median,
            remark: format!(
                "{:.0} a second one after another; 99 %: {:.3} ms",
                1.0 / median,
                slow * 1e3
            ),
        },
    ])
}

/// What one client waits for an answer if the server does nothing: two threads wake each other.
fn there_and_back() -> Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || -> std::io::Result<()> {
        let (mut connection, _) = listener.accept()?;
        connection.set_nodelay(true)?;
        let mut message = [0; MESSAGE];
        for _ in 0..TURNS {
            connection.read_exact(&mut message)?;
            connection.write_all(&message)?;
        }
        Ok(())
    });
    let mut connection = TcpStream::connect(address)?;
    connection.set_nodelay(true)?;
    let mut message = [0; MESSAGE];
    let mut times = Vec::with_capacity(TURNS);
    for _ in 0..TURNS {
        let began = Instant::now();
        connection.write_all(&message)?;
        connection.read_exact(&mut message)?;
        times.push(began.elapsed().as_secs_f64());
    }
    let ended = server.join();
    ended.map_err(|_| anyhow::anyhow!("the thread that answers broke down"))??;
    times.sort_by(f64::total_cmp);
    Ok(times[TURNS / 2])
}

/// Best time of `dd conv=fsync`.
fn dd(folder: &Path) -> Result<f64> {
    let (from, to) = (folder.join("from"), folder.join("to"));
    fs::write(
        &from,
        (0..VALUE).map(|n| (n % 251) as u8).collect::<Vec<_>>(),
    )?;
    let mut best = f64::INFINITY;
    for _ in 0..REPEATS {
        let mut dd = Command::new("dd");
        dd.arg(format!("if={}", from.display()))
            .arg(format!("of={}", to.display()))
            .args(["bs=1M", "conv=fsync", "status=none"]);
        let began = Instant::now();
        run::output(&mut dd)?;
        best = best.min(began.elapsed().as_secs_f64());
        fs::remove_file(&to)?;
    }
    fs::remove_file(&from)?;
    Ok(best)
}

/// Times of small durable writes over bytes that are there already, as a database's log does: median,
/// and what 99 of 100 take at most.
fn syncs(folder: &Path) -> Result<(f64, f64)> {
    let path = folder.join("log");
    let file = File::create(&path)?;
    file.write_all_at(&vec![0; PAGE * SYNCS], 0)?;
    file.sync_all()?;
    let mut times = Vec::with_capacity(SYNCS);
    for at in 0..SYNCS {
        let began = Instant::now();
        file.write_all_at(&[1; PAGE], (at * PAGE) as u64)?;
        file.sync_data()?;
        times.push(began.elapsed().as_secs_f64());
    }
    fs::remove_file(&path)?;
    times.sort_by(f64::total_cmp);
    let slow = times.get(SYNCS * 99 / 100).copied();
    Ok((times[SYNCS / 2], slow.context("nothing was written")?))
}
