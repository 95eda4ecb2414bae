//! Pictures on the command line: what one is, and why one is none.
#![expect(clippy::disallowed_methods, reason = "files are made to be decoded")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/program.rs"]
mod program;

use std::fs;

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder as _};
use serde_json::Value;

use program::{Ended, run};

#[test]
fn a_picture_is_told_by_its_format_and_its_size() {
    let mut png = Vec::new();
    PngEncoder::new(&mut png).write_image(&[9; 3 * 2 * 3], 3, 2, ExtendedColorType::Rgb8).unwrap();
    let ended = picture(&png);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let facts: Value = serde_json::from_str(&ended.out).unwrap();
    let mut names: Vec<_> = facts.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["bytes", "format", "height", "seconds", "width"]);
    assert_eq!((facts["format"].as_str(), facts["bytes"].as_u64()), (Some("png"), Some(png.len() as u64)));
    assert_eq!((facts["width"].as_u64(), facts["height"].as_u64()), (Some(3), Some(2)));
}

#[test]
fn a_drawing_is_as_large_as_it_says() {
    let ended = picture(b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' width='30' height='20'/>");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let facts: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((facts["format"].as_str(), facts["width"].as_u64()), (Some("svg"), Some(30)));
}

#[test]
fn a_picture_that_is_too_large_is_refused_with_what_to_do() {
    let header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff\x08\x06\0\0\0";
    assert_failed(&picture(header), &["65,535 × 65,535 pixels", "100,000,000", "Make a smaller copy"]);
}

#[test]
fn what_is_no_picture_says_so() {
    assert_failed(&picture(b"text"), &["This is no picture in PNG, JPEG, GIF, WebP or SVG", "Open it as the text"]);
    assert_failed(&run(&["run", "picture", "/nowhere/at/all.png"]), &["There is no file", "Check the path"]);
}

fn picture(bytes: &[u8]) -> Ended {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a picture");
    fs::write(&path, bytes).expect("a file");
    run(&["run", "--json", "picture", path.to_str().expect("a path")])
}

#[track_caller]
fn assert_failed(ended: &Ended, words: &[&str]) {
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{ended:?}");
    for words in words {
        assert!(ended.err.contains(words), "{words} is not told: {}", ended.err);
    }
}
