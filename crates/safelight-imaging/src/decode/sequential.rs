//! Decodes a baseline or extended JPEG of one scan row by row, straight to a small picture.
//!
//! Blocks become 8, 4, 2 samples or 1 a side, as few as leave the picture about twice as
//! large as wanted; a filter makes each color component small by itself, so that neither rows nor
//! chroma need to be put together at full size.

use crate::{
    Color, Error, Layout, Light, Pixels,
    entropy::{Feed, corrupt, is_meaningless, meaningless},
    error::Kind,
    fit::Plan,
    format::Size,
    header::Header,
    shrink::{MARGIN, Shrink},
    source::Input,
};

use super::ink::rgb_of_ycc;

use self::{
    component::Component,
    profile::Profile,
    segments::{Scan, Segments},
};

mod component;
pub(super) mod profile;
mod segments;
mod tokens;
mod transform;

pub(crate) use self::component::Sampling;

/// Decodes the image to a picture of 8 bits a sample.
///
/// Every bit of the pixel data must be there, and an end marker behind it.
pub(super) fn shrink(
    input: &mut Input<'_>,
    header: &Header,
    plan: &Plan,
    light: Light,
) -> Result<Pixels, Error> {
    let sampling = header.info.sampling.ok_or_else(|| corrupt("it has several scans"))?;
    let stage = Stage::new(plan, light);
    let mut feed = Feed::start(input, header.source_len)?;
    feed.skip(2)?;
    let mut segments = Segments::default();
    let scan = segments.read_to_scan(&mut feed)?;
    let mut components = sampling.components(header.info.size(), &stage.first, &scan)?;
    read_scan(&mut feed, &scan, &mut components, sampling)?;
    read_to_end(&mut feed)?;
    let icc = segments.profile.finish(header.info.icc.is_some())?;
    let is_rgb = header.adobe_transform == Some(0);
    let planes = components.into_iter().map(Component::finish);
    let planes = planes.collect::<Result<Vec<_>, _>>()?;
    let (layout, data) = if header.info.color == Color::Gray {
        (Layout::Gray8, planes.into_iter().next().unwrap_or_default())
    } else {
        (Layout::Rgb8, interleave(&planes, is_rgb))
    };
    stage.finish(layout, data).map(|pixels| pixels.with_icc(icc))
}

/// Returns an upper bound of what [`shrink`] holds at once.
pub(crate) fn max_bytes(
    size: Size,
    sampling: Sampling,
    plan: &Plan,
    light: Light,
) -> u64 {
    const FEED_AND_TABLES: u64 = 320 * 1024;
    let stage = Stage::new(plan, light);
    let n_colors = if sampling.is_gray() { 1 } else { 3 };
    // The planes are joined, and the picture may be turned or converted.
    let joined = stage.first.to.pixels().saturating_mul(2 * n_colors);
    let second = stage.second.map_or(0, |(plan, size)| {
        let layout = if sampling.is_gray() { Layout::Gray8 } else { Layout::Rgb8 };
        Shrink::max_bytes(size, layout, &plan, light)
    });
    let planes = sampling.max_bytes(size, &stage.first);
    planes.saturating_add(joined).saturating_add(second).saturating_add(FEED_AND_TABLES)
}

/// What is made of the components, and what of the pixels they make.
struct Stage {
    first: Plan,
    /// The way from there to the end where light must be mixed as colors.
    second: Option<(Plan, Size)>,
    light: Light,
}

impl Stage {
    fn new(plan: &Plan, light: Light) -> Self {
        if light == Light::Encoded {
            return Self { first: *plan, second: None, light };
        }
        // Components are no light: they are made pixels where whole blocks are averaged
        // elsewhere, at no less than twice the size.
        let shrunk = |part: f64, to: u32| {
            let block = (part / f64::from(to) / MARGIN).floor().max(1.0);
            (part / block).ceil() as u32
        };
        let to = Size::new(
            shrunk(plan.width, plan.to.width),
            shrunk(plan.height, plan.to.height),
        );
        let (width, height) = (f64::from(to.width), f64::from(to.height));
        let second = Plan { left: 0.0, top: 0.0, width, height, to: plan.to };
        Self { first: Plan { to, ..*plan }, second: Some((second, to)), light }
    }

    fn finish(&self, layout: Layout, mut data: Vec<u8>) -> Result<Pixels, Error> {
        let Some((plan, size)) = &self.second else {
            let Size { width, height } = self.first.to;
            return Pixels::new(width, height, layout, data);
        };
        let mut small = Shrink::new(*size, layout, plan, self.light);
        let row_len = size.width as usize * layout.pixel_len();
        data.chunks_exact_mut(row_len).try_for_each(|row| small.push(row))?;
        Pixels::new(plan.to.width, plan.to.height, layout, small.finish()?)
    }
}

/// Reads all blocks of the scan and gives the rows away as soon as they are whole.
fn read_scan(
    feed: &mut Feed<'_, '_>,
    scan: &Scan<'_>,
    components: &mut [Component],
    sampling: Sampling,
) -> Result<(), Error> {
    let (across, down) = sampling.units(scan.size);
    let (mut n_done, mut n_restarts) = (0, 0);
    let mut bits = feed.lend();
    for _ in 0..down {
        for x in 0..across {
            if 0 < n_done && n_done == scan.restart_interval {
                feed.give_back(bits);
                feed.restart(n_restarts)?;
                bits = feed.lend();
                n_restarts = n_restarts.wrapping_add(1);
                components.iter_mut().for_each(Component::restart);
                n_done = 0;
            }
            for (component, tables) in components.iter_mut().zip(&scan.tables) {
                component.read_unit(feed, &mut bits, tables, x as usize)?;
            }
            n_done += 1;
        }
        components.iter_mut().try_for_each(Component::push_rows)?;
    }
    feed.give_back(bits);
    feed.end_scan().map(|_| ())
}

/// Reads on to the end marker, without which the file is cut.
fn read_to_end(feed: &mut Feed<'_, '_>) -> Result<(), Error> {
    loop {
        match feed.marker()? {
            0xd9 => return Ok(()),
            0xd0..=0xd7 => {}
            marker if is_meaningless(marker) => return Err(meaningless()),
            // A scan that no pixel needs.
            0xda => {
                feed.segment()?;
                feed.end_scan()?;
            }
            _ => feed.segment().map(|_| ())?,
        }
    }
}

/// Joins three planes of samples to pixels.
fn interleave(planes: &[Vec<u8>], is_rgb: bool) -> Vec<u8> {
    let [first, second, third] = planes else { return Vec::new() };
    let mut pixels = Vec::with_capacity(3 * first.len());
    for ((&a, &b), &c) in first.iter().zip(second).zip(third) {
        pixels.extend(if is_rgb { [a, b, c] } else { rgb_of_ycc(a, b, c) });
    }
    pixels
}

fn profile_error() -> Error {
    Kind::Profile("its segments do not fit together".to_owned()).into()
}
