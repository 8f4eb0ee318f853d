use super::*;
use crate::{Fit, fit::Growth};

#[test]
fn samples_at_an_odd_address_are_resized_alike() {
    let from = Size::new(31, 17);
    let plan = Fit::inside(8, 8).plan(from, Growth::Refused);
    for layout in [
        Layout::Gray16,
        Layout::GrayAlpha16,
        Layout::Rgb16,
        Layout::Rgba16,
        Layout::Rgba8,
    ] {
        let len = from.pixels() as usize * layout.pixel_len();
        let samples: Vec<u8> = (0..len).map(|idx| (idx * idx % 251) as u8).collect();
        // One of the two begins at an odd address, wherever the buffer does.
        let [even, odd] = [0, 1].map(|offset| {
            let mut buffer = vec![0; len + 1];
            let data = &mut buffer[offset..offset + len];
            data.copy_from_slice(&samples);
            let any_address = "any address will do";
            Opacity::new(layout).multiply(data, from).expect(any_address);
            Filter::new(layout).apply(data, from, &plan).expect(any_address)
        });
        assert_eq!(even, odd, "{layout:?}");
        assert_eq!(even.len(), plan.to.pixels() as usize * layout.pixel_len());
    }
}
