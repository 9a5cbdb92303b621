//! Random draws that depend only on three numbers: the seed, the number of the arrival, and a slot. The slot
//! distinguishes the draws of an arrival.
//!
//! Every draw is a hash, and not a step of a shared generator. Any worker can make the draws of any arrival in any
//! order, with the same result. The mixing function is the finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable
//! Pseudorandom Number Generators).

/// Mixes the bits of a number. Each bit of the result depends on all bits of the number.
pub(crate) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Returns 64 random bits for one draw of one arrival.
pub fn bits(seed: u64, number: u64, slot: u32) -> u64 {
    Stream::new(seed, number, u64::from(slot)).next()
}

/// Returns 64 random bits for one draw of one request of an arrival. `visit` is the number of the request within the
/// arrival. For the first request of the arrival, the result equals the result of [`bits`].
pub fn bits_at(seed: u64, number: u64, slot: u32, visit: u32) -> u64 {
    Stream::new(seed, number, u64::from(slot) | u64::from(visit) << 32).next()
}

/// Converts random bits to a number in `0..below`. The bias is negligible: at most `below` / 2^64.
pub fn below(bits: u64, below: u64) -> u64 {
    ((u128::from(bits) * u128::from(below)) >> 64) as u64
}

/// A generator of random numbers. The numbers depend only on the arguments of [`Stream::new`].
pub(crate) struct Stream(u64);

impl Stream {
    pub(crate) fn new(seed: u64, a: u64, b: u64) -> Stream {
        Stream(mix(
            mix(mix(seed.wrapping_add(GOLDEN)) ^ a.wrapping_mul(GOLDEN)) ^ b.wrapping_add(GOLDEN)
        ))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// Draws a number from the uniform distribution on the open interval (0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Draws a number from the exponential distribution with mean 1.
    pub(crate) fn exponential(&mut self) -> f64 {
        -libm::log(self.unit())
    }

    /// Draws a number from the standard normal distribution, with the method of Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(2.0 * self.exponential());
        radius * libm::cos(2.0 * std::f64::consts::PI * self.unit())
    }

    /// Draws a number from the gamma distribution with the given shape, which must be at least 1. The method is
    /// described in Marsaglia and Tsang: A Simple Method for Generating Gamma Variables.
    fn gamma(&mut self, shape: f64) -> f64 {
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / libm::sqrt(9.0 * d);
        loop {
            let x = self.normal();
            let v = 1.0 + c * x;
            if v <= 0.0 {
                continue;
            }
            let v = v * v * v;
            if libm::log(self.unit()) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                return d * v;
            }
        }
    }

    /// Draws a number from the beta distribution with the given shapes, each of which must be at least 1.
    pub(crate) fn beta(&mut self, a: f64, b: f64) -> f64 {
        let x = self.gamma(a);
        x / (x + self.gamma(b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_uniform_and_slots_are_independent() {
        let mut counts = [[0u32; 10]; 10];
        for number in 0..100_000 {
            let first = below(bits(7, number, 0), 10);
            let second = below(bits(7, number, 1), 10);
            counts[first as usize][second as usize] += 1;
        }
        for count in counts.iter().flatten() {
            assert!((850..1150).contains(count), "{counts:?}");
        }
    }

    #[test]
    fn beta_has_its_mean_and_variance() {
        let (a, b, n) = (3.0, 7.0, 100_000);
        let mut stream = Stream::new(1, 2, 3);
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let x = stream.beta(a, b);
            sum += x;
            squares += x * x;
        }
        let mean = sum / f64::from(n);
        let variance = squares / f64::from(n) - mean * mean;
        assert!((mean - a / (a + b)).abs() < 0.002, "{mean}");
        assert!(
            (variance - a * b / ((a + b) * (a + b) * (a + b + 1.0))).abs() < 0.001,
            "{variance}"
        );
    }
}
