//! Turns: never too many, in order, and lent.

use std::{
    num::NonZeroUsize,
    sync::{
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::Duration,
};

use super::Gate;

const FOREVER: Duration = Duration::MAX;

fn gate(limit: usize) -> Gate {
    Gate::new(NonZeroUsize::new(limit).expect("it is not zero"))
}

/// Returns when so many wait.
fn await_waiting(gate: &Gate, n: usize) {
    while gate.n_waiting() != n {
        thread::yield_now();
    }
}

#[test]
fn there_are_never_more_inside_than_the_limit_says() {
    let gate = gate(3);
    let (n_inside, n_done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..500 {
                    let slot = gate.enter(FOREVER).expect("it waits");
                    assert!(n_inside.fetch_add(1, SeqCst) < 3);
                    thread::yield_now();
                    n_inside.fetch_sub(1, SeqCst);
                    drop(slot);
                    n_done.fetch_add(1, SeqCst);
                }
            });
        }
    });
    assert_eq!((n_done.into_inner(), gate.n_inside(), gate.n_waiting()), (4000, 0, 0));
}

#[test]
fn who_came_first_goes_in_first_and_nobody_jumps_the_queue() {
    let gate = gate(1);
    let (sender, order) = mpsc::channel();
    let slot = gate.enter(Duration::ZERO).unwrap();
    thread::scope(|scope| {
        for n in 0..4 {
            let (gate, sender) = (&gate, sender.clone());
            scope.spawn(move || {
                let _slot = gate.enter(FOREVER);
                sender.send(n).unwrap();
            });
            await_waiting(gate, n + 1);
        }
        assert!(gate.enter(Duration::ZERO).is_none());
        drop(slot);
    });
    assert_eq!(order.try_iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
}

#[test]
fn who_gives_up_does_not_hold_up_those_behind() {
    let gate = gate(1);
    let slot = gate.enter(Duration::ZERO).unwrap();
    thread::scope(|scope| {
        let first = scope.spawn(|| gate.enter(Duration::from_millis(50)).is_none());
        // It may have given up already, on a busy machine.
        while gate.n_waiting() != 1 && !first.is_finished() {
            thread::yield_now();
        }
        let second = scope.spawn(|| gate.enter(FOREVER).is_some());
        // It has given up, and the other one waits on.
        assert!(first.join().unwrap());
        await_waiting(&gate, 1);
        drop(slot);
        assert!(second.join().unwrap());
    });
    assert_eq!((gate.n_inside(), gate.n_waiting()), (0, 0));
}

#[test]
fn a_raised_limit_lets_as_many_in_as_have_room() {
    let gate = gate(1);
    let slot = gate.enter(Duration::ZERO).unwrap();
    let (sender, inside) = mpsc::channel();
    thread::scope(|scope| {
        let (end, ends): (Vec<_>, Vec<_>) = (0..3).map(|_| mpsc::channel::<()>()).unzip();
        for end in ends {
            let (gate, sender) = (&gate, sender.clone());
            scope.spawn(move || {
                let _slot = gate.enter(FOREVER);
                sender.send(()).unwrap();
                // It ends when the other end is dropped.
                let _ = end.recv();
            });
        }
        await_waiting(&gate, 3);
        gate.set_limit(3.try_into().unwrap());
        inside.iter().take(2).for_each(drop);
        assert_eq!((gate.n_inside(), gate.n_waiting()), (3, 1));
        drop((end, slot));
    });
    assert_eq!(gate.n_inside(), 0);
}

#[test]
fn a_lent_place_is_had_by_others_and_taken_back_at_once() {
    let gate = gate(1);
    let slot = gate.enter(Duration::ZERO).unwrap();
    let lent = gate.lend();
    let other = gate.enter(Duration::ZERO).expect("there is room");
    lent.take_back();
    lent.take_back();
    assert_eq!(gate.n_inside(), 2);
    drop((lent, other));
    assert_eq!(gate.n_inside(), 1);
    assert!(gate.enter(Duration::ZERO).is_none());
    drop(slot);
    assert_eq!(gate.n_inside(), 0);
}
