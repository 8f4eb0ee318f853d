//! The page about the configuration, made from the code.

use std::fmt::Write;

use expect_test::expect_file;
use safelight::{Config, Key, actions};

const HEAD: &str = "\
# Configuration

<!-- Made by a test: `UPDATE_EXPECT=1 cargo test -p safelight --test keys` writes it anew. -->

All settings are in one `safelight::Config`.
It is made in code, or read from TOML by `Config::from_toml` and `Config::from_file`; what is not given is the default.
A key that does not exist and a value that is not possible are errors that name key and line, and nothing starts.
Nothing is read from environment variables.

Sizes and times are words: `\"64 MiB\"` or `\"500 MB\"`, `\"100 ms\"` or `\"1m 30s\"`.
A part of a whole is a number from 0 to 1, or a word such as `\"80 %\"`.
`enabled = false` switches a part off, whatever else its section says.
Most values can change while it runs: the documentation of `Safelight::reload` says which cannot.

## Example

This file has every key, with its default.
";

/// Returns what a section is about.
fn about(section: &str) -> &'static str {
    match section {
        "profiler" => "What is measured, and what counts as a bottleneck.",
        "cache" => "What is kept, and who leaves when there is no room.",
        "memory" => {
            "What jobs and the cache may take together, and what is done when memory gets scarce."
        }
        "jobs" => "How many jobs work at once, and how long they wait.",
        "progress" => "What is an alert, and how often progress is shown.",
        "actions" => "What is done about alerts and scarce memory: see the table below.",
        "images" => "What an image may cost, and what is an acceptable one.",
        "frames" => "What the start and the end frame of a video to be made may be like.",
        _ => panic!("say what the section {section} is about"),
    }
}

/// Returns all sections with their keys, in the order of the reference.
fn sections() -> Vec<(&'static str, Vec<&'static Key>)> {
    let mut sections: Vec<(_, Vec<_>)> = Vec::new();
    for key in Config::keys() {
        let (section, _) = key.name().split_once('.').expect("keys have sections");
        match sections.last_mut() {
            Some((last, keys)) if *last == section => keys.push(key),
            _ => sections.push((section, vec![key])),
        }
    }
    sections
}

fn short_name(key: &Key) -> &'static str {
    key.name().split_once('.').expect("keys have sections").1
}

/// Returns a default as it is written; `None` for that which depends on the machine.
fn default_of(key: &Key) -> Option<String> {
    let is_fixed = key.name() != "jobs.at_once";
    is_fixed.then(|| key.value(&Config::default()).expect("all parts are on"))
}

fn example() -> String {
    let mut toml = String::new();
    for (section, keys) in sections() {
        let gap = if toml.is_empty() { "" } else { "\n" };
        writeln!(toml, "{gap}[{section}]").expect("a string takes everything");
        for key in keys {
            let name = short_name(key);
            let line = match default_of(key) {
                Some(value) => format!("{name} = {value}"),
                None => format!("# {name} = 8  # by default as many as there are cores"),
            };
            writeln!(toml, "{line}").expect("a string takes everything");
        }
    }
    toml
}

fn table(keys: &[&Key]) -> String {
    let mut text = "| Key | Default | Values | Meaning |\n|---|---|---|---|\n".to_owned();
    for key in keys {
        let (name, like, what) = (short_name(key), key.like(), key.what());
        let default = default_of(key)
            .map_or("as many as there are cores".to_owned(), |value| {
                format!("`{value}`")
            });
        writeln!(text, "| `{name}` | {default} | {like} | {what} |")
            .expect("a string takes everything");
    }
    text
}

fn page() -> String {
    let mut page = format!("{HEAD}\n```toml\n{}```\n", example());
    for (section, keys) in sections() {
        let (about, table) = (about(section), table(&keys));
        write!(page, "\n## `[{section}]`\n\n{about}\n\n{table}")
            .expect("a string takes everything");
    }
    let table = actions::markdown();
    write!(
        page,
        "\n## What is done\n\n\
         Each cause takes a step of its knob; when it is over the step is undone, except a purge.\n\
         A step that is repeated comes again after `actions.cool_down` while the cause lasts.\n\
         Where the bound is as configured, it is `memory.cache_most` for `cache_bytes` and `progress.stressed` for `interval`.\n\n\
         {table}"
    )
    .expect("a string takes everything");
    page
}

#[test]
fn x03_the_page_says_what_the_code_says() {
    expect_file!["../../../../docs/configuration.md"].assert_eq(&page());
}

#[test]
fn x03_the_example_has_each_key_with_its_default() {
    let page = page();
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    assert_eq!(Config::from_toml(example).unwrap(), Config::default());
    // So does it with the one that is a comment, as it depends on the machine.
    let whole = example.replace("# at_once", "at_once");
    assert_eq!(Config::from_toml(&whole).unwrap().jobs.at_once.get(), 8);
    let values = whole.lines().filter(|line| line.contains(" = ")).count();
    assert_eq!(values, Config::keys().len());
}
