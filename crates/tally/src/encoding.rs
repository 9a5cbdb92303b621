//! The encoding of histograms as bytes: HdrHistogram's V2 encoding, plain and compressed.
//!
//! ```text
//! plain      = cookie 0x1c849313, payload length, 0, digits, lowest 8 B, highest 8 B, ratio f64, payload
//! payload    = ZigZag LEB128: a count, or minus the length of a run of zeros; upwards by index
//! compressed = cookie 0x1c849314, length, zlib(plain)
//! ```
//! Integers are big-endian. Decoding adds the counts to an existing histogram, and does not build a second histogram.
//! Decoding rejects a histogram with other bounds, and never moves a value to another bucket.

use crate::histogram::{HIGHEST_NS, Histogram, SIGNIFICANT_DIGITS, SLOTS};
pub use crate::payload::DecodeError;
use crate::payload::{counts, payload};
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use std::io::{Read, Write};

const COOKIE_PLAIN: u32 = 0x1c84_9313;
const COOKIE_COMPRESSED: u32 = 0x1c84_9314;
const HEADER: usize = 40;
/// The maximum size of a histogram in the plain encoding, in bytes. A histogram has this size if the count of every
/// slot takes nine bytes.
const PLAIN_MAX: usize = HEADER + SLOTS * 9;

/// The maximum number of values that a histogram may contain after decoding. No run records this many values, so a
/// higher number means that the data are damaged. The limit also prevents an overflow of the number of values.
const COUNT_MAX: u64 = 1 << 48;

/// Encodes a histogram in the compressed form that interval logs contain.
pub fn encode(histogram: &Histogram) -> Vec<u8> {
    let plain = encode_plain(histogram);
    let mut out = Vec::with_capacity(plain.len() / 2 + 64);
    out.extend_from_slice(&COOKIE_COMPRESSED.to_be_bytes());
    out.extend_from_slice(&[0; 4]);
    let mut zlib = ZlibEncoder::new(out, Compression::new(4));
    zlib.write_all(&plain).and_then(|()| zlib.finish()).map_or_else(
        |_| unreachable!("writing to memory cannot fail"),
        |mut out| {
            let length = (out.len() - 8) as u32;
            out[4..8].copy_from_slice(&length.to_be_bytes());
            out
        },
    )
}

fn encode_plain(histogram: &Histogram) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(&COOKIE_PLAIN.to_be_bytes());
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(&u32::from(SIGNIFICANT_DIGITS).to_be_bytes());
    out.extend_from_slice(&1u64.to_be_bytes());
    out.extend_from_slice(&HIGHEST_NS.to_be_bytes());
    out.extend_from_slice(&1f64.to_be_bytes());
    payload(histogram.buckets(), &mut out);
    let length = (out.len() - HEADER) as u32;
    out[4..8].copy_from_slice(&length.to_be_bytes());
    out
}

/// Decodes a histogram, plain or compressed, and adds its counts to `sum`.
///
/// # Errors
/// Fails if the bytes are not a histogram with the bounds of [`Histogram`]. On failure, `sum` is unchanged.
pub fn decode_into(bytes: &[u8], sum: &mut Histogram) -> Result<(), DecodeError> {
    match word(bytes, 0)? {
        COOKIE_PLAIN => decode_plain(bytes, sum),
        COOKIE_COMPRESSED => {
            let length = word(bytes, 4)? as usize;
            let packed = bytes.get(8..8 + length).ok_or(DecodeError::Short)?;
            let mut plain = Vec::with_capacity(8 * length);
            ZlibDecoder::new(packed)
                .take(PLAIN_MAX as u64 + 1)
                .read_to_end(&mut plain)
                .map_err(|_| DecodeError::Compression)?;
            decode_plain(&plain, sum)
        }
        _ => Err(DecodeError::Cookie),
    }
}

fn decode_plain(bytes: &[u8], sum: &mut Histogram) -> Result<(), DecodeError> {
    if word(bytes, 0)? != COOKIE_PLAIN {
        return Err(DecodeError::Cookie);
    }
    let length = word(bytes, 4)? as usize;
    let (lowest, highest) = (long(bytes, 16)?, long(bytes, 24)?);
    if word(bytes, 12)? != u32::from(SIGNIFICANT_DIGITS) || lowest != 1 || highest != HIGHEST_NS {
        return Err(DecodeError::Bounds);
    }
    let payload = bytes
        .get(HEADER..)
        .and_then(|rest| rest.get(..length))
        .ok_or(DecodeError::Short)?;
    // The first pass checks the payload, so that the second pass cannot fail after it has changed the sum.
    let (mut reach, mut total): (Option<(usize, usize)>, u64) = (None, sum.len());
    for bucket in counts(payload, SLOTS) {
        let (index, count) = bucket?;
        reach = Some((reach.map_or(index, |(first, _)| first), index));
        total = total.saturating_add(count);
    }
    if total > COUNT_MAX {
        return Err(DecodeError::Counts);
    }
    if let Some((first, last)) = reach {
        sum.reach(first, last);
    }
    for bucket in counts(payload, SLOTS) {
        let (index, count) = bucket?;
        sum.add_at(index, count);
    }
    Ok(())
}

fn word(bytes: &[u8], at: usize) -> Result<u32, DecodeError> {
    let word = bytes.get(at..at + 4).ok_or(DecodeError::Short)?;
    Ok(u32::from_be_bytes([word[0], word[1], word[2], word[3]]))
}

fn long(bytes: &[u8], at: usize) -> Result<u64, DecodeError> {
    Ok(u64::from(word(bytes, at)?) << 32 | u64::from(word(bytes, at + 4)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer, V2Serializer};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn hdrhistogram_and_this_crate_read_each_others_encoding(values in prop::collection::vec(0..=HIGHEST_NS, 0..300), scale in 0u32..42) {
            let mut ours = Histogram::default();
            let mut theirs = hdrhistogram::Histogram::<u64>::new_with_bounds(1, HIGHEST_NS, 3).unwrap();
            for value in values {
                ours.record(value >> scale);
                theirs.record(value >> scale).unwrap();
            }
            let read: hdrhistogram::Histogram<u64> = Deserializer::new().deserialize(&mut encode(&ours).as_slice()).unwrap();
            prop_assert_eq!(&read, &theirs);

            let mut bytes = Vec::new();
            V2DeflateSerializer::new().serialize(&theirs, &mut bytes).unwrap();
            let mut sum = Histogram::default();
            decode_into(&bytes, &mut sum).unwrap();
            prop_assert_eq!(&sum, &ours);

            bytes.clear();
            V2Serializer::new().serialize(&theirs, &mut bytes).unwrap();
            decode_into(&bytes, &mut sum).unwrap();
            ours.add(&ours.clone());
            prop_assert_eq!(&sum, &ours);
        }

        #[test]
        fn damaged_bytes_are_rejected_without_changing_the_sum(flip in 0usize..60, bit in 0u8..8, cut in 0usize..60) {
            let mut histogram = Histogram::default();
            (0..50).for_each(|i| histogram.record(i * i * 1_000));
            let mut plain = encode_plain(&histogram);
            plain.truncate(plain.len().saturating_sub(cut));
            if let Some(byte) = plain.get_mut(flip) {
                *byte ^= 1 << bit;
            }
            let mut sum = Histogram::default();
            if decode_into(&plain, &mut sum).is_err() {
                prop_assert!(sum.is_empty());
            }
        }

        #[test]
        fn random_bytes_are_rejected_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut framed = COOKIE_PLAIN.to_be_bytes().to_vec();
            framed.extend(&bytes);
            let mut sum = Histogram::default();
            let _ = decode_into(&framed, &mut sum);
            let _ = decode_into(&bytes, &mut sum);
        }
    }

    #[test]
    fn counts_above_the_limit_are_rejected_alone_and_in_sum() {
        let encoded = |counts: &[u64]| {
            let mut histogram = Histogram::default();
            let numbered = counts.iter().enumerate();
            numbered.for_each(|(index, count)| histogram.add_at(index, *count));
            encode(&histogram)
        };
        let half = COUNT_MAX / 2;
        let mut sum = Histogram::default();
        assert_eq!(
            decode_into(&encoded(&[u64::MAX >> 1]), &mut sum),
            Err(DecodeError::Counts)
        );
        assert_eq!(decode_into(&encoded(&[half; 3]), &mut sum), Err(DecodeError::Counts));
        assert_eq!(decode_into(&encoded(&[half; 2]), &mut sum), Ok(()));
        // A damaged log may contain the same line twice.
        assert_eq!(decode_into(&encoded(&[1]), &mut sum), Err(DecodeError::Counts));
        assert_eq!(sum.len(), COUNT_MAX);
    }

    #[test]
    fn a_histogram_with_other_bounds_is_refused() {
        let theirs = hdrhistogram::Histogram::<u64>::new_with_bounds(1, HIGHEST_NS, 2).unwrap();
        let mut bytes = Vec::new();
        V2Serializer::new().serialize(&theirs, &mut bytes).unwrap();
        assert_eq!(decode_into(&bytes, &mut Histogram::default()), Err(DecodeError::Bounds));
    }
}
