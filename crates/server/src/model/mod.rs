//! What the API's resources mean: domains and folders, objects, links, attributes, extents.
//!
//! Functions here read from any [`Reader`](crate::store::Reader) — a snapshot for requests that
//! look, the change itself for requests that alter — and know neither HTTP nor who asks.

pub mod attributes;
pub mod creation;
pub mod domains;
pub mod links;
pub mod listings;
pub mod object_acls;
pub mod objects;
pub mod paths;
pub mod records;
pub mod types;
pub mod walk;
