use std::{fs, num::NonZeroUsize, path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{
        HeaderMap, Request, StatusCode,
        header::{ETAG, IF_NONE_MATCH, RETRY_AFTER},
    },
};
use http_body_util::{BodyExt, channel::Channel};
use safelight::{
    ByteSize, Capacity, Config, Fit, Memory, Safelight, SourceId, Target,
    imaging::{Layout, Pixels, Source, encode, inspect},
};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{
    etag::ETag,
    originals::Originals,
    parameters::{Format, Parameters},
    server::{Server, router},
    upload::grown,
};

/// A PNG file of one color.
fn png(width: u32, height: u32) -> Vec<u8> {
    let data = vec![90; 3 * width as usize * height as usize];
    let pixels = Pixels::new(width, height, Layout::Rgb8, data).unwrap();
    let mut file = Vec::new();
    encode(&pixels, Target::Png, &mut file).unwrap();
    file
}

/// A server of a folder with `sea.png` of 400 x 200 in it, and a secret beside it.
struct Fixture {
    folder: TempDir,
    safelight: Safelight,
    router: Router,
}

impl Fixture {
    fn new(queue: usize, memory: ByteSize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let originals = folder.path().join("originals");
        fs::create_dir(&originals).unwrap();
        fs::write(folder.path().join("secret.png"), png(8, 8)).unwrap();
        fs::write(originals.join("sea.png"), png(400, 200)).unwrap();
        fs::write(originals.join("notes.txt"), "no image").unwrap();
        let mut config = Config::from_toml(crate::SETTINGS).unwrap();
        config.memory =
            Some(Memory { capacity: Capacity::Bytes(memory), ..Memory::default() });
        config.jobs.patience = Duration::ZERO;
        let safelight = Safelight::builder().config(config).start().unwrap();
        let originals = Originals::open(&originals).unwrap();
        let queue = NonZeroUsize::new(queue).unwrap();
        let server = Server::new(safelight.clone(), originals, ByteSize::mib(1), queue);
        Self { folder, safelight, router: router(Arc::new(server)) }
    }

    async fn ask(&self, request: Request<Body>) -> (StatusCode, HeaderMap, Bytes) {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = answer.into_parts();
        (head.status, head.headers, body.collect().await.unwrap().to_bytes())
    }

    async fn get(&self, path: &str) -> (StatusCode, HeaderMap, Bytes) {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, body: impl Into<Body>) -> (StatusCode, Bytes) {
        let request = Request::post(path).body(body.into()).unwrap();
        let (status, _, body) = self.ask(request).await;
        (status, body)
    }
}

fn size(file: &[u8]) -> (u32, u32) {
    inspect(Source::from_slice(file)).unwrap().upright_size()
}

#[tokio::test]
async fn an_original_is_served_in_the_size_and_format_asked_for() {
    let fixture = Fixture::new(4, ByteSize::mib(64));
    let (status, headers, file) =
        fixture.get("/thumbnails/sea.png?width=100&format=webp").await;
    assert_eq!((status, size(&file)), (StatusCode::OK, (100, 50)));
    assert_eq!(headers["content-type"], "image/webp");
    assert!(headers.contains_key("cache-control"));
}

#[tokio::test]
async fn who_knows_the_thumbnail_is_told_so_without_any_work() {
    let fixture = Fixture::new(4, ByteSize::mib(64));
    let path = "/thumbnails/sea.png?width=100";
    let known = |tag: &str| {
        Request::get(path).header(IF_NONE_MATCH, tag).body(Body::empty()).unwrap()
    };
    let n_asked = || fixture.safelight.cache().unwrap().stats().n_requests();
    // A file is known by another name when it is two seconds old, which happens once.
    let mut statuses = Vec::new();
    for _ in 0..2 {
        let (_, headers, _) = fixture.get(path).await;
        let n_before = n_asked();
        let tag = headers[ETAG].to_str().unwrap();
        let (status, again, body) = fixture.ask(known(tag)).await;
        if status == StatusCode::NOT_MODIFIED {
            assert_eq!((body.len(), &again[ETAG]), (0, &headers[ETAG]));
            assert_eq!(n_asked(), n_before);
        }
        statuses.push(status);
    }
    assert!(statuses.contains(&StatusCode::NOT_MODIFIED), "{statuses:?}");
    let (status, ..) = fixture.ask(known("\"another\"")).await;
    assert_eq!(status, StatusCode::OK);
}

#[test]
fn an_etag_is_another_for_another_image_or_other_parameters() {
    let folder = tempfile::tempdir().unwrap();
    let tag = |content: &str, parameters: &Parameters| {
        let path = folder.path().join("file");
        fs::write(&path, content).unwrap();
        ETag::new(&SourceId::file(&path).unwrap(), parameters)
    };
    let plain = Parameters::default();
    let of_a = tag("a", &plain);
    assert_ne!(of_a, tag("b", &plain));
    let id = SourceId::file(folder.path().join("file")).unwrap();
    let of_b = ETag::new(&id, &plain);
    assert_eq!(of_b, ETag::new(&id, &plain));
    for other in [
        Parameters { width: Some(9), ..plain },
        Parameters { height: Some(9), ..plain },
        Parameters { format: Format::Png, ..plain },
    ] {
        assert_ne!(of_b, ETag::new(&id, &other));
    }
    let known = |value: String| {
        of_b.is_known(&HeaderMap::from_iter([(IF_NONE_MATCH, value.parse().unwrap())]))
    };
    assert!(known(of_b.to_string()) && known("*".to_owned()));
    assert!(known(format!("\"x\", W/{of_b}")));
    assert!(!known(format!("\"x\", {of_a}")) && !known(String::new()));
    assert!(!of_b.is_known(&HeaderMap::new()));
}

#[tokio::test]
async fn no_name_leads_out_of_the_folder() {
    let fixture = Fixture::new(4, ByteSize::mib(64));
    let secret = fixture.folder.path().join("secret.png");
    let absolute = secret.to_str().unwrap().replace('/', "%2F");
    for name in
        ["..%2Fsecret.png", "..", "%2E%2E%2Fsecret.png", ".", "sea.png%2F", &absolute]
    {
        let (status, _, body) = fixture.get(&format!("/thumbnails/{name}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{name}: {body:?}");
    }
    assert!(fixture.get("/thumbnails/none.png").await.0 == StatusCode::NOT_FOUND);
}

#[test]
fn a_name_is_one_part_of_a_path() {
    let originals = Originals::open(&std::env::temp_dir()).unwrap();
    for name in ["", ".", "..", "/", "/a", "a/", "a/b", "../a", "a/../b", "./a"] {
        assert!(originals.path_of(name).is_err(), "{name:?}");
    }
    for name in ["a", "a b.jpg", "..a", ".a", "ä.png"] {
        let path = originals.path_of(name).unwrap();
        assert_eq!(path.parent(), Some(&*std::env::temp_dir()));
        assert_eq!(path.file_name(), Path::new(name).file_name());
    }
}

#[test]
fn sides_are_bounded_and_one_is_enough() {
    let of = |width, height| Parameters { width, height, format: Format::Jpeg };
    assert_eq!(of(None, None).fit().unwrap(), Fit::inside(256, 256));
    assert_eq!(of(Some(64), Some(32)).fit().unwrap(), Fit::inside(64, 32));
    assert_eq!(of(Some(64), None).fit().unwrap(), Fit::inside(64, 4096));
    assert_eq!(of(None, Some(4096)).fit().unwrap(), Fit::inside(4096, 4096));
    for side in [0, 4097] {
        assert!(of(Some(side), None).fit().is_err());
        assert!(of(None, Some(side)).fit().is_err());
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_a_bad_request() {
    let fixture = Fixture::new(4, ByteSize::mib(64));
    for query in ["width=0", "width=-1", "width=x", "format=gif", "depth=3"] {
        let path = format!("/thumbnails/sea.png?{query}");
        assert_eq!(fixture.get(&path).await.0, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn an_upload_becomes_a_thumbnail() {
    let fixture = Fixture::new(4, ByteSize::mib(64));
    let (status, file) = fixture.post("/thumbnails?height=20", png(80, 40)).await;
    assert_eq!((status, size(&file)), (StatusCode::OK, (40, 20)));
    // The answer has its memory until it is sent, and then all is given back.
    let granted = || fixture.safelight.permits().unwrap().usage().granted;
    assert_eq!(granted(), ByteSize::from_len(file.len()));
    drop(file);
    assert_eq!(granted(), ByteSize::ZERO);
}

#[tokio::test]
async fn an_upload_is_cut_off_where_it_gets_too_long() {
    let fixture = Fixture::new(4, ByteSize::mib(64));
    let (status, text) = fixture.post("/thumbnails", vec![0; (1 << 20) + 1]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(text, "the upload is longer than 1 MiB\n");
    // Without a length it is noticed on the way: this one never ends.
    let (mut sender, endless) = Channel::<Bytes>::new(1);
    let sent = tokio::spawn(async move {
        while sender.send_data(Bytes::from_static(&[0; 4096])).await.is_ok() {}
    });
    let (status, _) = fixture.post("/thumbnails", Body::new(endless)).await;
    sent.await.unwrap();
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_is_no_image_is_told_apart() {
    let fixture = Fixture::new(4, ByteSize::mib(64));
    let (status, text) = fixture.post("/thumbnails", "no image").await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(String::from_utf8_lossy(&text).contains("not an image"), "{text:?}");
    let cut = png(400, 300)[..200].to_vec();
    let (status, _) = fixture.post("/thumbnails", cut).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let status = fixture.get("/thumbnails/notes.txt").await.0;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn an_image_over_the_limits_is_too_large() {
    let fixture = Fixture::new(4, ByteSize::mib(512));
    // 7100 x 7100 pixels are over 50 million, and only the header is looked at.
    let (status, text) = fixture.post("/thumbnails", png(7100, 7100)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(String::from_utf8_lossy(&text).contains("over the limit"), "{text:?}");
    // This one is within the limits, but there is not so much memory at all.
    let fixture = Fixture::new(4, ByteSize::mib(32));
    let (status, text) = fixture.post("/thumbnails", png(4000, 4000)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(String::from_utf8_lossy(&text).contains("never"), "{text:?}");
}

#[tokio::test]
async fn under_overload_the_answer_is_when_to_come_again() {
    let fixture = Fixture::new(4, ByteSize::mib(64));
    let permits = fixture.safelight.permits().unwrap().clone();
    let all = permits.usage().capacity;
    let hog = permits.reserve("hog", all, Duration::MAX).unwrap();
    let (status, headers, _) = fixture.get("/thumbnails/sea.png").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(headers[RETRY_AFTER], "2");
    let (status, _) = fixture.post("/thumbnails", png(80, 40)).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    drop(hog);
    assert_eq!(fixture.get("/thumbnails/sea.png").await.0, StatusCode::OK);
}

#[tokio::test]
async fn who_finds_the_queue_full_does_not_wait() {
    let fixture = Fixture::new(1, ByteSize::mib(64));
    // The first upload is not over yet, and has the only place.
    let (sender, unfinished) = Channel::<Bytes>::new(1);
    let router = fixture.router.clone();
    let slow = tokio::spawn(async move {
        let request = Request::post("/thumbnails").body(Body::new(unfinished)).unwrap();
        router.oneshot(request).await.unwrap().status()
    });
    // It comes first, as there is one thread for all here.
    tokio::task::yield_now().await;
    let (status, headers, _) = fixture.get("/thumbnails/sea.png").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(headers.contains_key(RETRY_AFTER));
    drop(sender);
    assert_eq!(slow.await.unwrap(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(fixture.get("/thumbnails/sea.png").await.0, StatusCode::OK);
}

#[test]
fn an_upload_grows_by_doubling() {
    assert_eq!(grown(64, 10), 64);
    assert_eq!(grown(64, 65), 128);
    assert_eq!(grown(64, 1000), 1024);
    assert_eq!(grown(0, 3), 4);
}

#[tokio::test]
async fn the_rest_answers_too() {
    let fixture = Fixture::new(4, ByteSize::mib(64));
    let (status, _, page) = fixture.get("/").await;
    assert!(status.is_success() && page.starts_with(b"<!doctype html>"));
    assert_eq!(fixture.get("/originals").await.2, r#"["notes.txt","sea.png"]"#);
    assert_eq!(fixture.get("/healthz").await.2, "ok\n");
    let metrics = fixture.get("/metrics").await;
    assert!(metrics.0.is_success() && metrics.2.starts_with(b"# "), "{metrics:?}");
    let report = fixture.get("/report").await.2;
    assert!(serde_json::from_slice::<serde_json::Value>(&report).unwrap().is_object());
}
