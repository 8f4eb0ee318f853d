use super::*;

fn rgb(inks: &Inks, stored: [u8; 4]) -> [u8; 3] {
    let mut data = stored.to_vec();
    inks.to_rgb(&mut data, None).expect("no profile to fail on");
    data.try_into().expect("three samples")
}

#[test]
fn adobe_stores_inks_inverted() {
    let adobe = Inks { is_ycck: false, is_adobe: true };
    assert_eq!(rgb(&adobe, [255; 4]), [255; 3]);
    assert_eq!(rgb(&adobe, [0, 255, 255, 255]), [0, 255, 255]);
    let plain = Inks { is_ycck: false, is_adobe: false };
    assert_eq!(rgb(&plain, [0; 4]), [255; 3]);
    assert_eq!(rgb(&plain, [0, 0, 0, 255]), [0; 3]);
}

#[test]
fn luma_and_chroma_hold_the_complement_of_the_stored_inks() {
    let ycck = Inks { is_ycck: true, is_adobe: true };
    // Luma 0: stored inks of 255, which is no ink by Adobe's rule.
    assert_eq!(rgb(&ycck, [0, 128, 128, 255]), [255; 3]);
    assert_eq!(rgb(&ycck, [255, 128, 128, 255]), [0; 3]);
}

#[test]
fn a_profile_that_is_none_is_an_error() {
    let inks = Inks { is_ycck: false, is_adobe: true };
    let error = inks.to_rgb(&mut vec![0; 4], Some(b"no profile")).unwrap_err();
    assert!(error.is_corrupt(), "{error}");
}
