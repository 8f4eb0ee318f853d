/// Puts a segment behind the start of image.
pub(crate) fn with_segment(jpeg: &[u8], marker: u8, data: &[u8]) -> Vec<u8> {
    [&jpeg[..2], &segment(marker, data), &jpeg[2..]].concat()
}

pub(crate) fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xff, marker];
    bytes.extend((data.len() as u16 + 2).to_be_bytes());
    bytes.extend(data);
    bytes
}

/// Returns the position of the start of frame's data.
pub(crate) fn frame_at(jpeg: &[u8]) -> usize {
    let at = jpeg.windows(4).position(|window| window == [0xff, 0xc0, 0x00, 0x11]);
    at.expect("a start of frame of three components") + 4
}

/// A baseline or progressive image of one color, written by hand.
#[derive(Clone, Copy)]
pub(crate) struct Flat<'a> {
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// The samples of each component, as they are stored.
    pub(crate) samples: &'a [u8],
    /// The color transform of an Adobe segment.
    pub(crate) adobe: Option<u8>,
    /// Units between two restart markers.
    pub(crate) restart_interval: u16,
}

impl Flat<'_> {
    /// Writes one scan of all components.
    pub(crate) fn baseline(&self) -> Vec<u8> {
        let mut bytes = self.head(0xc0);
        bytes.extend(self.start_of_scan(0, 63, 0));
        let n_units = self.n_blocks();
        let mut bits = Bits::default();
        let mut n_restarts = 0;
        let mut is_first = true;
        for unit_idx in 0..n_units {
            let interval = usize::from(self.restart_interval);
            if 0 < interval && 0 < unit_idx && unit_idx % interval == 0 {
                bits.restart(n_restarts);
                n_restarts = (n_restarts + 1) % 8;
                is_first = true;
            }
            for &sample in self.samples {
                bits.difference(if is_first { i16::from(sample) - 128 } else { 0 });
                // End of block.
                bits.push(0, 1);
            }
            is_first = false;
        }
        bytes.extend(bits.into_bytes());
        bytes.extend([0xff, 0xd9]);
        bytes
    }

    /// Writes the mean values in two passes, and coefficient 1 in two more.
    pub(crate) fn progressive(&self) -> Vec<u8> {
        let [sample] = self.samples else { panic!("one component") };
        let mean = i16::from(*sample) - 128;
        let n_blocks = self.n_blocks();
        let mut bytes = self.head(0xc2);

        // The mean without its last bit, then the last bit.
        bytes.extend(self.start_of_scan(0, 0, 0x01));
        let mut bits = Bits::default();
        for block_idx in 0..n_blocks {
            bits.difference(if block_idx == 0 { mean >> 1 } else { 0 });
        }
        bytes.extend(bits.into_bytes());
        bytes.extend(self.start_of_scan(0, 0, 0x10));
        let mut bits = Bits::default();
        for _ in 0..n_blocks {
            bits.push(mean as u32 & 1, 1);
        }
        bytes.extend(bits.into_bytes());

        // Coefficient 1 of the first block is 1, doubled; all else is one run of ends.
        bytes.extend(segment(0xc4, &progressive_table()));
        bytes.extend(self.start_of_scan(1, 63, 0x01));
        let mut bits = Bits::default();
        bits.symbol(0x01);
        bits.push(1, 1);
        bits.run_of_ends(n_blocks as u32);
        bytes.extend(bits.into_bytes());

        // Its last bit follows; and coefficient 3 appears behind one zero.
        bytes.extend(self.start_of_scan(1, 63, 0x10));
        let mut bits = Bits::default();
        bits.symbol(0x11);
        bits.push(1, 1);
        // The correction of coefficient 1 on the way to coefficient 3.
        bits.push(1, 1);
        bits.run_of_ends(n_blocks as u32);
        bytes.extend(bits.into_bytes());
        bytes.extend([0xff, 0xd9]);
        bytes
    }

    fn n_blocks(&self) -> usize {
        usize::from(self.width.div_ceil(8)) * usize::from(self.height.div_ceil(8))
    }

    fn head(&self, sof: u8) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8];
        if let Some(transform) = self.adobe {
            bytes.extend(segment(
                0xee,
                &[b"Adobe\0\x64\0\0\0\0", &[transform][..]].concat(),
            ));
        }
        // A step of 8 makes the coefficient the mean sample itself, less 128.
        bytes.extend(segment(0xdb, &[&[0][..], &[8; 64]].concat()));
        let mut frame = vec![8];
        frame.extend(self.height.to_be_bytes());
        frame.extend(self.width.to_be_bytes());
        frame.push(self.samples.len() as u8);
        for id in 1..=self.samples.len() {
            frame.extend([id as u8, 0x11, 0]);
        }
        bytes.extend(segment(sof, &frame));
        // Nine categories of four bits; one end of block of one bit.
        let mut counts = [0; 16];
        counts[3] = 9;
        bytes.extend(segment(
            0xc4,
            &[&[0x00][..], &counts, &[0, 1, 2, 3, 4, 5, 6, 7, 8]].concat(),
        ));
        let mut counts = [0; 16];
        counts[0] = 1;
        bytes.extend(segment(0xc4, &[&[0x10][..], &counts, &[0]].concat()));
        if 0 < self.restart_interval {
            bytes.extend(segment(0xdd, &self.restart_interval.to_be_bytes()));
        }
        bytes
    }

    fn start_of_scan(&self, first: u8, last: u8, approximation: u8) -> Vec<u8> {
        let mut data = vec![self.samples.len() as u8];
        for id in 1..=self.samples.len() {
            data.extend([id as u8, 0]);
        }
        data.extend([first, last, approximation]);
        segment(0xda, &data)
    }
}

/// Symbols of eight bits each: 0x01, 0x11 and the sixteen runs of ends.
fn progressive_table() -> Vec<u8> {
    let mut counts = [0; 16];
    counts[7] = PROGRESSIVE_SYMBOLS.len() as u8;
    [&[0x10][..], &counts, &PROGRESSIVE_SYMBOLS].concat()
}

const PROGRESSIVE_SYMBOLS: [u8; 17] = [
    0x01, 0x11, 0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80, 0x90, 0xa0, 0xb0,
    0xc0, 0xd0, 0xe0,
];

/// Bits in the making of bytes.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    held: u32,
    n_held: u32,
}

impl Bits {
    fn push(&mut self, value: u32, n_bits: u32) {
        for idx in (0..n_bits).rev() {
            self.held = self.held << 1 | (value >> idx & 1);
            self.n_held += 1;
            if self.n_held == 8 {
                let byte = self.held as u8;
                self.bytes.push(byte);
                if byte == 0xff {
                    self.bytes.push(0);
                }
                (self.held, self.n_held) = (0, 0);
            }
        }
    }

    fn difference(&mut self, value: i16) {
        let n_bits = 16 - value.unsigned_abs().leading_zeros();
        self.push(n_bits, 4);
        let value = if value < 0 { value - 1 } else { value };
        self.push(u32::from(value.cast_unsigned()) & ((1 << n_bits) - 1), n_bits);
    }

    fn symbol(&mut self, symbol: u8) {
        let code = PROGRESSIVE_SYMBOLS.iter().position(|&other| other == symbol);
        self.push(code.expect("a symbol of the table") as u32, 8);
    }

    /// Says that `n` blocks from this one on have nothing more.
    fn run_of_ends(&mut self, n: u32) {
        let n_bits = n.ilog2();
        self.symbol((n_bits as u8) << 4);
        self.push(n - (1 << n_bits), n_bits);
    }

    fn pad(&mut self) {
        while self.n_held != 0 {
            self.push(1, 1);
        }
    }

    fn restart(&mut self, n: u8) {
        self.pad();
        self.bytes.extend([0xff, 0xd0 + n]);
    }

    fn into_bytes(mut self) -> Vec<u8> {
        self.pad();
        self.bytes
    }
}
