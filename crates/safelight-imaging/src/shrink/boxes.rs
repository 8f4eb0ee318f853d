use crate::Layout;

/// Averages blocks of pixels, row by row.
///
/// Blocks at the right and the bottom that are cut are averages of what there is.
pub(super) struct Boxes {
    layout: Layout,
    across: usize,
    sums: Sums,
    n_rows: u32,
    averages: Vec<u8>,
}

/// Sums of columns; of 128 samples at most, which is what fits.
enum Sums {
    Of8Bits(Vec<u16>),
    Of16Bits(Vec<u32>),
}

impl Boxes {
    /// Makes room for rows of `width` pixels, in blocks of `across` x `down`.
    pub(super) fn new(width: u32, layout: Layout, across: u32, down: u32) -> Self {
        let is_needed = 1 < across || 1 < down;
        let n_samples = if is_needed { width as usize * layout.n_channels() } else { 0 };
        let sums = if layout.is_deep() {
            Sums::Of16Bits(vec![0; n_samples])
        } else {
            Sums::Of8Bits(vec![0; n_samples])
        };
        let averages = Vec::new();
        Self { layout, across: across as usize, sums, n_rows: 0, averages }
    }

    pub(super) fn max_bytes(width: u32, layout: Layout, across: u32) -> u64 {
        let row_len = u64::from(width) * layout.pixel_len() as u64;
        // A vector that grows is twice as long as what is in it, and once more while it
        // moves.
        2 * row_len + 3 * (row_len / u64::from(across) + 64)
    }

    pub(super) fn n_rows(&self) -> u32 {
        self.n_rows
    }

    pub(super) fn add(&mut self, row: &[u8]) {
        self.n_rows += 1;
        match &mut self.sums {
            Sums::Of8Bits(sums) => {
                for (sum, &sample) in sums.iter_mut().zip(row) {
                    *sum += u16::from(sample);
                }
            }
            Sums::Of16Bits(sums) => {
                for (sum, &sample) in sums.iter_mut().zip(row.as_chunks().0) {
                    *sum += u32::from(u16::from_ne_bytes(sample));
                }
            }
        }
    }

    /// Returns the averages of the rows added since the last time.
    pub(super) fn take(&mut self) -> &[u8] {
        let (across, n_rows) = (self.across, self.n_rows);
        let averages = &mut self.averages;
        averages.clear();
        match (&mut self.sums, self.layout.n_channels()) {
            (Sums::Of8Bits(sums), 1) => shallow::<1>(sums, across, n_rows, averages),
            (Sums::Of8Bits(sums), 2) => shallow::<2>(sums, across, n_rows, averages),
            (Sums::Of8Bits(sums), 3) => shallow::<3>(sums, across, n_rows, averages),
            (Sums::Of8Bits(sums), _) => shallow::<4>(sums, across, n_rows, averages),
            (Sums::Of16Bits(sums), 1) => deep::<1>(sums, across, n_rows, averages),
            (Sums::Of16Bits(sums), 2) => deep::<2>(sums, across, n_rows, averages),
            (Sums::Of16Bits(sums), 3) => deep::<3>(sums, across, n_rows, averages),
            (Sums::Of16Bits(sums), _) => deep::<4>(sums, across, n_rows, averages),
        }
        self.n_rows = 0;
        &self.averages
    }
}

fn shallow<const N: usize>(
    sums: &mut [u16],
    across: usize,
    n_rows: u32,
    averages: &mut Vec<u8>,
) {
    for block in sums.as_chunks::<N>().0.chunks(across) {
        averages.extend(average(block, n_rows).map(|average| average as u8));
    }
    sums.fill(0);
}

fn deep<const N: usize>(
    sums: &mut [u32],
    across: usize,
    n_rows: u32,
    averages: &mut Vec<u8>,
) {
    for block in sums.as_chunks::<N>().0.chunks(across) {
        let samples = average(block, n_rows).map(|average| average as u16);
        averages.extend(samples.iter().flat_map(|sample| sample.to_ne_bytes()));
    }
    sums.fill(0);
}

/// Returns the averages of the columns of a block, rounded by being cut off later.
fn average<const N: usize, T: Copy + Into<u32>>(
    block: &[[T; N]],
    n_rows: u32,
) -> [f64; N] {
    let mut totals = [0_u32; N];
    for column in block {
        for (total, &sum) in totals.iter_mut().zip(column) {
            *total += sum.into();
        }
    }
    let share = 1.0 / (block.len() as f64 * f64::from(n_rows));
    totals.map(|total| f64::from(total) * share + 0.5)
}
