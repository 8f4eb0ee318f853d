use loom::{
    sync::{Arc, Mutex},
    thread,
};

use super::Ring;
use crate::sample::{Attributes, Sample};

/// Both words carry the same number, so that a torn sample shows.
fn sample(value: u64) -> Sample {
    let attributes = Attributes { bytes_in: value, ..Attributes::default() };
    Sample { wall: value, attributes, ..Sample::default() }
}

/// One owner pushes three samples through two slots while another thread drains.
#[test]
fn every_sample_arrives_whole_and_once() {
    loom::model(|| {
        let ring = Arc::new(Ring::new());
        let taken = Arc::new(Mutex::new(Vec::new()));
        let drain = |ring: &Ring, taken: &Mutex<Vec<Sample>>| {
            let mut taken = taken.lock().unwrap();
            ring.drain(|sample| taken.push(sample));
        };
        let reader = thread::spawn({
            let (ring, taken) = (ring.clone(), taken.clone());
            move || drain(&ring, &taken)
        });
        for value in 1..=3 {
            if ring.n_free() == 0 {
                drain(&ring, &taken);
            }
            ring.push(&sample(value));
        }
        reader.join().unwrap();
        drain(&ring, &taken);
        let taken = taken.lock().unwrap();
        assert_eq!(*taken, [sample(1), sample(2), sample(3)]);
    });
}
