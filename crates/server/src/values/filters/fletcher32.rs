//! The checksum of HDF5's filter of this name: two sums over words of 16 bits, the higher byte
//! first.

/// Words after which the sums are folded: fewer than could overflow them.
const WORDS: usize = 360;

/// The checksum of `bytes`.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let (mut sum1, mut sum2) = (0u32, 0u32);
    let mut add = |words: &[u8]| {
        for word in words.chunks(2) {
            // Of an odd length the last byte is the higher one of its word.
            let low = word.get(1).copied().unwrap_or(0);
            sum1 += u32::from(u16::from_be_bytes([word[0], low]));
            sum2 += sum1;
        }
        sum1 = fold(sum1);
        sum2 = fold(sum2);
    };
    bytes.chunks(2 * WORDS).for_each(&mut add);
    (fold(sum2) << 16) | fold(sum1)
}

fn fold(sum: u32) -> u32 {
    (sum & 0xffff) + (sum >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What HDF5 1.14 puts behind chunks of these bytes.
    #[test]
    fn as_hdf5_does() {
        let counted: Vec<u8> = (0..2000u32).map(|n| (n * 7) as u8).collect();
        for (bytes, expected) in [
            (&counted[..], 0x96c4_5bb0),
            (&counted[..1], 0),
            (&counted[..7], 0x8ca1_543f),
            (&[0xff; 1000][..], 0xffff_ffff),
        ] {
            assert_eq!(checksum(bytes), expected, "{} bytes", bytes.len());
        }
    }
}
