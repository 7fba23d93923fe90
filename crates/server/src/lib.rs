//! `h5rest`: a server for the HDF REST API.
//!
//! A request passes through [`routes`] (HTTP to Rust and back), [`auth`] (who asks, and may
//! they), [`model`] (what the API's resources mean) and [`values`] (elements of datasets) to
//! [`store`] (keys and bytes, durable). [`cli`] starts it all; [`check`] looks for
//! damage, [`backup`] copies everything.
#![forbid(unsafe_code)]

pub mod app;
pub mod attempt;
pub mod attentive;
pub mod auth;
pub mod backup;
pub mod check;
pub mod cli;
pub mod error;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
pub mod listen;
pub mod lookout;
pub mod memory;
pub mod metrics;
pub mod model;
pub mod query;
pub mod repetition;
pub mod routes;
pub mod send_limit;
pub mod store;
pub mod uploads;
pub mod values;
