use std::path::Path;

#[cfg(unix)]
use super::Server;
use super::{etag, executable};

#[test]
fn m06_the_tag_of_an_answer_is_found_in_its_head() {
    let served =
        "HTTP/1.1 200 OK\r\nETag: \"ab\"\r\ncontent-length: 9\r\n\r\netag: no\r\n";
    assert_eq!(etag(served).as_deref(), Some("\"ab\""));
    assert_eq!(etag("HTTP/1.1 200 OK\r\ndate: now\r\n\r\netag: \"ab\""), None);
    assert_eq!(etag(&served.replace("200 OK", "503 Service Unavailable")), None);
    assert_eq!(etag(""), None);
}

#[test]
fn m06_the_program_is_where_cargo_says() {
    let message = r#"{"reason":"compiler-artifact","executable":"/t/thumbnail_server"}"#;
    assert_eq!(executable(message).as_deref(), Some(Path::new("/t/thumbnail_server")));
    assert_eq!(executable(r#"{"reason":"compiler-artifact","executable":null}"#), None);
    assert_eq!(executable("warning: unused"), None);
}

#[cfg(unix)]
impl Server {
    /// Makes one of a program that ends at once and listens nowhere.
    pub(in crate::load) fn ended_at_once(mut command: std::process::Command) -> Self {
        let mut child = command.spawn().unwrap();
        child.wait().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        Self { child, address, log: Path::new("").to_owned() }
    }
}
