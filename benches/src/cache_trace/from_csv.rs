use std::{collections::HashMap, error::Error, fmt, io, time::Duration};

use csv::{ReaderBuilder, StringRecord, Trim};
use jiff::SignedDuration;

use super::{Request, Trace};

/// The columns, and the header where there is one.
const COLUMNS: [&str; 3] = ["key", "bytes", "cost"];

/// The longest cost that is believed; sums of it do not overflow.
const MAX_COST: Duration = Duration::from_hours(24);

impl Trace {
    /// Reads a trace whose lines are `key,bytes,cost`, after a header with those words or none.
    ///
    /// A key is any text. Bytes are a number or a size like `1.5 MiB`; the cost is a number of
    /// microseconds or a time like `3 ms`, of a day at most.
    ///
    /// # Errors
    ///
    /// When the source cannot be read, a line is not a request, or there is none.
    pub fn from_csv(
        name: &str,
        mut source: impl io::Read,
    ) -> Result<Self, ReadTraceError> {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).map_err(Kind::Unreadable)?;
        let text = str::from_utf8(&bytes).map_err(|error| Kind::Bad {
            line: line_at(&bytes, error.valid_up_to()),
            found: "bytes that are not UTF-8".to_owned(),
            wanted: "text",
        })?;
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .from_reader(text.as_bytes());
        let mut keys = HashMap::new();
        let mut requests = Vec::new();
        for (idx, record) in reader.records().enumerate() {
            let record = record.map_err(|error| Kind::Unreadable(error.into()))?;
            if idx == 0 && is_header(&record) {
                continue;
            }
            let request = request(&record, &mut keys).map_err(|(found, wanted)| {
                Kind::Bad { line: line_of(&record, text), found, wanted }
            })?;
            requests.push(request);
        }
        if requests.is_empty() {
            return Err(Kind::Empty.into());
        }
        Ok(Self { name: name.to_owned(), requests })
    }
}

/// Returns the line of a record; its position is before the empty lines that it follows.
fn line_of(record: &StringRecord, text: &str) -> usize {
    let start = record.position().map_or(0, |position| position.byte() as usize);
    let lines = text[start..].trim_start_matches(['\r', '\n']);
    line_at(text.as_bytes(), text.len() - lines.len())
}

fn line_at(text: &[u8], position: usize) -> usize {
    text[..position].split(|byte| *byte == b'\n').count()
}

fn is_header(record: &StringRecord) -> bool {
    let is_column =
        |(column, field): (&&str, &str)| column.eq_ignore_ascii_case(field.trim());
    record.len() == COLUMNS.len() && COLUMNS.iter().zip(record).all(is_column)
}

/// Reads a line, or says what was found and what was wanted.
fn request(
    record: &StringRecord,
    keys: &mut HashMap<String, u64>,
) -> Result<Request, (String, &'static str)> {
    let fields: Vec<&str> = record.iter().collect();
    let [key, bytes, cost] = fields[..] else {
        return Err((format!("{} fields", fields.len()), "3: key,bytes,cost"));
    };
    let quoted = |field| format!("{field:?}");
    let bytes = (bytes.parse())
        .map_err(|_| (quoted(bytes), "bytes, like 1572864 or \"1.5 MiB\""))?;
    let cost = parse_cost(cost).ok_or_else(|| {
        (quoted(cost), "a cost up to a day, like 3000 (in µs) or \"3 ms\"")
    })?;
    let next_key = keys.len() as u64;
    let key = *keys.entry(key.to_owned()).or_insert(next_key);
    Ok(Request { key, bytes, cost })
}

fn parse_cost(text: &str) -> Option<Duration> {
    let cost = match text.parse::<f64>() {
        Ok(micros) => Duration::try_from_secs_f64(micros / 1e6).ok()?,
        Err(_) => Duration::try_from(text.parse::<SignedDuration>().ok()?).ok()?,
    };
    (cost <= MAX_COST).then_some(cost)
}

/// A file was not a trace.
#[derive(Debug)]
pub struct ReadTraceError {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Unreadable(io::Error),
    Bad { line: usize, found: String, wanted: &'static str },
    Empty,
}

impl From<Kind> for ReadTraceError {
    fn from(kind: Kind) -> Self {
        Self { kind }
    }
}

impl fmt::Display for ReadTraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Unreadable(_) => f.write_str("cannot read the trace"),
            Kind::Bad { line, found, wanted } => {
                write!(f, "line {line}: found {found}, wanted {wanted}")
            }
            Kind::Empty => f.write_str("the trace has no request"),
        }
    }
}

impl Error for ReadTraceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            Kind::Unreadable(error) => Some(error),
            Kind::Bad { .. } | Kind::Empty => None,
        }
    }
}
