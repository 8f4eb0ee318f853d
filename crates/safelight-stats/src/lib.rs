//! Intervals, quantiles and scaling fits for measurements: pure mathematics.
//!
//! Timings are skewed, few, and sprinkled with outliers, so everything here rests on
//! medians and resampling, and each answer comes with an interval or not at all:
//!
//! - [`Sample`]: quantiles, and their exact intervals by rank;
//! - [`Bootstrap`]: intervals of any statistic, of the ratio of pairs, of several groups;
//! - [`PowerFit`]: how cost grows with size, as `a + b·n^k`.
//!
//! All is deterministic: what is random takes a seed.
//!
//! ```
//! use safelight_stats::{Group, PowerFit};
//!
//! let sides = [512.0_f64, 1024.0, 2048.0, 4096.0];
//! let cost = |n: f64| [0.99, 1.0, 1.0, 1.01, 1.02].map(|noise| noise * (2.0 + 3e-6 * n));
//! let samples = sides.map(|side| cost(side * side));
//! let groups: Vec<Group> = (sides.iter().zip(&samples))
//!     .map(|(side, samples)| Group { n: side * side, samples })
//!     .collect();
//! let fit = PowerFit::fit(&groups, 0.95, 1)?;
//! assert!((fit.k - 1.0).abs() < 0.1 && fit.k_interval.contains(1.0));
//! # Ok::<(), safelight_stats::InsufficientData>(())
//! ```
//!
//! # When not to use it
//!
//! For large data, for models with more than one input, or for textbook tests, take a
//! statistics library. This one has what measurements of programs need.
//!
//! # Features
//!
//! None, and no dependencies.

#![forbid(unsafe_code)]

mod bootstrap;
mod interval;
mod least_squares;
mod power_fit;
mod rank_interval;
mod rng;
mod sample;

pub use crate::bootstrap::Bootstrap;
pub use crate::interval::Interval;
pub use crate::power_fit::{Group, InsufficientData, PowerFit};
pub use crate::rank_interval::RankInterval;
pub use crate::sample::Sample;
