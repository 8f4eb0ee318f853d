use super::*;

/// A block with one entry: the orientation.
fn block(big: bool, value: u16) -> Vec<u8> {
    let u16s = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let u32s = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let mut bytes = if big { b"MM\0*".to_vec() } else { b"II*\0".to_vec() };
    bytes.extend(u32s(8));
    bytes.extend(u16s(1));
    bytes.extend(u16s(ORIENTATION_TAG));
    bytes.extend(u16s(SHORT));
    bytes.extend(u32s(1));
    bytes.extend(u16s(value));
    bytes.extend([0; 6]);
    bytes
}

#[test]
fn reads_and_resets_the_orientation_in_both_byte_orders() {
    for big in [false, true] {
        let mut bytes = block(big, 6);
        assert_eq!(orientation(&bytes), Orientation::Rotate90);
        set_upright(&mut bytes);
        assert_eq!(orientation(&bytes), Orientation::Upright);
        assert_eq!(bytes, block(big, 1));
    }
}

#[test]
fn an_orientation_beyond_what_is_searched_is_left_as_it_is() {
    let near = block(true, 6);
    let mut far = near[..8].to_vec();
    far.resize(SEARCHED_BYTES, 0);
    far[4..8].copy_from_slice(&(SEARCHED_BYTES as u32).to_be_bytes());
    far.extend(&near[8..]);
    let before = far.clone();
    set_upright(&mut far);
    assert_eq!(far, before);
}

#[test]
fn every_cut_and_every_bad_value_is_upright() {
    let bytes = block(true, 6);
    for len in 0..19 {
        assert_eq!(orientation(&bytes[..len]), Orientation::Upright, "cut at {len}");
    }
    assert_eq!(orientation(&block(false, 0)), Orientation::Upright);
    assert_eq!(orientation(&block(false, 9)), Orientation::Upright);
    let mut far = block(false, 6);
    far[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(orientation(&far), Orientation::Upright);
}
