//! A document in TOML: which keys it has, and in which lines.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Config, Key, keys};
use crate::{Error, error::Kind};

/// A value, the full name of its key, and where the key is.
struct Given<'a> {
    key: String,
    at: Range<usize>,
    value: &'a DeValue<'a>,
}

pub(super) fn read(text: &str) -> Result<Config, Error> {
    let line_of = |at: usize| 1 + text[..at.min(text.len())].matches('\n').count();
    let table = DeTable::parse(text).map_err(|error| {
        let line = line_of(error.span().map_or(0, |span| span.start));
        Error::from(Kind::Toml { line, problem: error.message().to_owned() })
    })?;
    let mut given = Vec::new();
    list("", table.get_ref(), &mut given);
    let wrong = |given: &Given<'_>, problem: String| {
        let line = Some(line_of(given.at.start));
        Error::from(Kind::Config { key: given.key.clone(), line, problem })
    };
    for one in &given {
        if keys::find(&one.key).is_none() {
            return Err(wrong(one, unknown(&one.key)));
        }
    }
    let mut config = Config::default();
    // Whether a part is on is said after its values, which would switch it on.
    let is_switch = |key: &&Key| key.name().ends_with(".enabled");
    let (switches, values): (Vec<_>, Vec<_>) = keys::ALL.iter().partition(is_switch);
    for key in values.into_iter().chain(switches) {
        if let Some(one) = given.iter().find(|one| one.key == key.name()) {
            key.read(&mut config, one.value).map_err(|problem| wrong(one, problem))?;
        }
    }
    config.find_impossible().map_err(|(key, problem)| {
        match given.iter().find(|one| one.key == key) {
            Some(one) => wrong(one, problem),
            None => Kind::Config { key: key.to_owned(), line: None, problem }.into(),
        }
    })?;
    Ok(config)
}

/// Lists what is in a table and in the tables in it.
fn list<'a>(path: &str, table: &'a DeTable<'a>, given: &mut Vec<Given<'a>>) {
    for (name, value) in table {
        let key = match path {
            "" => name.get_ref().to_string(),
            _ => format!("{path}.{}", name.get_ref()),
        };
        let at = name.span();
        match Spanned::get_ref(value) {
            DeValue::Table(inner) if keys::is_section(&key) => list(&key, inner, given),
            value => given.push(Given { key, at, value }),
        }
    }
}

/// Says what may have been meant.
fn unknown(key: &str) -> String {
    let distance = |known: &&str| strsim::damerau_levenshtein(key, known);
    let names = keys::ALL.iter().map(Key::name);
    match names.min_by_key(distance).filter(|near| distance(near) <= 3) {
        Some(near) => format!("there is no such key; did you mean `{near}`?"),
        None if is_in_section(key) => "there is no such key".to_owned(),
        None => format!("there is no such section, but {}", keys::sections().join(", ")),
    }
}

fn is_in_section(key: &str) -> bool {
    key.split_once('.').is_some_and(|(section, _)| keys::is_section(section))
}
