use std::{
    fs, io,
    num::NonZeroUsize,
    path::Path,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{
        HeaderMap, Request, StatusCode,
        header::{ETAG, IF_NONE_MATCH, RETRY_AFTER},
    },
    response::IntoResponse,
};
use http_body_util::{BodyExt, channel::Channel};
use safelight::{
    ByteSize, Capacity, Config, Fit, Memory, Safelight, SourceId, Target,
    imaging::{Layout, Pixels, Source, encode, inspect},
    memory_manager::Permit,
};
use tempfile::TempDir;
use tokio::{
    net::{TcpSocket, TcpStream},
    runtime::Runtime,
    sync::oneshot,
    time::timeout,
};
use tower::ServiceExt;

use crate::{
    LAST_MOMENT,
    etag::ETag,
    failure::Failure,
    impatient::Impatient,
    originals::Originals,
    parameters::{Format, Parameters},
    server::{Server, router},
    upload::grown,
};

/// After so long it is certain that something never comes.
const NEVER: Duration = Duration::from_mins(1);

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
    server: Arc<Server>,
    router: Router,
}

impl Fixture {
    fn new(queue: usize, memory: ByteSize) -> Self {
        // Without any patience nobody gets memory that the cache is just then told to free.
        Self::patient(queue, memory, Duration::from_millis(100))
    }

    /// Who finds no memory waits for it so long.
    fn patient(queue: usize, memory: ByteSize, patience: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let originals = folder.path().join("originals");
        fs::create_dir(&originals).unwrap();
        fs::write(folder.path().join("secret.png"), png(8, 8)).unwrap();
        fs::write(originals.join("sea.png"), png(400, 200)).unwrap();
        fs::write(originals.join("notes.txt"), "no image").unwrap();
        let mut config = Config::from_toml(crate::SETTINGS).unwrap();
        config.memory =
            Some(Memory { capacity: Capacity::Bytes(memory), ..Memory::default() });
        config.jobs.patience = patience;
        let safelight = Safelight::builder().config(config).start().unwrap();
        let originals = Originals::open(&originals).unwrap();
        let queue = NonZeroUsize::new(queue).unwrap();
        let server = Server::new(safelight.clone(), originals, ByteSize::mib(1), queue);
        let server = Arc::new(server);
        Self { folder, safelight, router: router(Arc::clone(&server)), server }
    }

    fn granted(&self) -> ByteSize {
        self.safelight.permits().unwrap().usage().granted
    }

    /// Takes all memory but so much.
    fn leave(&self, bytes: ByteSize) -> Permit {
        let permits = self.safelight.permits().unwrap();
        let all = permits.usage().capacity;
        permits.reserve("hog", all - bytes, Duration::ZERO).unwrap()
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

/// A PNG file whose thumbnail of the usual size is as long as one can be.
fn noise() -> Vec<u8> {
    let mut state = 1_u32;
    let data = (0..3 * 256 * 256).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let pixels = Pixels::new(256, 256, Layout::Rgb8, data.collect()).unwrap();
    let mut file = Vec::new();
    encode(&pixels, Target::Png, &mut file).unwrap();
    file
}

/// Lets others work until something is so.
async fn until(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    timeout(NEVER, waiting).await.expect("it comes to that");
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
    assert!(known(of_b.to_string()) && !known("*".to_owned()));
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
    assert_eq!(of(Some(64), None).fit().unwrap(), Fit::inside(64, 1024));
    assert_eq!(of(None, Some(1024)).fit().unwrap(), Fit::inside(1024, 1024));
    for side in [0, 1025] {
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
        let (status, _) = fixture.post(&format!("/thumbnails?{query}"), "").await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn an_upload_becomes_a_thumbnail() {
    let fixture = Fixture::new(4, ByteSize::mib(64));
    let (status, file) = fixture.post("/thumbnails?height=20", png(80, 40)).await;
    assert_eq!((status, size(&file)), (StatusCode::OK, (40, 20)));
    // The answer has its memory until it is sent, and then all is given back.
    assert_eq!(fixture.granted(), ByteSize::from_len(file.len()));
    drop(file);
    assert_eq!(fixture.granted(), ByteSize::ZERO);
}

#[tokio::test]
async fn an_upload_is_paid_for_until_the_work_on_it_ends() {
    let fixture = Fixture::patient(4, ByteSize::mib(64), NEVER);
    // The upload fits, and its pixels have to wait.
    let hog = fixture.leave(ByteSize::mib(1));
    let before = fixture.granted();
    let request = Request::post("/thumbnails").body(Body::from(png(800, 800))).unwrap();
    let asked = tokio::spawn(fixture.router.clone().oneshot(request));
    until(|| 0 < fixture.safelight.permits().unwrap().usage().n_waiting).await;
    // Who asked is gone, but the bytes are still in memory.
    asked.abort();
    assert!(asked.await.unwrap_err().is_cancelled());
    assert!(before < fixture.granted());
    drop(hog);
    until(|| fixture.granted() == ByteSize::ZERO).await;
}

#[tokio::test]
async fn an_upload_that_is_done_makes_room_for_others_before_its_answer_waits() {
    let fixture = Fixture::patient(4, ByteSize::mib(64), 2 * NEVER);
    let permits = fixture.safelight.permits().unwrap();
    let hog = fixture.leave(ByteSize::mib(1));
    let request = Request::post("/thumbnails").body(Body::from(png(800, 800))).unwrap();
    let asked = tokio::spawn(fixture.router.clone().oneshot(request));
    until(|| permits.usage().n_waiting == 1).await;
    // This one wants all that there is, and the answer comes behind it.
    let all = tokio::spawn(permits.reserve_async("all", permits.usage().capacity));
    until(|| permits.usage().n_waiting == 2).await;
    drop(hog);
    let all = timeout(NEVER, all).await.expect("it gets all").unwrap().unwrap();
    drop(all);
    assert_eq!(asked.await.unwrap().unwrap().status(), StatusCode::OK);
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
    let fixture = Fixture::new(4, ByteSize::kib(512));
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
    let (status, _, text) = fixture.get("/thumbnails/sea.png").await;
    assert_eq!(status, StatusCode::OK, "{text:?}");
}

#[tokio::test]
async fn who_finds_the_queue_full_does_not_wait() {
    let fixture = Fixture::patient(1, ByteSize::mib(64), NEVER);
    let place = fixture.server.enter().unwrap();
    let (status, headers, _) = fixture.get("/thumbnails/sea.png").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(headers.contains_key(RETRY_AFTER));
    let (status, _) = fixture.post("/thumbnails", png(80, 40)).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    drop(place);
    assert_eq!(fixture.get("/thumbnails/sea.png").await.0, StatusCode::OK);
}

#[tokio::test]
async fn uploads_that_arrive_have_places_of_their_own() {
    let fixture = Fixture::new(1, ByteSize::mib(64));
    // The first upload is not over yet, and has the only place for uploads.
    let (sender, unfinished) = Channel::<Bytes>::new(1);
    let router = fixture.router.clone();
    let slow = tokio::spawn(async move {
        let request = Request::post("/thumbnails").body(Body::new(unfinished)).unwrap();
        router.oneshot(request).await.unwrap().status()
    });
    // It comes first, as there is one thread for all here.
    tokio::task::yield_now().await;
    let (status, _) = fixture.post("/thumbnails", png(80, 40)).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    // The queue is as empty as before.
    assert_eq!(fixture.get("/thumbnails/sea.png").await.0, StatusCode::OK);
    drop(sender);
    assert_eq!(slow.await.unwrap(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let (status, _) = fixture.post("/thumbnails", png(80, 40)).await;
    assert_eq!(status, StatusCode::OK);
}

/// Sends an answer into sockets that take little of it, to a client that reads none.
#[cfg(unix)]
#[tokio::test]
async fn who_does_not_read_an_answer_holds_no_memory() {
    let fixture = Fixture::new(4, ByteSize::mib(64));
    fs::write(fixture.folder.path().join("originals/noise.png"), noise()).unwrap();
    let small = || {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(4096).unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        socket
    };
    let socket = small();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let listener = Impatient::new(listener, Duration::from_millis(10));
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = axum::serve(listener, fixture.router.clone())
        .with_graceful_shutdown(async { drop(stopped.await) });
    let serving = tokio::spawn(serving.into_future());

    let client = small().connect(address).await.unwrap();
    client.writable().await.unwrap();
    let request = b"GET /thumbnails/noise.png?format=png HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_eq!(client.try_write(request).unwrap(), request.len());
    client.readable().await.unwrap();
    // It has come to the answer; all connections must end now.
    drop(stop);
    let ended = timeout(NEVER, serving).await;
    ended.expect("the connection ends").unwrap().unwrap();
    assert_eq!(fixture.granted(), ByteSize::ZERO);
    // What it gets now is what the sockets had taken.
    let (mut n_bytes, mut buffer) = (0, [0; 4096]);
    while let Ok(n @ 1..) = read(&client, &mut buffer).await {
        n_bytes += n;
    }
    assert!(n_bytes < noise().len(), "{n_bytes} bytes: all was sent");
}

/// Waits for some bytes; none are the end.
#[cfg(unix)]
async fn read(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        stream.readable().await?;
        match stream.try_read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            read => return read,
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn from_the_first_on_no_signal_to_stop_is_missed() {
    for name in ["-TERM", "-INT"] {
        let told = crate::stop::Stop::listen().unwrap();
        let me = std::process::id().to_string();
        let sent = std::process::Command::new("kill").args([name, &me]).status().unwrap();
        assert!(sent.success());
        timeout(NEVER, told.wait()).await.expect("it is told");
    }
}

#[test]
fn work_that_nobody_waits_for_does_not_keep_the_server_from_its_end() {
    let runtime = Runtime::new().unwrap();
    let (release, held) = mpsc::channel::<()>();
    runtime.spawn_blocking(move || held.recv());
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || {
        crate::let_go(runtime);
        sender.send(())
    });
    ended.recv_timeout(LAST_MOMENT + NEVER).expect("it ends");
    drop(release);
}

#[tokio::test]
async fn an_original_that_went_away_meanwhile_is_not_found() {
    let fixture = Fixture::new(4, ByteSize::mib(64));
    let gone = fixture.folder.path().join("gone.png");
    // One of these looks for its name first, the other one for its content.
    let identified =
        fixture.safelight.thumbnail_file(&gone, Fit::inside(9, 9), Target::Png);
    let opened = fixture.safelight.inspect(&gone);
    for error in [identified.unwrap_err(), opened.unwrap_err()] {
        let answer = Failure::from(error).into_response();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        let text = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(text, "there is no such original\n");
    }
}

#[tokio::test]
async fn nothing_is_unchanged_that_is_not_there_without_the_question() {
    let fixture = Fixture::new(4, ByteSize::mib(64));
    for (path, without, with) in [
        ("sea.png", StatusCode::OK, StatusCode::NOT_MODIFIED),
        ("sea.png?width=0", StatusCode::BAD_REQUEST, StatusCode::BAD_REQUEST),
        (
            "notes.txt",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        ("none.png", StatusCode::NOT_FOUND, StatusCode::NOT_FOUND),
    ] {
        let path = format!("/thumbnails/{path}");
        assert_eq!(fixture.get(&path).await.0, without, "{path}");
        let asked = Request::get(&path).header(IF_NONE_MATCH, "*");
        let (status, ..) = fixture.ask(asked.body(Body::empty()).unwrap()).await;
        assert_eq!(status, with, "{path}");
    }
    // Nor is one that would be known, if it were ever made.
    let sea = SourceId::file(fixture.folder.path().join("originals/sea.png")).unwrap();
    let never = Parameters { width: Some(0), ..Parameters::default() };
    let tag = ETag::new(&sea, &never).to_string();
    let asked = Request::get("/thumbnails/sea.png?width=0").header(IF_NONE_MATCH, tag);
    let (status, ..) = fixture.ask(asked.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
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
