use safelight_core::Share;

use super::CpuTimes;

#[test]
fn steal_is_of_the_time_between() {
    let before = CpuTimes { total: 1_000, idle: 900, steal: 50 };
    let after = CpuTimes { total: 1_200, idle: 1_000, steal: 60 };
    assert_eq!(before.steal(), Share::new(0.05));
    assert_eq!(after.steal_since(&before), Some(Share::new(0.05)));
    assert_eq!(after.busy_since(&before), Some(Share::new(0.5)));
    assert_eq!(after.steal_since(&after), None);
    assert_eq!(before.steal_since(&after), None);
}
