//! A raw copy of the same bytes over loopback, without HTTP and without a server's work: what no
//! transfer on this machine can be faster than.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow};
use h5rest_testkit::loopback;

use super::{BYTES, Times};

/// Bytes that one call hands to the system at most.
const PIECE: usize = 1 << 20;

/// Copies all bytes over this many connections at once, to the one who measures (`read`) and from
/// there (`write`). Both sides use memory that was used before.
pub(crate) fn copy(connections: usize) -> Result<Times> {
    let listener = loopback::listen()?;
    let address = listener.local_addr()?;
    let share = BYTES / connections;
    let far = thread::spawn(move || -> std::io::Result<()> {
        let ends: std::io::Result<Vec<TcpStream>> = listener
            .incoming()
            .take(connections)
            .map(|end| end.and_then(ready))
            .collect();
        let sides = ends?.into_iter().map(|mut end| {
            thread::spawn(move || -> std::io::Result<()> {
                let mut memory = vec![1; share];
                end.write_all(&[1])?;
                end.read_exact(&mut [0])?;
                send(&mut end, &memory)?;
                receive(&mut end, &mut memory)?;
                end.write_all(&[1])
            })
        });
        for side in sides.collect::<Vec<_>>() {
            side.join().unwrap_or(Ok(()))?;
        }
        Ok(())
    });
    let mut memory = vec![2; BYTES];
    let mut ends = Vec::new();
    for part in memory.chunks_mut(share) {
        ends.push((ready(loopback::connect(address)?)?, part));
    }
    // The far side has touched its memory.
    for (end, _) in &mut ends {
        end.read_exact(&mut [0])?;
    }
    let read = timed(&mut ends, |end, part| {
        end.write_all(&[1])?;
        receive(end, part)
    })?;
    let write = timed(&mut ends, |end, part| {
        send(end, part)?;
        end.read_exact(&mut [0])
    })?;
    drop(ends);
    far.join()
        .map_err(|_| anyhow!("the far side of the copy broke down"))??;
    Ok(Times::from([
        ("read".to_owned(), read),
        ("write".to_owned(), write),
    ]))
}

fn ready(end: TcpStream) -> std::io::Result<TcpStream> {
    end.set_nodelay(true)?;
    Ok(end)
}

fn send(end: &mut TcpStream, memory: &[u8]) -> std::io::Result<()> {
    memory
        .chunks(PIECE)
        .try_for_each(|piece| end.write_all(piece))
}

fn receive(end: &mut TcpStream, memory: &mut [u8]) -> std::io::Result<()> {
    let mut pieces = memory.chunks_mut(PIECE);
    pieces.try_for_each(|piece| end.read_exact(piece))
}

/// Seconds until all connections have done the same.
fn timed(
    ends: &mut [(TcpStream, &mut [u8])],
    work: impl Fn(&mut TcpStream, &mut [u8]) -> std::io::Result<()> + Sync,
) -> Result<f64> {
    let started = Instant::now();
    thread::scope(|scope| {
        let work = &work;
        let running: Vec<_> = ends
            .iter_mut()
            .map(|(end, part)| scope.spawn(move || work(end, part)))
            .collect();
        for one in running {
            one.join().map_err(|_| anyhow!("a copy broke down"))??;
        }
        Ok(started.elapsed().as_secs_f64())
    })
}
