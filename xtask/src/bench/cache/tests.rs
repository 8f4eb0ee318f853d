use clap::{Args, Command};

use super::{Arguments, parse_limit};

fn parse(arguments: &[&str]) -> Result<(), String> {
    let command = Arguments::augment_args(Command::new("cache"));
    let result = command.try_get_matches_from([&["cache"], arguments].concat());
    result.map(drop).map_err(|error| error.to_string())
}

#[test]
fn a_trace_of_the_user_is_played_alone() {
    assert_eq!(parse(&["--trace", "a.csv", "--limit-bytes", "1 GiB"]), Ok(()));
    assert_eq!(parse(&["--only", "hits,replay", "--rounds", "12"]), Ok(()));
    assert!(parse(&["--trace", "a.csv", "--only", "hits"]).is_err());
    assert!(parse(&["--limit-entries", "5"]).is_err(), "limits are those of a trace");
    assert!(parse(&["--trace", "a.csv", "--limit-entries", "0"]).is_err());
}

#[test]
fn limits_are_sizes_over_nothing() {
    assert!(parse_limit("64 MiB").is_ok());
    assert_eq!(parse_limit("0"), Err("a cache of no bytes saves nothing".to_owned()));
    assert!(parse_limit("much").unwrap_err().contains("much"));
}
