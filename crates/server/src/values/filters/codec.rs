//! Compressors of chunks.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use h5rest_protocol::creation::{Filter, filter_ids as ids};

/// Largest input of one LZ4 block.
const MOST_LZ4: usize = 0x7e00_0000;

/// What makes chunks smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    /// Zlib, of this level.
    Deflate(u32),
    /// Zstandard, of this level.
    Zstd(i32),
    /// LZ4.
    Lz4,
}

impl Codec {
    /// The compressor that a filter asks for, or the one that comes closest; `None` if it is not a
    /// compressor, or one that is only recorded.
    pub fn of(filter: &Filter) -> Option<Self> {
        let level = filter.parameters.first().copied();
        let deflate = |level: Option<u32>| Self::Deflate(level.unwrap_or(6).min(9));
        let zstd = |level: Option<u32>| {
            let most = *zstd::compression_level_range().end();
            let level = level.and_then(|level| i32::try_from(level).ok());
            Self::Zstd(level.map_or(zstd::DEFAULT_COMPRESSION_LEVEL, |n| n.clamp(1, most)))
        };
        match filter.id {
            ids::DEFLATE => Some(deflate(level)),
            ids::ZSTD => Some(zstd(level)),
            ids::LZ4 | ids::LZ4HC | ids::BITSHUFFLE => Some(Self::Lz4),
            // Blosc is a container for one of several compressors, told by name or by number.
            ids::BLOSC => {
                let level = filter.parameters.get(4).copied();
                let by_number = ["blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd"];
                let number = filter.parameters.get(6).map(|&number| number as usize);
                let name = number.and_then(|number| by_number.get(number).copied());
                match name.unwrap_or(filter.name.as_str()) {
                    "zlib" | "gzip" | "deflate" => Some(deflate(level)),
                    "zstd" => Some(zstd(level)),
                    _ => Some(Self::Lz4),
                }
            }
            _ => None,
        }
    }

    /// What clients know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deflate(_) => "gzip",
            Self::Zstd(_) => "zstd",
            Self::Lz4 => "lz4",
        }
    }

    /// Appends the compressed bytes to `out`; `false` if they cannot be compressed this way.
    pub fn compress(self, bytes: &[u8], out: &mut Vec<u8>) -> std::io::Result<bool> {
        match self {
            Self::Deflate(level) => {
                let mut encoder = ZlibEncoder::new(out, Compression::new(level));
                encoder.write_all(bytes)?;
                encoder.finish()?;
            }
            Self::Zstd(level) => {
                let packed = zstd::bulk::compress(bytes, level)?;
                out.extend_from_slice(&packed);
            }
            Self::Lz4 if bytes.len() > MOST_LZ4 => return Ok(false),
            Self::Lz4 => out.extend(lz4_flex::block::compress_prepend_size(bytes)),
        }
        Ok(true)
    }

    /// The bytes as they were; `expected` is how many there are, if that is known.
    pub fn decompress(self, packed: &[u8], expected: Option<usize>) -> std::io::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(expected.unwrap_or(0));
        match self {
            Self::Deflate(_) => ZlibDecoder::new(packed).read_to_end(&mut out)?,
            Self::Zstd(_) => zstd::Decoder::new(packed)?.read_to_end(&mut out)?,
            Self::Lz4 => {
                let bad = |why: String| std::io::Error::new(std::io::ErrorKind::InvalidData, why);
                let (size, _) = lz4_flex::block::uncompressed_size(packed)
                    .map_err(|error| bad(error.to_string()))?;
                // What is damaged must not reserve memory that its bytes cannot fill.
                let possible = size / 255 <= packed.len();
                if !possible || expected.is_some_and(|expected| expected != size) {
                    return Err(bad(format!("{size} bytes")));
                }
                return lz4_flex::block::decompress_size_prepended(packed)
                    .map_err(|error| bad(error.to_string()));
            }
        };
        Ok(out)
    }
}
