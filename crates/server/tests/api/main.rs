//! The API over HTTP, resource by resource, each test with a server of its own.

// Helpers of tests fail the test by panicking, too.
#![allow(clippy::unwrap_used)]

mod access;
mod attributes;
mod backup;
mod batches;
mod client;
mod concurrency;
mod connection;
mod datatypes;
mod domains;
mod durability;
mod faults;
mod faulty_disk;
mod few_letters;
mod filters;
mod hostile;
mod http;
mod killed;
mod links;
mod many_objects;
mod object_acls;
mod objects;
mod process;
mod queries;
mod regions;
mod repetitions;
mod rights;
mod serving;
mod slow_and_huge;
mod space;
mod streaming;
mod table;
mod values;
