//! The counts of a histogram in the V2 form of HdrHistogram. Each count is encoded as zigzag LEB128. A negative number
//! -n means n empty slots.

/// The reason why a histogram cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("the histogram ends early")]
    Short,
    #[error("not an HdrHistogram V2 encoding")]
    Cookie,
    #[error("the histogram has other bounds than 1 ns to 1 h with 3 digits")]
    Bounds,
    #[error("the histogram's compressed bytes are damaged")]
    Compression,
    #[error("the histogram holds counts outside its range")]
    Counts,
}

/// Appends the encoded counts to `out`. The counts must be in ascending order of index.
pub(crate) fn payload(counts: impl Iterator<Item = (usize, u64)>, out: &mut Vec<u8>) {
    let mut next = 0;
    for (index, count) in counts {
        if index > next {
            leb128(out, -((index - next) as i64));
        }
        leb128(out, count as i64);
        next = index + 1;
    }
}

/// Returns the counts of a payload that are not zero, with their slot indices, in ascending order. An index that is not
/// less than `slots` is an error. The iteration ends at the first error.
pub(crate) fn counts(payload: &[u8], slots: usize) -> impl Iterator<Item = Result<(usize, u64), DecodeError>> {
    let (mut at, mut index) = (0, 0usize);
    std::iter::from_fn(move || {
        while at < payload.len() {
            let read = read_leb128(payload, &mut at).and_then(|value| match value {
                ..0 => usize::try_from(value.unsigned_abs())
                    .ok()
                    .and_then(|run| index.checked_add(run))
                    .map(|after| (after, None))
                    .ok_or(DecodeError::Counts),
                0.. if index >= slots => Err(DecodeError::Counts),
                0.. => Ok((index + 1, (value > 0).then_some((index, value as u64)))),
            });
            match read {
                Ok((after, bucket)) => {
                    index = after;
                    if bucket.is_some() {
                        return bucket.map(Ok);
                    }
                }
                Err(error) => {
                    at = payload.len();
                    return Some(Err(error));
                }
            }
        }
        None
    })
}

fn leb128(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    for _ in 0..8 {
        if rest < 0x80 {
            out.push(rest as u8);
            return;
        }
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    // The ninth byte contains eight bits and no continuation bit.
    out.push(rest as u8);
}

fn read_leb128(bytes: &[u8], at: &mut usize) -> Result<i64, DecodeError> {
    let mut value = 0u64;
    for position in 0..9 {
        let byte = *bytes.get(*at).ok_or(DecodeError::Short)?;
        *at += 1;
        if position == 8 {
            value |= u64::from(byte) << 56;
            break;
        }
        value |= u64::from(byte & 0x7f) << (7 * position);
        if byte < 0x80 {
            break;
        }
    }
    Ok((value >> 1) as i64 ^ -((value & 1) as i64))
}
