//! Nothing: the tests of whole runs are in `tests/`.
