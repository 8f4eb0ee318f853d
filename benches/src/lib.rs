//! Seeded workloads, peers, and the harness that compares them fairly.
//!
//! This crate is not published: it stands behind `cargo xtask profile` and
//! `cargo xtask bench`.
//!
//! A comparison runs its two sides in turn within one run, each in a process of its own (a
//! process has one global allocator), and compares the CPU time that the processes used:
//! see [`duel`](mod@duel).

#![forbid(unsafe_code)]

pub mod arm;
pub mod cache_contest;
pub mod cache_trace;
pub mod duel;
pub mod half_hour;
pub mod leak;
pub mod likeness;
pub mod photo;
pub mod photo_set;
pub mod pipeline;
pub mod progress;
pub mod pseudo_terminal;
pub mod race;
pub mod relief;
pub mod ssim;
pub mod workload;
