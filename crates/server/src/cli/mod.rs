//! The command line of `h5rest`.

mod backup;
mod connection;
mod doctor;
mod env;
mod fsck;
mod link;
mod ls;
mod passwd;
mod progress;
mod serve;
mod serve_options;
mod transfer;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Server and helper for data behind the HDF REST API.
#[derive(Debug, Parser)]
#[command(name = "h5rest", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the HDF REST API.
    Serve(Box<serve::Serve>),
    /// Copies everything that a running server keeps into a new store.
    Backup(backup::Backup),
    /// Checks a store that no server uses, and says what is wrong with it.
    Fsck(fsck::Fsck),
    /// Sets a user's password in a password file.
    Passwd(passwd::Passwd),
    /// Prints the exports that make HDF5 programs of this shell use the connector.
    Env(env::Env),
    /// Checks plugin, HDF5, settings, server and a file, and says what to do about problems.
    Doctor(doctor::Doctor),
    /// Lists a folder of the server, or the objects of a file.
    Ls(ls::Ls),
    /// Copies an HDF5 file of this machine to the server.
    Put(transfer::Put),
    /// Copies a file of the server to an HDF5 file of this machine.
    Get(transfer::Get),
    /// Writes a link file: a local file that opens as the remote domain it names.
    Link(link::Link),
}

/// Runs what the command line says.
pub fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::Backup(backup) => backup.run(),
        Command::Fsck(fsck) => fsck.run(),
        Command::Passwd(passwd) => passwd.run(),
        Command::Env(env) => env.run(),
        Command::Doctor(doctor) => doctor.run(),
        Command::Ls(ls) => ls.run(),
        Command::Put(put) => put.run(),
        Command::Get(get) => get.run(),
        Command::Link(link) => link.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("h5rest: {error:#}");
            ExitCode::FAILURE
        }
    }
}
