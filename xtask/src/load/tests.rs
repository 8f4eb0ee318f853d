use super::parse_limit;

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
