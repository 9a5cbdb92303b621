//! A thousand workers.
