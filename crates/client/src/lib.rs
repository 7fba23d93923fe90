//! Typed calls of the HDF REST API over HTTP, Unix sockets or in process.
//!
//! A [`Client`] is a server as seen by one user: it sends [`Request`]s over a [`Transport`] and
//! repeats them while that helps. A [`Domain`] adds the name of a domain and has the typed calls,
//! one file per resource. The connector and `h5rest doctor` use it.
#![forbid(unsafe_code)]

mod about;
mod attributes;
mod batch;
mod client;
mod counting;
mod credentials;
mod datasets;
mod domain;
mod endpoint;
mod error;
mod exchange;
mod folders;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod http;
mod links;
mod lists;
mod many_objects;
mod objects;
mod operation;
mod pace;
mod plain;
mod request;
mod retry;
mod runtime;
mod scripted;
mod signals;
mod tls;
mod transport;
mod unpack;
mod upload;
mod values;

pub use about::ServerInfo;
pub use batch::{BATCH, BatchPart, CONDITIONAL, Verdict};
pub use client::{Client, JsonText, Result};
pub use counting::CountingTransport;
pub use credentials::{Credentials, Secret};
pub use domain::{Domain, Permissions};
pub use endpoint::Endpoint;
pub use error::{ClientError, ClientErrorKind};
pub use http::HttpTransport;
pub use many_objects::Bounds;
pub use objects::FirstLink;
pub use operation::Operation;
pub use request::{Format, Head, Method, Pour, Request, Response, Sink, segment};
pub use retry::RetryPolicy;
pub use scripted::ScriptedTransport;
pub use signals::leave_to_program;
pub use transport::{Transport, TransportError, TransportFailure};
pub use unpack::Packing;
pub use values::{LONGEST_SELECT_IN_QUERY, Part};
