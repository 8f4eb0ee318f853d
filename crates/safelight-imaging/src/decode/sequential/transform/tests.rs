use super::*;

/// The transform by its definition, and what a reduced one makes of the same numbers.
fn naive(coefficients: &[[f64; 8]; 8], across: usize, down: usize) -> Vec<f64> {
    let weight = |number: usize, sample: usize, n: usize| {
        let angle = (2 * sample + 1) as f64 * number as f64 * std::f64::consts::PI;
        let scale = if number == 0 { 0.5_f64.sqrt() } else { 1.0 };
        0.5 * scale * (angle / (2 * n) as f64).cos()
    };
    let mut samples = Vec::new();
    for y in 0..down {
        for x in 0..across {
            let mut sum = 128.0;
            for (row, values) in coefficients.iter().enumerate().take(down) {
                for (column, value) in values.iter().enumerate().take(across) {
                    sum += weight(row, y, down) * weight(column, x, across) * value;
                }
            }
            samples.push(sum.clamp(0.0, 255.0));
        }
    }
    samples
}

#[test]
fn i04_blocks_of_every_shape_are_what_the_definition_says() {
    let mut state = 7_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 16) / 65_536.0 - 0.5
    };
    for n_set in [1, 2, 5, 20, 64] {
        for across in [1, 2, 4, 8] {
            for down in [1, 2, 4, 8] {
                let shape = Shape { across, down };
                let (mut block, mut wanted) = (Block::new(), [[0.0; 8]; 8]);
                // What was there before leaves no trace.
                (0..64).for_each(|idx| block.set(idx, 1000.0));
                block.clear();
                for (idx, &place) in ZIGZAG.iter().enumerate().take(n_set) {
                    let value = (random() * 300.0).round();
                    if idx <= shape.last() {
                        block.set(idx, value as f32);
                    }
                    wanted[usize::from(place / 8)][usize::from(place % 8)] = value;
                }
                let (across, down) = (usize::from(across), usize::from(down));
                let mut rows = vec![0; 11 * down];
                block.write(shape, &mut rows, 11);
                let wanted = naive(&wanted, across, down);
                for (row, wanted) in rows.chunks(11).zip(wanted.chunks(across)) {
                    for (&sample, wanted) in row.iter().zip(wanted) {
                        let off = (f64::from(sample) - wanted).abs();
                        assert!(off < 0.51, "{shape:?}: {sample} is not {wanted}");
                    }
                    assert!(row[across..].iter().all(|&byte| byte == 0));
                }
            }
        }
    }
}
