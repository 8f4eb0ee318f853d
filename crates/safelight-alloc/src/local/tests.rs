use super::{Local, SLACK, Stage};

#[test]
fn first_operation_registers_and_settles() {
    let local = Local::new();
    local.shift(-1);
    assert_eq!(local.stage.get(), Stage::Live);
    assert_eq!(local.settled.get().net, -1);
}

#[test]
fn live_thread_holds_back_up_to_the_slack_to_both_sides() {
    let slack = SLACK.cast_signed();
    let local = Local::new();
    local.shift(0);
    for (change, settled) in
        [(slack, 0), (-2 * slack, 0), (-1, -slack - 1), (1, -slack - 1), (slack, 0)]
    {
        local.shift(change);
        assert_eq!(local.settled.get().net, settled, "after {change}");
    }
}

#[test]
fn ended_thread_settles_each_operation_at_once() {
    let local = Local::new();
    local.shift(10);
    local.shift(20);
    assert_eq!(local.settled.get().net, 10);
    local.end();
    assert_eq!(local.settled.get().net, 30);
    local.shift(-7);
    assert_eq!(local.settled.get().net, 23);
}
