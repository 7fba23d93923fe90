//! Unpacks a body that the server has compressed, piece by piece, for [`crate::request::Receiver`].

use zstd::stream::raw::{Decoder, InBuffer, Operation as _, OutBuffer};
use zstd::zstd_safe::DParameter;

/// Bytes that are unpacked at once.
const PORTION: usize = 64 << 10;
/// Binary logarithm of what a server may ask us to remember of what was unpacked: 8 MiB, as RFC 9659
/// bounds it. Otherwise a few bytes of a stranger could take gigabytes.
const WINDOW: u32 = 23;

/// How a body is packed, as far as we ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// `zstd`
    Zstd,
}

impl Packing {
    /// The packing of an answer. What says why a request failed may be packed as it wants: its status
    /// counts.
    ///
    /// # Errors
    /// When elements or documents are packed in a way that nobody has asked for.
    pub(crate) fn of_answer(status: u16, value: &str) -> Result<Option<Self>, String> {
        let packing = Self::of(value);
        match status {
            200..300 => packing,
            _ => Ok(packing.unwrap_or(None)),
        }
    }

    /// The packing that `Content-Encoding` names: none for a body as it is.
    ///
    /// # Errors
    /// When nobody has asked for such a body.
    fn of(value: &str) -> Result<Option<Self>, String> {
        match value.trim() {
            "" => Ok(None),
            value if value.eq_ignore_ascii_case("identity") => Ok(None),
            value if value.eq_ignore_ascii_case("zstd") => Ok(Some(Self::Zstd)),
            value => Err(format!(
                "the answer is packed as '{value}', which was not asked for"
            )),
        }
    }
}

/// A body that is being unpacked.
pub(crate) struct Unpack {
    decoder: Decoder<'static>,
    portion: Vec<u8>,
    /// Whether the body may end here.
    complete: bool,
}

impl std::fmt::Debug for Unpack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unpack").finish_non_exhaustive()
    }
}

impl Unpack {
    pub fn new(packing: Packing) -> Result<Self, String> {
        let Packing::Zstd = packing;
        let decoder = || {
            let mut decoder = Decoder::new()?;
            decoder.set_parameter(DParameter::WindowLogMax(WINDOW))?;
            Ok(decoder)
        };
        Ok(Self {
            decoder: decoder().map_err(broken)?,
            portion: vec![0; PORTION],
            complete: false,
        })
    }

    /// Unpacks the next piece and hands on what is in it.
    pub fn piece(
        &mut self,
        piece: &[u8],
        mut hand_on: impl FnMut(&[u8]) -> Result<(), String>,
    ) -> Result<(), String> {
        if piece.is_empty() {
            // The decoder would begin another frame.
            return Ok(());
        }
        let mut input = InBuffer::around(piece);
        loop {
            let mut output = OutBuffer::around(&mut self.portion[..]);
            let hint = self.decoder.run(&mut input, &mut output).map_err(broken)?;
            self.complete = hint == 0;
            let (unpacked, more) = (output.pos(), output.pos() == PORTION);
            hand_on(&self.portion[..unpacked])?;
            // What the decoder has taken in may be more than it could give out.
            if input.pos() == piece.len() && (self.complete || !more) {
                return Ok(());
            }
        }
    }

    /// Whether the body has an end.
    pub fn is_complete(&self) -> bool {
        self.complete
    }
}

fn broken(error: std::io::Error) -> String {
    format!("the packed answer cannot be unpacked: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(packed: &[u8], pieces: usize) -> Result<Vec<u8>, String> {
        let mut unpack = Unpack::new(Packing::Zstd)?;
        let mut all = Vec::new();
        for piece in packed.chunks(pieces).chain([&[][..]]) {
            unpack.piece(piece, |bytes| {
                all.extend_from_slice(bytes);
                Ok(())
            })?;
        }
        unpack.is_complete().then_some(all).ok_or("no end".into())
    }

    #[test]
    fn what_was_packed_comes_back_in_pieces_of_any_size() {
        let text: Vec<u8> = (0..300_000_u32)
            .flat_map(|n| (n / 7).to_le_bytes())
            .collect();
        let packed = zstd::bulk::compress(&text, 1).unwrap();
        for pieces in [1, 7, 1000, 1 << 20] {
            assert!(unpacked(&packed, pieces).unwrap() == text, "{pieces}");
        }
    }

    #[test]
    fn a_cut_or_damaged_body_is_none() {
        let mut packed = zstd::bulk::compress(&[7; 100_000], 1).unwrap();
        assert!(unpacked(&packed[..packed.len() - 1], 10).is_err());
        packed[0] ^= 1;
        assert!(unpacked(&packed, 10).is_err());
    }

    #[test]
    fn nobody_makes_us_remember_more_than_eight_mebibytes() {
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(24).unwrap();
        std::io::Write::write_all(&mut encoder, &vec![1; 32 << 20]).unwrap();
        let error = unpacked(&encoder.finish().unwrap(), 1000).unwrap_err();
        assert!(error.contains("cannot be unpacked"), "{error}");
    }

    #[test]
    fn only_what_was_asked_for_is_taken() {
        assert_eq!(Packing::of("ZSTD"), Ok(Some(Packing::Zstd)));
        assert_eq!(Packing::of("identity"), Ok(None));
        assert!(Packing::of("gzip").unwrap_err().contains("'gzip'"));
        assert!(Packing::of_answer(200, "gzip").is_err());
        assert_eq!(Packing::of_answer(404, "gzip"), Ok(None));
    }
}
