//! The server behind the connector, as the commands that run programs let their user choose it.

use anyhow::Result;
use clap::ValueEnum;
use h5rest_testkit::{Endpoint, H5rest, Hsds};

/// Which server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// Our own server
    #[default]
    H5rest,
    /// A real HSDS
    Hsds,
}

/// Such a server; it ends with this.
pub enum Server {
    /// In memory.
    H5rest(H5rest),
    /// With the nodes that it needs.
    Hsds(Hsds),
}

impl Target {
    /// Starts the server.
    pub fn start(self) -> Result<Server> {
        Ok(match self {
            Self::H5rest => Server::H5rest(H5rest::in_memory()?),
            Self::Hsds => Server::Hsds(Hsds::start()?),
        })
    }
}

impl Server {
    /// Where it is, with the ordinary user's credentials.
    pub fn endpoint(&self) -> &Endpoint {
        match self {
            Self::H5rest(server) => server.endpoint(),
            Self::Hsds(server) => server.endpoint(),
        }
    }

    /// The same place with the administrator's credentials.
    pub fn administrator(&self) -> Endpoint {
        match self {
            Self::H5rest(server) => server.administrator(),
            Self::Hsds(server) => server.administrator(),
        }
    }
}
