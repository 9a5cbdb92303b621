//! Everything at once, from a seed.
