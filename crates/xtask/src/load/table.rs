//! The table of a load measurement: requests per second, and how they compare with HSDS.

use super::{Large, Row, Server};

/// Prints one line for each server, job and number of clients.
pub(super) fn print(rows: &[Row]) {
    println!(
        "{:16} {:18} {:>7} {:>10} {:>9} {:>9} {:>7} {:>10} {:>8}",
        "server",
        "job",
        "clients",
        "requests/s",
        "median ms",
        "99 % ms",
        "failed",
        "memory MiB",
        "x HSDS"
    );
    for row in rows {
        let measured = &row.measured;
        let ratio = rate_of_hsds(rows, row).map_or_else(
            || "-".to_owned(),
            |rate| format!("{:.1}", measured.rate / rate),
        );
        println!(
            "{:16} {:18} {:>7} {:>10.0} {:>9.3} {:>9.3} {:>7} {:>10.0} {:>8}",
            row.server,
            row.job.name(),
            row.clients,
            measured.rate,
            measured.median.as_secs_f64() * 1e3,
            measured.slow.as_secs_f64() * 1e3,
            measured.failed,
            row.memory,
            ratio
        );
    }
}

/// What HSDS reached at the same job in the same run.
fn rate_of_hsds(rows: &[Row], row: &Row) -> Option<f64> {
    let same = |other: &&Row| {
        other.server == Server::Hsds.name() && other.job == row.job && other.clients == row.clients
    };
    let found = rows.iter().find(same)?;
    Some(found.measured.rate)
}

/// Prints one line for each server and large job.
pub(super) fn print_large(all: &[Large]) {
    println!();
    println!(
        "{:16} {:24} {:>10} {:>10} {:>8}",
        "server", "job", "seconds", "memory MiB", "x HSDS"
    );
    for Large { server, done } in all {
        let of_hsds = all
            .iter()
            .find(|other| other.server == Server::Hsds.name() && other.done.job == done.job);
        let ratio = of_hsds.map_or_else(
            || "-".to_owned(),
            |hsds| format!("{:.1}", hsds.done.seconds / done.seconds),
        );
        println!(
            "{:16} {:24} {:>10.3} {:>10.0} {:>8}",
            server, done.job, done.seconds, done.memory, ratio
        );
    }
}
