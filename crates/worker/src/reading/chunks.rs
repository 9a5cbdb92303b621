//! Reads a chunked body (RFC 9112, 7.1).

use super::{Bad, EXTENSIONS_TOO_LONG, MalformedAnswer, Sink, TRAILERS_TOO_LONG, front, pass};
use httparse::{EMPTY_HEADER, Status, parse_headers};

/// The state of reading a chunked body.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    place: ChunkPosition,
    /// The size of a chunk, while the digits of the size are read. After the digits, the number of bytes that are left
    /// of the chunk's data.
    left: u64,
    /// The number of bytes of chunk extensions in all chunks so far.
    extensions: usize,
    /// The number of lines of trailers so far.
    trailers: usize,
}

/// The element of a chunked body to which the next byte belongs. In this list, the elements of the trailers are last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum ChunkPosition {
    #[default]
    FirstDigit,
    Digit,
    SpaceAfterSize,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// The first byte of a trailer, or of the empty line that ends the body.
    LineStart,
    Trailer,
    TrailerLf,
    EndLf,
    End,
}

impl Chunks {
    /// Reads the next bytes. If the body ends within these bytes, returns how many of them belong to the body. Trailers
    /// are not used. The bytes of the trailers are kept in `trailers` until the trailers are checked.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        trailers: &mut Vec<u8>,
        body: &mut impl Sink,
    ) -> Result<Option<usize>, Bad> {
        let mut used = 0;
        while let Some(&byte) = bytes.get(used) {
            if self.place == ChunkPosition::Data {
                let data = front(&bytes[used..], self.left);
                pass(data, body)?;
                used += data.len();
                self.left -= data.len() as u64;
                if self.left == 0 {
                    self.place = ChunkPosition::DataCr;
                }
                continue;
            }
            used += 1;
            if self.place >= ChunkPosition::LineStart {
                trailers.push(byte);
                if trailers.len() >= TRAILERS_TOO_LONG {
                    return Err(Bad::Malformed(MalformedAnswer::Trailer));
                }
            }
            let malformed = match self.place {
                place if place >= ChunkPosition::LineStart => Bad::Malformed(MalformedAnswer::Trailer),
                _ => Bad::Malformed(MalformedAnswer::Chunk),
            };
            self.place = self.step(byte).ok_or(malformed)?;
            if self.place == ChunkPosition::End {
                return self.check(trailers).map(|()| Some(used));
            }
        }
        Ok(None)
    }

    /// Returns the position after a byte. Returns `None` if the byte is not allowed at the current position.
    fn step(&mut self, byte: u8) -> Option<ChunkPosition> {
        Some(match (self.place, byte) {
            (ChunkPosition::FirstDigit | ChunkPosition::Digit, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = char::from(byte).to_digit(16)?;
                self.left = self.left.checked_mul(16)?.checked_add(u64::from(digit))?;
                ChunkPosition::Digit
            }
            (ChunkPosition::Digit | ChunkPosition::SpaceAfterSize, b' ' | b'\t') => ChunkPosition::SpaceAfterSize,
            (ChunkPosition::Digit | ChunkPosition::SpaceAfterSize, b';') => ChunkPosition::Extension,
            (ChunkPosition::Digit | ChunkPosition::SpaceAfterSize | ChunkPosition::Extension, b'\r') => {
                ChunkPosition::SizeLf
            }
            (ChunkPosition::Extension, b'\n') => return None,
            (ChunkPosition::Extension, _) => {
                self.extensions += 1;
                (self.extensions < EXTENSIONS_TOO_LONG).then_some(ChunkPosition::Extension)?
            }
            (ChunkPosition::SizeLf, b'\n') if self.left == 0 => ChunkPosition::LineStart,
            (ChunkPosition::SizeLf, b'\n') => ChunkPosition::Data,
            (ChunkPosition::DataCr, b'\r') => ChunkPosition::DataLf,
            (ChunkPosition::DataLf, b'\n') => ChunkPosition::FirstDigit,
            (ChunkPosition::LineStart, b'\r') => ChunkPosition::EndLf,
            (ChunkPosition::Trailer, b'\r') => ChunkPosition::TrailerLf,
            (ChunkPosition::LineStart | ChunkPosition::Trailer, _) => ChunkPosition::Trailer,
            (ChunkPosition::TrailerLf, b'\n') => {
                self.trailers += 1;
                ChunkPosition::LineStart
            }
            (ChunkPosition::EndLf, b'\n') => ChunkPosition::End,
            _ => return None,
        })
    }

    fn check(&self, trailers: &[u8]) -> Result<(), Bad> {
        if self.trailers == 0 {
            return Ok(());
        }
        match parse_headers(trailers, &mut vec![EMPTY_HEADER; self.trailers]) {
            Ok(Status::Complete(_)) => Ok(()),
            Ok(Status::Partial) | Err(_) => Err(Bad::Malformed(MalformedAnswer::Trailer)),
        }
    }
}
