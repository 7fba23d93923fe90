//! Reading over a slow connection: answers come packed where the server can do it.

use anyhow::{Result, bail};
use h5rest_testkit::{H5rest, Program, SlowLink, TestDomain, python};

/// Makes a dataset of 4 MiB that packs well, and reads it four times.
const READER: &str = "
import sys, h5py, numpy
numbers = numpy.arange(1 << 20, dtype='<i4') // 5
with h5py.File(sys.argv[1], 'w') as file:
    file['numbers'] = numbers
with h5py.File(sys.argv[1]) as file:
    for again in range(4):
        assert (file['numbers'][...] == numbers).all()
";
const READ: u64 = 4 * (4 << 20);

/// Bytes of answers that this costs over a link of that speed.
fn cost(bytes_per_second: f64) -> Result<u64> {
    let server = H5rest::in_memory()?;
    let link = SlowLink::before(server.endpoint(), bytes_per_second)?;
    let domain = TestDomain::new(server.endpoint(), "slow");
    Program::new(python::program(python::H5PY, "python3")?)
        .args(["-c", READER])
        .arg(domain.path())
        .through_connector(link.endpoint())?
        .run()?
        .success()?;
    Ok(link.passed())
}

/// One of several runs must cost what is expected: where the machine stands still for a moment, the link
/// looks slower than it is.
fn costs(bytes_per_second: f64, expected: impl Fn(u64) -> bool) -> Result<()> {
    let mut seen = Vec::new();
    while seen.len() < 5 {
        let passed = cost(bytes_per_second)?;
        if expected(passed) {
            return Ok(());
        }
        seen.push(passed);
    }
    bail!("{seen:?} of {READ}")
}

#[test]
fn answers_come_packed_over_a_slow_link() -> Result<()> {
    // The first answer showed that it is slow.
    costs(8e6, |passed| passed > READ / 4 && passed < READ / 2)
}

#[test]
fn answers_come_as_they_are_over_a_fast_one() -> Result<()> {
    costs(1e12, |passed| passed > READ)
}
