//! The tables of a load measurement, in Markdown: requests per second, seconds of large jobs, and how
//! they compare with HSDS and with the machine.

use super::floors::Floor;
use super::{Large, Row, Server};

/// Prints what the machine can do.
pub(super) fn print_floors(floors: &[Floor]) {
    println!("\n| the machine | seconds | |\n|---|---|---|");
    for floor in floors {
        println!(
            "| {} | {:.5} | {} |",
            floor.name, floor.seconds, floor.remark
        );
    }
}

/// Prints one line for each server, job and number of clients.
pub(super) fn print(rows: &[Row]) {
    println!(
        "\n| server | job | clients | requests/s | times HSDS | median ms | 99 % ms | refused | memory \
         MiB |\n|---|---|---|---|---|---|---|---|---|"
    );
    for row in rows {
        let measured = &row.measured;
        println!(
            "| {} | {} | {} | {:.0} | {} | {:.3} | {:.3} | {} | {:.0} |",
            row.server,
            row.job.name(),
            row.clients,
            measured.rate,
            times(rate_of_hsds(rows, row).map(|rate| measured.rate / rate)),
            measured.median.as_secs_f64() * 1e3,
            measured.slow.as_secs_f64() * 1e3,
            measured.failed,
            row.memory,
        );
    }
}

fn times(ratio: Option<f64>) -> String {
    ratio.map_or_else(String::new, |ratio| format!("{ratio:.1}"))
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
    println!("\n| server | job | seconds | times HSDS | memory MiB |\n|---|---|---|---|---|");
    for Large { server, done } in all {
        let of_hsds = all
            .iter()
            .find(|other| other.server == Server::Hsds.name() && other.done.job == done.job);
        println!(
            "| {server} | {} | {:.4} | {} | {:.0} |",
            done.job,
            done.seconds,
            times(of_hsds.map(|hsds| hsds.done.seconds / done.seconds)),
            done.memory,
        );
    }
}
