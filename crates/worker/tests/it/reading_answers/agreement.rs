//! Checks that `AnswerReader` and hyper's client return the same result for every answer.

use super::streams::cases;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;
use test_engines::exchange::{Exchange, Seen, indifferent_to_cuts};
use test_engines::oracle::agree;

#[test]
fn the_generator_covers_all_kinds_of_answers() {
    let mut runner = TestRunner::deterministic();
    let mut kinds = BTreeMap::<String, usize>::new();
    for _ in 0..4_000 {
        let case = cases().new_tree(&mut runner).unwrap().current();
        let Seen {
            outcome,
            status,
            reusable,
            ..
        } = agree(&case.exchange());
        let kind = format!("{outcome:?}, head: {}, reusable: {reusable}", status.is_some());
        *kinds.entry(kind).or_default() += 1;
    }
    let rarest = kinds.values().min();
    assert!(kinds.len() == 8 && rarest > Some(&20), "{kinds:#?}");
}

const BASES: [&str; 5] = [
    "HTTP/1.1 302 Found\r\nLocation: /a\r\n\tb\r\nContent-Length:\r\n 3\r\n\r\nabc",
    "HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 3\r\nConnection: x, y\r\n\r\nabc",
    "HTTP/1.0 200 OK\nconnection: keep-alive\ncontent-length:1,1\n\nZ",
    "HTTP/1.1 200\r\nTransfer-Encoding: a, chunked\r\n\r\n1;e=f\r\nq\r\n0\r\nT: u\r\n\r\n",
    "\r\nHTTP/1.1 103 Early\r\nL: m\r\n\r\nHTTP/1.1 200 OK\r\nA:\tb \r\nconnection: close\r\n\r\nrest",
];

fn agree_open_and_ended(bytes: &[u8]) {
    for ends in [false, true] {
        agree(&Exchange {
            pieces: vec![bytes],
            ends,
            head_request: false,
        });
    }
}

#[test]
fn they_agree_when_any_byte_is_replaced() {
    for base in BASES {
        for place in 0..base.len() {
            for byte in 0..=u8::MAX {
                let mut bytes = base.as_bytes().to_vec();
                bytes[place] = byte;
                agree_open_and_ended(&bytes);
            }
        }
    }
}

#[test]
fn they_agree_when_any_byte_is_inserted_or_missing() {
    for base in BASES {
        for place in 0..base.len() {
            let (front, back) = base.as_bytes().split_at(place);
            let changed = b"\r\n\t ,:;0aA\x00\x7f\x80\xff"
                .iter()
                .map(|byte| [front, &[*byte], back].concat());
            for bytes in changed.chain([[front, &back[1..]].concat()]) {
                agree_open_and_ended(&bytes);
            }
        }
    }
}

#[test]
fn they_agree_for_every_split_and_every_end() {
    for base in BASES {
        for end in 0..=base.len() {
            for place in 0..=end {
                let (front, back) = base.as_bytes()[..end].split_at(place);
                for (ends, head_request) in [(false, false), (true, false), (false, true)] {
                    agree(&Exchange {
                        pieces: vec![front, back],
                        ends,
                        head_request,
                    });
                }
            }
        }
    }
}

#[test]
fn one_reader_may_detect_a_malformed_head_after_empty_lines_later() {
    let pieces: [&[u8]; 5] = [b"", b"", b"\n\nH", b"TTP0/1", b".1 30"];
    for ends in [false, true] {
        let exchange = Exchange {
            pieces: pieces.to_vec(),
            ends,
            head_request: false,
        };
        agree(&exchange);
        indifferent_to_cuts(&exchange);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn they_agree_on_generated_answers(case in cases()) {
        agree(&case.exchange());
        indifferent_to_cuts(&case.exchange());
    }
}
