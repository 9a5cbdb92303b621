//! The engines and the allow-list, as a worker uses them.

mod allow;
mod engine_http;
mod engine_http2;
mod http2_trouble;
mod reading_answers;
