//! Fuzz targets of what sources read from outside: packed files, and the headers of answers. Tests alone.

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::Arc;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::Index;
    use url::Url;

    use super::super::content_range::ContentRange;
    use super::super::file_name::{self, MAX_NAME_BYTES};
    use super::super::gzip::Gzip;
    use super::super::spool::Spool;
    use super::super::testing::{Bytes, in_blocks};
    use super::super::{ByteOffset, Derived, Packing, ReadError, Source as _};
    use crate::fuzz::{Input, fuzz, nearly};

    /// The most that may be copied of what a packed file holds.
    const LIMIT_BYTES: u64 = 64 << 10;
    /// What the start of a packed file is that a spool looks at.
    const START_BYTES: usize = 18;
    /// Deflate makes no more than 258 bytes of two bits (RFC 1951).
    const MOST_TIMES: usize = 1_032;

    /// Texts of which some are hard to pack and some are all the same.
    fn texts() -> Vec<Vec<u8>> {
        let lines = (0..200_u32).flat_map(|number| format!("line {number}\n").into_bytes()).collect();
        let hard = (0..300_u32).map(|number| number.wrapping_mul(0x9e37_79b1).to_be_bytes()[0]).collect();
        vec![Vec::new(), b"a\n".to_vec(), lines, hard, vec![0; 3_000]]
    }

    fn gzip(text: &[u8], flags: u8) -> Vec<u8> {
        let mut member = vec![0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3];
        member.extend(if flags & 4 != 0 { b"\x06\0BC\x02\0\x1b\0".as_slice() } else { &[] });
        member.extend(if flags & 8 != 0 { b"name\0".as_slice() } else { &[] });
        member.extend(miniz_oxide::deflate::compress_to_vec(text, 6));
        member.extend(crc32fast::hash(text).to_le_bytes());
        member.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        member
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        zstd::encode_all(text, 1).unwrap()
    }

    fn bzip2(text: &[u8]) -> Vec<u8> {
        let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    fn xz(text: &[u8]) -> Vec<u8> {
        let mut writer = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(0)).unwrap();
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    /// Each of the texts packed, alone and before the others.
    fn packed(pack: impl Fn(&[u8]) -> Vec<u8>) -> Vec<Vec<u8>> {
        let members: Vec<Vec<u8>> = texts().iter().map(|text| pack(text)).collect();
        [members.clone(), vec![members.concat()]].concat()
    }

    fn words(error: Option<ReadError>) -> String {
        error.map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn gzip_gives_the_same_however_it_is_read_and_each_place_of_it_again() {
        let seeds = [packed(|text| gzip(text, 0)), packed(|text| gzip(text, 12))].concat();
        let inputs = nearly(seeds, &[b"\x1f\x8b\x08\0\0\0\0\0\0\x03", b"\0", b"\x03\0", b"\x01\0\0\xff\xff", b"\xff"]);
        fuzz(200, (inputs, 1_usize..300, vec(any::<Index>(), 1..6)), |(input, block_bytes, places)| {
            let unpacked = || Arc::new(Derived::spaced(Arc::new(Bytes(input.0.clone())), Gzip, 1 << 10));
            let (whole, error) = in_blocks(unpacked(), 1 << 20);
            prop_assert!(whole.len() <= input.0.len() * MOST_TIMES, "{} bytes were made of it", whole.len());
            let source = unpacked();
            let (all, other) = in_blocks(source.clone(), block_bytes);
            prop_assert!(all == whole, "{} bytes in blocks and {} at once", all.len(), whole.len());
            prop_assert_eq!(words(error), words(other));
            for place in places {
                let at = place.index(whole.len() + 1);
                let mut there = [0; 50];
                let read = source.read_at(ByteOffset(at as u64), &mut there).unwrap();
                prop_assert_eq!(&there[..read], &whole[at..whole.len().min(at + there.len())], "from byte {}", at);
            }
            Ok(())
        });
    }

    /// Reads inputs that are nearly packed so.
    fn is_spooled_within_bounds(packing: Packing, seeds: Vec<Vec<u8>>, words: &[&'static [u8]]) {
        fuzz(60, (nearly(seeds, words), 64_usize..3_000), |(Input(input), block_bytes)| {
            let spool = || {
                let start = &input[..input.len().min(START_BYTES)];
                Arc::new(Spool::new(Arc::new(Bytes(input.clone())), packing, start, LIMIT_BYTES).unwrap())
            };
            let bounded = spool();
            let (all, error) = in_blocks(bounded.clone(), block_bytes);
            prop_assert_eq!(bounded.spooled_bytes(), Some(all.len() as u64));
            prop_assert!(all.len() as u64 <= LIMIT_BYTES);
            if matches!(error, Some(ReadError::OverLimit(_))) {
                return Ok(());
            }
            // What an unpacker has made when it fails it may keep to itself, and that is more in a longer block.
            let (larger, other) = in_blocks(spool(), 1 << 20);
            prop_assert_eq!(error.is_some(), other.is_some(), "{:?} and {:?}", error, other);
            prop_assert!(all.starts_with(&larger) && (error.is_some() || all.len() == larger.len()));
            let mut copied = vec![0; all.len()];
            prop_assert_eq!(bounded.read_at(ByteOffset(0), &mut copied).unwrap(), all.len());
            prop_assert!(copied == all, "the copy is another text");
            Ok(())
        });
    }

    #[test]
    fn zstd_is_copied_up_to_the_limit_and_gives_the_same_however_it_is_read() {
        let bomb = zstd(&vec![0; 1 << 20]);
        let seeds = [packed(zstd), vec![bomb]].concat();
        is_spooled_within_bounds(
            Packing::Zstd,
            seeds,
            &[b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18\x01\0\0\0a", b"\0", b"\xff"],
        );
    }

    #[test]
    fn bzip2_is_copied_up_to_the_limit_and_gives_the_same_however_it_is_read() {
        let seeds = [packed(bzip2), vec![bzip2(&vec![0; 1 << 20])]].concat();
        is_spooled_within_bounds(Packing::Bzip2, seeds, &[b"BZh9", b"\x17\x72\x45\x38\x50\x90", b"\0", b"\xff"]);
    }

    #[test]
    fn xz_is_copied_up_to_the_limit_and_gives_the_same_however_it_is_read() {
        let seeds = [packed(xz), vec![xz(&vec![0; 1 << 20])]].concat();
        is_spooled_within_bounds(Packing::Xz, seeds, &[b"\xfd7zXZ\0", b"YZ", b"\0\0\0\0", b"\xff"]);
    }

    #[test]
    fn a_content_range_that_is_taken_is_possible_and_is_read_again_as_it_is_written() {
        let seeds = [b"bytes 0-499/1234".as_slice(), b"bytes */1234", b"Bytes 500-500/*", b"bytes 0-0/1"];
        let words: &[&[u8]] = &[b"bytes ", b"-", b"/", b"*", b"0", b"7", b"18446744073709551615", b" ", b"+1"];
        fuzz(1_000, nearly(seeds.map(<[u8]>::to_vec).to_vec(), words), |input| {
            let Some(told) = ContentRange::parse(&input.text()) else { return Ok(()) };
            let or_star = |text: Option<String>| text.unwrap_or_else(|| "*".into());
            let part = or_star(told.part.as_ref().map(|part| format!("{}-{}", part.start, part.end - 1)));
            let len = or_star(told.len_bytes.map(|len| len.to_string()));
            if let Some(part) = &told.part {
                prop_assert!(part.start < part.end && told.len_bytes.is_none_or(|len| part.end <= len), "{:?}", told);
            }
            prop_assert_eq!(ContentRange::parse(&format!("bytes {part}/{len}")), Some(told));
            Ok(())
        });
    }

    #[test]
    fn a_content_disposition_gives_one_part_of_a_path_that_shows_what_it_is() {
        let url = Url::parse("https://host/from-url").unwrap();
        let seeds = [
            b"attachment; filename=\"a (1).tar.gz\"".as_slice(),
            b"attachment; filename=a.csv; filename*=UTF-8''%e2%82%ac%20a.csv",
            b"inline; filename=\"..\\..\\a\\\"b.txt\"",
        ];
        let words: &[&[u8]] = &[
            b"filename=",
            b"filename*=",
            b"UTF-8''",
            b"iso-8859-1''",
            b"\"",
            b"\\",
            b";",
            b"/",
            b"%2f",
            b"%00",
            b"..",
            b" ",
            b".part",
            b"con",
            b"\xe2\x80\xae",
            b"\xff",
            b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ];
        fuzz(1_000, nearly(seeds.map(<[u8]>::to_vec).to_vec(), words), |input| {
            let name = file_name::choose(Some(&input.0), &url);
            prop_assert!(!name.is_empty() && name.len() <= MAX_NAME_BYTES, "{}", name);
            prop_assert!(!name.contains(|c: char| c.is_control() || "/\\:\u{202e}".contains(c)), "{:?}", name);
            prop_assert!(!name.starts_with('.') && !name.to_lowercase().ends_with(".part"), "{}", name);
            let header = format!("attachment; filename=\"{name}\"");
            prop_assert_eq!(file_name::choose(Some(header.as_bytes()), &url), name, "a safe name is left alone");
            Ok(())
        });
    }
}
