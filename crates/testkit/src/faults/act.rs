//! Does to a request what was decided.

use std::io::{self, BufRead, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use socket2::SockRef;

use super::fault::Fault;
use super::{Shared, wire};

/// How long a stalled connection is held if the client does not give up.
const STALLED: Duration = Duration::from_secs(100);

/// One request that meets a fault.
pub(super) struct Act<'a> {
    pub(super) shared: &'a Shared,
    pub(super) key: u64,
    pub(super) client: &'a TcpStream,
    pub(super) head: &'a str,
    pub(super) rng: Rng,
}

impl Act<'_> {
    /// Carries the fault out; `false` if the connection ends.
    pub(super) fn carry_out(mut self, fault: Fault, reader: &mut impl BufRead) -> io::Result<bool> {
        match fault {
            Fault::Refuse => {
                self.shared.go_away();
                return self.reset();
            }
            Fault::Reset => return self.reset(),
            Fault::EarlyBusy => {
                self.tell(503, "Connection: close\r\n")?;
                return Ok(false);
            }
            _ => {}
        }
        let body = wire::read_body(self.head, reader)?;
        match fault {
            Fault::CutBefore => return Ok(false),
            Fault::Busy => return self.be_busy(),
            Fault::Internal => return self.tell(500, "").map(|()| true),
            Fault::Gateway => {
                if self.rng.bool() {
                    self.answer(&body)?;
                }
                let status = if self.rng.bool() { 502 } else { 504 };
                return self.tell(status, "").map(|()| true);
            }
            Fault::Stall => return self.stall(reader),
            Fault::RequestLength => return self.send_with_another_length(&body),
            _ => {}
        }
        let answer = self.answer(&body)?;
        self.spoil(fault, &answer, &body, reader)
    }

    fn answer(&self, body: &[u8]) -> io::Result<Vec<u8>> {
        wire::carry_out(&self.shared.server, self.head, body, false)
    }

    /// What comes back of an answer.
    fn spoil(
        &mut self,
        fault: Fault,
        answer: &[u8],
        body: &[u8],
        reader: &mut impl BufRead,
    ) -> io::Result<bool> {
        let mut client = self.client;
        let (head, content) = wire::parts(answer);
        let within = |rng: &mut Rng, length: usize| match length {
            0 | 1 => 0,
            _ => rng.usize(1..length),
        };
        match fault {
            Fault::CutHead => client.write_all(&answer[..within(&mut self.rng, head.len())])?,
            Fault::CutBody | Fault::StallBody => {
                let end = head.len() + within(&mut self.rng, content.len());
                let end = end.min(answer.len().saturating_sub(1));
                client.write_all(&answer[..end])?;
                if fault == Fault::StallBody {
                    return self.stall(reader);
                }
            }
            Fault::CutEnd => client.write_all(&answer[..answer.len().saturating_sub(1)])?,
            Fault::CutAfter => client.write_all(answer)?,
            Fault::Dribble => {
                thread::sleep(Duration::from_millis(self.rng.u64(0..20)));
                // The first bytes one by one, the rest in pieces.
                let slow = answer.len().min(self.rng.usize(0..300));
                for piece in answer[..slow].chunks(self.rng.usize(1..40)) {
                    client.write_all(piece)?;
                }
                for piece in answer[slow..].chunks(self.rng.usize(1..100_000)) {
                    client.write_all(piece)?;
                }
                return Ok(true);
            }
            Fault::Duplicate => {
                self.answer(body)?;
                client.write_all(answer)?;
                return Ok(true);
            }
            Fault::Garbage => {
                let bytes: Vec<u8> = (0..64).map(|_| self.rng.u8(..)).collect();
                client.write_all(&bytes)?;
            }
            Fault::Truncate => {
                let kept = &content[..within(&mut self.rng, content.len())];
                let length = kept.len().to_string();
                let head = wire::with(&String::from_utf8_lossy(head), "content-length", &length);
                client.write_all(head.as_bytes())?;
                client.write_all(kept)?;
            }
            Fault::AnswerLength => {
                let length = self.another_length(content.len());
                let head = wire::with(&String::from_utf8_lossy(head), "content-length", &length);
                client.write_all(head.as_bytes())?;
                client.write_all(content)?;
                return Ok(true);
            }
            Fault::FlipHead => {
                let mut answer = answer.to_vec();
                if !head.is_empty() {
                    answer[self.rng.usize(0..head.len())] ^= 1 << self.rng.u8(0..8);
                }
                client.write_all(&answer)?;
                return Ok(true);
            }
            // Fault::Lose: nothing at all.
            _ => {}
        }
        Ok(false)
    }

    /// Other digits than those of a length.
    fn another_length(&mut self, length: usize) -> String {
        match self.rng.u8(0..6) {
            0 => length.saturating_sub(1).to_string(),
            1 => (length + 1).to_string(),
            2 => (length * 10).to_string(),
            3 => (length / 10).to_string(),
            4 => "18446744073709551615".to_owned(),
            _ => format!("-{length}"),
        }
    }

    /// The server gets a request whose head tells another length, and nothing behind it.
    fn send_with_another_length(&mut self, body: &[u8]) -> io::Result<bool> {
        let length = self.another_length(body.len());
        let head = wire::with(self.head, "content-length", &length);
        let answer = wire::carry_out(&self.shared.server, &head, body, true)?;
        let mut client = self.client;
        client.write_all(&answer)?;
        Ok(false)
    }

    fn be_busy(&mut self) -> io::Result<bool> {
        let status = [408, 429, 503][self.rng.usize(0..3)];
        // A whole second of waiting is rare, or tests would do little else.
        let (header, pause) = match self.rng.u8(0..40) {
            0 => ("Retry-After: 1\r\n", 1),
            1..20 => ("Retry-After: 0\r\n", 0),
            _ => ("", 0),
        };
        if pause > 0 {
            self.shared
                .expect_back(self.key, Duration::from_secs(pause));
        }
        self.tell(status, header)?;
        Ok(true)
    }

    /// An answer of the proxy's own.
    fn tell(&self, status: u16, headers: &str) -> io::Result<()> {
        let words = format!("{status}: as the test wants");
        let length = words.len();
        let head = format!("HTTP/1.1 {status} Fault\r\n{headers}Content-Length: {length}\r\n\r\n");
        let mut client = self.client;
        client.write_all(format!("{head}{words}").as_bytes())
    }

    /// Says nothing until the client gives up.
    fn stall(&self, reader: &mut impl Read) -> io::Result<bool> {
        self.client.set_read_timeout(Some(STALLED))?;
        let mut byte = [0];
        let _ = reader.read(&mut byte);
        Ok(false)
    }

    /// Ends the connection with a reset.
    fn reset(&self) -> io::Result<bool> {
        SockRef::from(self.client).set_linger(Some(Duration::ZERO))?;
        Ok(false)
    }
}
