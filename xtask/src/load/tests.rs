use std::time::Duration;

use clap::Parser;

use super::{Arguments, parse_limit};

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,
}

#[test]
fn m06_times_are_whole_seconds_as_wrk_takes_no_others() {
    let given = |option, time| Command::try_parse_from(["load", option, time]);
    for option in ["--duration", "--light"] {
        for wrong in ["500ms", "1500ms", "1s 1ns"] {
            let error = given(option, wrong).err().unwrap().to_string();
            assert!(error.contains("not whole seconds"), "{error}");
        }
        assert!(given(option, "0s").is_err());
    }
    let Arguments { duration, light, .. } = given("--duration", "1m").unwrap().arguments;
    assert_eq!((duration, light), (Duration::from_mins(1), Duration::from_secs(5)));
}

#[test]
fn m06_the_limit_is_one_that_images_can_be_made_for() {
    assert!(parse_limit("256 MiB").is_ok());
    assert!(parse_limit("256MiB").is_ok());
    assert_eq!(
        parse_limit("100 MiB"),
        Err("100 MiB is not within 192 MiB to 1 GiB".into())
    );
    assert!(parse_limit("2 GiB").is_err());
    assert!(parse_limit("much").is_err());
}
