//! Elements that are not what was asked for.

use fastrand::Rng;

/// Numbers that make lengths wrong.
const LENGTHS: [u32; 7] = [0, 1, 7, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF];

/// Another body, mostly of another length.
pub(super) fn changed(mut body: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    for _ in 0..rng.usize(1..4) {
        match rng.u8(0..8) {
            0 => body.truncate(rng.usize(0..=body.len())),
            1 => body.extend((0..rng.usize(1..100)).map(|_| 0xA5)),
            2 => body.extend_from_within(..),
            3 => body.clear(),
            4 | 5 => {
                // Variable parts begin with their length.
                let at = rng.usize(0..=body.len()) & !3;
                let length = LENGTHS[rng.usize(0..LENGTHS.len())].to_le_bytes();
                for (byte, new) in body.iter_mut().skip(at).zip(length) {
                    *byte = new;
                }
            }
            _ => {
                for _ in 0..8 {
                    let at = rng.usize(0..body.len().max(1));
                    if let Some(byte) = body.get_mut(at) {
                        *byte = rng.u8(..);
                    }
                }
            }
        }
    }
    body
}
