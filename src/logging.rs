//! The connector's log, off unless `HDF5_REST_LOG` asks for it.
