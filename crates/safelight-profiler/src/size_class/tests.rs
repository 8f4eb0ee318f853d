use super::{Dimensions, SizeClass};

#[test]
fn usual_sizes_have_classes_of_their_own() {
    let usual = [(512, 512), (1024, 1024), (1920, 1080), (2048, 2048), (4096, 4096)];
    let classes: Vec<u8> =
        usual.map(|(w, h): (u64, u64)| SizeClass::of(w * h).0).into_iter().collect();
    assert_eq!(classes, [18, 20, 21, 22, 24]);
    assert_eq!(SizeClass::of(0), SizeClass::UNKNOWN);
    assert_ne!(SizeClass::of(1), SizeClass::UNKNOWN);
    assert_eq!(SizeClass::of(u64::MAX).0, 64);
}

#[test]
fn dimensions_print_one_size_or_the_range() {
    let one = Dimensions::of(1920, 1080);
    assert_eq!(one.to_string(), "1920x1080");
    assert_eq!(one.merge(Dimensions::of(1000, 1000)).to_string(), "1.00 to 2.07 MP");
    assert_eq!(Dimensions::of(0, 0).to_string(), "any size");
}
