//! The sample-file generator: endless, repeatable made-up records to try every job on, offline.
//!
//! Whoever writes the file owns the [`Generator`], calls it on a worker thread and cuts the stream
//! to the size asked for. It must not know files, jobs or the window. Golden hashes hold the
//! streams: a seed names the same bytes in every version, so a new shape is a new kind.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// Records are rendered to a page in the first-level cache, which is copied to the block at once.
const PAGE_BYTES: usize = 8 << 10;
/// Room behind a page for the record that crosses its end; it is longer than any by a word.
const MAX_RECORD_BYTES: usize = 640;
/// The width of every table entry: copying a length known when compiling calls no `memcpy`.
const WORD_BYTES: usize = 48;
/// The time of the first record: seconds since 1970 for 2026-11-22T06:14:02Z, and microseconds.
const START: (u64, u64) = (1_795_328_042, 118_204);

/// Renders the stream of one kind and seed, the same bytes whatever the sizes of the blocks.
pub struct Generator {
    kind: SampleKind,
    /// The state of Wang Yi's `wyrand`.
    random: u64,
    record_number: u64,
    /// Seconds since 1970 and microseconds.
    time: (u64, u64),
    /// `2026-11-22T06:14:02.` for `time`: most records share it with the one before.
    prefix: [u8; 20],
}

impl Generator {
    /// Starts the stream of `kind` and `seed` at its first byte.
    #[must_use]
    pub fn new(kind: SampleKind, seed: u64) -> Self {
        Self { kind, random: seed, record_number: 0, time: START, prefix: time_prefix(START.0) }
    }

    /// Appends whole records until `block` holds `target_bytes` or, by less than 640, more.
    pub fn fill(&mut self, block: &mut Vec<u8>, target_bytes: usize) {
        let (bytes, length) = ([0; PAGE_BYTES + MAX_RECORD_BYTES], 0);
        let mut page = Page { bytes, length };
        while block.len() < target_bytes {
            page.length = 0;
            while page.length < PAGE_BYTES.min(target_bytes - block.len()) {
                match self.kind {
                    SampleKind::Log => self.log(&mut page),
                    SampleKind::Csv => self.csv(&mut page),
                    SampleKind::JsonLines => self.json(&mut page),
                    SampleKind::Binary => self.binary(&mut page),
                }
                self.record_number += 1;
            }
            block.extend_from_slice(page.bytes.get(..page.length).unwrap_or_default());
        }
    }

    fn log(&mut self, page: &mut Page) {
        let (level, messages, status, slowness) = match self.below(100) {
            0..62 => (b"INFO ", &INFO, 200, 72),
            62..84 => (b"DEBUG", &DEBUG, 200, 24),
            84..88 => (b"TRACE", &DEBUG, 100, 14),
            88..96 => (b"WARN ", &FAULT, 400, 500),
            _ => (b"ERROR", &FAULT, 500, 700),
        };
        self.time(page, b"Z ", 1_200);
        page.put(level);
        page.put(b" [worker-");
        page.padded(self.below(64), 2);
        page.put(b"] ");
        page.word(self.pick(messages), b" id=");
        (0..8).for_each(|_| page.put(&[*self.pick(b"0123456789abcdef")]));
        page.put(b" dur=");
        // A product of two even draws has the long tail that durations have.
        let duration = self.below(slowness) * self.below(slowness) / 64;
        page.number(duration, b"ms path=");
        page.word(self.pick(&PATHS), b" status=");
        page.number(status + self.below(4), b" user=");
        page.number(10_000 + self.below(90_000), b"\n");
    }

    fn csv(&mut self, page: &mut Page) {
        if self.record_number == 0 {
            page.put(b"order_id,placed_at,customer,region,product,");
            return page.put(b"quantity,unit_price,total,currency,note\n");
        }
        let (quantity, cents) = (1 + self.below(12), 99 + self.below(30_000));
        page.number(100_000 + self.record_number, b",");
        self.time(page, b"Z,", 90_000);
        page.word(self.pick(&CUSTOMERS), b",");
        page.word(self.pick(&REGIONS), b",");
        page.word(self.pick(&PRODUCTS), b",");
        page.number(quantity, b",");
        page.money(cents, b",");
        let currency = *self.pick(&[*b",EUR,", *b",USD,", *b",GBP,", *b",CHF,"]);
        page.money(quantity * cents, &currency);
        page.word(self.pick(&CSV_NOTES), b"\n");
    }

    fn json(&mut self, page: &mut Page) {
        page.put(b"{\"order\":");
        page.number(100_001 + self.record_number, b",\"placed_at\":\"");
        self.time(page, b"Z\",\"customer\":{\"name\":\"", 90_000);
        page.word(self.pick(&CUSTOMERS), b"\",\"id\":");
        page.number(self.below(1_000_000), b"},\"ship_to\":{\"city\":\"");
        page.word(self.pick(&JSON_CITIES), b"},\"items\":");
        let mut total = 0;
        for item in 0..=self.below(3) {
            let (quantity, cents) = (1 + self.below(12), 99 + self.below(30_000));
            total += quantity * cents;
            page.put(if item == 0 { b"[" } else { b"," });
            page.put(b"{\"product\":\"");
            page.word(self.pick(&PRODUCTS), b"\",\"quantity\":");
            page.number(quantity, b",\"price\":");
            page.money(cents, b"}");
        }
        page.put(b"],\"total\":");
        page.money(total, b",\"note\":");
        page.word(self.pick(&JSON_NOTES), b"}\n");
    }

    /// Puts 256 bytes; 64 records make a section like those of a container format.
    fn binary(&mut self, page: &mut Page) {
        match self.record_number % 64 {
            0..8 => (0..32).for_each(|at| page.put(&(self.record_number * 32 + at).to_le_bytes())),
            8..12 => page.put(&[0; 256]),
            12..20 => (0..16).for_each(|_| page.put_start(&self.pick(&PRODUCTS).0, 16)),
            _ => (0..32).for_each(|_| page.put(&self.random().to_le_bytes())),
        }
    }

    /// Puts the time and moves it on by at most `step` microseconds, which is less than a second.
    fn time<const N: usize>(&mut self, page: &mut Page, after: &[u8; N], step: u64) {
        page.put(&self.prefix);
        page.padded(self.time.1, 6);
        page.put(after);
        self.time.1 += 1 + self.below(step);
        if self.time.1 >= 1_000_000 {
            self.time = (self.time.0 + 1, self.time.1 - 1_000_000);
            self.prefix = time_prefix(self.time.0);
        }
    }

    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0xa076_1d64_78bd_642f);
        let (low, high) = self.random.carrying_mul(self.random ^ 0xe703_7ed1_a0b4_28db, 0);
        low ^ high
    }

    /// A number in `0..limit`: the random bits are a fraction of it.
    fn below(&mut self, limit: u64) -> u64 {
        self.random().carrying_mul(limit, 0).1
    }

    fn pick<'a, T, const N: usize>(&mut self, table: &'a [T; N]) -> &'a T {
        const { assert!(N.is_power_of_two()) };
        #[expect(clippy::indexing_slicing, reason = "the mask is within the table")]
        &table[usize::try_from(self.below(N as u64)).unwrap_or(0) & (N - 1)]
    }
}

/// What a sample file holds. The command line and saved settings use the kebab-case names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SampleKind {
    /// A service's log in ASCII, one event a line; about one id in 60,000 starts with `dead`.
    Log,
    /// Orders under a header line, quoted as in RFC 4180; line ends are line feeds alone.
    Csv,
    /// Orders as one nested JSON object a line.
    JsonLines,
    /// Random bytes; every 16 KiB start with a table of numbers, zeros and strings.
    Binary,
}

/// Records on their way to a block.
struct Page {
    bytes: [u8; PAGE_BYTES + MAX_RECORD_BYTES],
    /// The bytes that count so far; the next piece overwrites the padding after them.
    length: usize,
}

impl Page {
    fn put<const N: usize>(&mut self, piece: &[u8; N]) {
        self.put_start(piece, N);
    }

    fn word<const N: usize>(&mut self, word: &Word, after: &[u8; N]) {
        self.put_start(&word.0, word.1);
        self.put(after);
    }

    fn number<const N: usize>(&mut self, value: u64, after: &[u8; N]) {
        let digits = value.checked_ilog10().map_or(1, |tens| tens as usize + 1);
        if digits > 8 {
            self.number(value / 100_000_000, b"");
        }
        self.padded(value % 100_000_000, digits.min(8));
        self.put(after);
    }

    fn money<const N: usize>(&mut self, cents: u64, after: &[u8; N]) {
        self.number(cents / 100, b".");
        self.padded(cents % 100, 2);
        self.put(after);
    }

    fn padded(&mut self, value: u64, digits: usize) {
        self.put_start(&(decimal(value) >> (64 - 8 * digits)).to_le_bytes(), digits);
    }

    /// Copies all of `piece`, of which `length` bytes count; `MAX_RECORD_BYTES` leaves it room.
    fn put_start<const N: usize>(&mut self, piece: &[u8; N], length: usize) {
        let room = self.bytes.get_mut(self.length..).unwrap_or_default();
        if let Some(start) = room.first_chunk_mut() {
            *start = *piece;
            self.length += length;
        }
    }
}

/// A table entry, padded with zeros, and its length without them.
type Word = ([u8; WORD_BYTES], usize);

/// Splits a text at each `|`. Only compiling runs it, where a wrong length or count is an error.
#[expect(clippy::indexing_slicing, reason = "an error here is one of compiling")]
const fn words<const N: usize>(text: &str) -> [Word; N] {
    let (mut words, mut rest, mut at) = ([([0; WORD_BYTES], 0); N], text.as_bytes(), 0);
    while let [byte, tail @ ..] = rest {
        if *byte == b'|' {
            at += 1;
        } else {
            words[at].0[words[at].1] = *byte;
            words[at].1 += 1;
        }
        rest = tail;
    }
    assert!(at + 1 == N);
    words
}

/// Eight ASCII digits of a value below 10^8, the first in the lowest byte. Halves are split into
/// quarters and eighths side by side in one integer; the products divide by 100 and by 10.
const fn decimal(value: u64) -> u64 {
    let fours = (value / 10_000) | ((value % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let twos = hundreds | ((fours - 100 * hundreds) << 16);
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    (tens | ((twos - 10 * tens) << 8)) + 0x3030_3030_3030_3030
}

/// Renders `2026-11-22T06:14:02.` as in C. Neri and L. Schneider, "Euclidean affine functions and
/// their application to calendar algorithms" (2022), where a year starts in March.
fn time_prefix(second: u64) -> [u8; 20] {
    let days = 4 * (second / 86_400 + 719_468) + 3;
    let of_century = days % 146_097 / 4 * 4 + 3;
    let of_year = 2_141 * (of_century % 1_461 / 4) + 197_913;
    let (month, day) = (of_year >> 16, (of_year & 0xffff) / 2_141 + 1);
    let year = (days / 146_097 * 100 + of_century / 1_461 + month / 13) % 10_000;
    let date = decimal(year * 10_000 + (month - month / 13 * 12) * 100 + day).to_le_bytes();
    let clock = second / 3_600 % 24 * 10_000 + second / 60 % 60 * 100 + second % 60;
    let mut digits = date.into_iter().chain(decimal(clock).to_le_bytes().into_iter().skip(2));
    b"0000-00-00T00:00:00.".map(|mark| match mark {
        b'0' => digits.next().unwrap_or(mark),
        _ => mark,
    })
}

static INFO: [Word; 8] = words(
    "request served bytes sent|request served from cache|user login|session refreshed|\
    order accepted|connection opened|upload stored checksum ok|job finished",
);
static DEBUG: [Word; 8] = words(
    "cache hit shard replica|cache miss shard primary|query plan reused|token verified|timer set|\
    socket bytes sent queue depth worker shard|pool connection reused|lock taken without waiting",
);
static FAULT: [Word; 8] = words(
    "upstream timeout retry queue depth|connection closed handler failed|slow query full scan|\
    rate limit reached|replica lag above limit|disk full|deadlock rolled back|bad body rejected",
);
static PATHS: [Word; 8] =
    words("/login|/api/users/me|/api/orders/recent|/api/v2/items|/static/app.css|/health|/metrics|/");
static CUSTOMERS: [Word; 16] = words(
    "Jürgen Müller|Ada Novak|東京商店|Zoë O'Brien|José García|Łukasz Wójcik|Ana Silva|Wei Chen|\
    Σοφία Παππά|Иван Петров|Mary Jones|Nguyễn Hoa|Søren Ångström|Fatima Haddad|Peter Brown|山田太郎",
);
static REGIONS: [Word; 8] = words("|EU-North|US-West|Île-de-France|東京|LATAM|\"Portland, OR\"|\"Cork, Ireland\"");
static PRODUCTS: [Word; 16] = words(
    "Keyboard|Desk lamp|USB-C cable 2 m|Monitor arm|Notebook A5|Mouse mat|Espresso cups (set of 4)|\
    Desk|Webcam|Backpack 24 l|Café au lait bowl|Headphones|Bottle|Whiteboard|Chair|Docking kit",
);
static CSV_NOTES: [Word; 16] = words(
    "||||||gift|express|call first|größere Tüte|\"\"|\"leave at desk, ring twice\"|\
    \"customer said \"\"no rush\"\"\"|\"fragile, handle with care\"|\
    \"second floor\nring twice\"|\"the \"\"blue\"\" one, please\"",
);
static JSON_CITIES: [Word; 4] =
    words(r#"東京","at":[35.69,139.69]|Z\u00fcrich","at":null|Lima","at":[-12,-7.7e1]|Köln","at":[51,7]"#);
static JSON_NOTES: [Word; 8] = words(concat!(
    r#"null,"paid":true|null,"paid":false|"","paid":true|"gift","tags":["gift","wrap"]|"#,
    r#""said \"no\"","tags":[]|"two\nlines"|"C:\\new \ud83d\ude80"|"Tüte 📦","weight":1.25e-3"#,
));

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    fn sample(kind: SampleKind, seed: u64, bytes: usize) -> Vec<u8> {
        let mut block = Vec::new();
        Generator::new(kind, seed).fill(&mut block, bytes);
        block
    }

    #[test]
    fn streams_depend_on_kind_and_seed_alone() {
        let golden = "37a3b6c24b2f7954 27cb8b0bf545c0fd 4abf65ecf120bd97 3672bffba6e236e8";
        for (&kind, golden) in SampleKind::value_variants().iter().zip(golden.split(' ')) {
            let whole = sample(kind, 7, 1 << 20);
            let digest = Sha256::digest(&whole[..1 << 20]);
            let start = u64::from_be_bytes(*digest.first_chunk().unwrap());
            assert_eq!(format!("{start:016x}"), golden, "{kind:?}");
            assert_ne!(whole, sample(kind, 8, 1 << 20));
            for block_bytes in [1, 700, 8_192, 100_003] {
                let (mut generator, mut joined) = (Generator::new(kind, 7), Vec::new());
                while joined.len() < whole.len() {
                    let target_bytes = joined.len() + block_bytes;
                    generator.fill(&mut joined, target_bytes);
                    assert!(joined.len() + WORD_BYTES < target_bytes + MAX_RECORD_BYTES);
                }
                assert!(joined.starts_with(&whole), "{kind:?}, {block_bytes}");
            }
        }
    }

    #[test]
    fn log_lines_have_their_fields_and_increasing_times() {
        let log = String::from_utf8(sample(SampleKind::Log, 7, 64 << 20)).unwrap();
        let (lines, dead) = (log.lines().count(), log.matches(" id=dead").count());
        let mut last_time = "";
        for line in log.lines() {
            let (time, rest) = line.split_at(27);
            assert!(last_time < time && time.ends_with('Z'), "{line}");
            let (id, rest) = rest.split_once(" id=").unwrap().1.split_at(8);
            assert!(id.bytes().all(|digit| b"0123456789abcdef".contains(&digit)));
            assert!(rest.starts_with(" dur=") && rest.contains("ms path=/"));
            last_time = time;
        }
        assert!((120..128).contains(&(log.len() / lines)), "{lines}");
        assert!((lines / 90_000..lines / 40_000).contains(&dead), "{dead}");
    }

    #[test]
    fn csv_quotes_balance_and_totals_are_right() {
        let csv = String::from_utf8(sample(SampleKind::Csv, 7, 1 << 20)).unwrap();
        assert!(csv.matches('"').count().is_multiple_of(2) && csv.contains("floor\nring"));
        let unquoted: String = csv.split('"').step_by(2).collect();
        for record in unquoted.lines().skip(1) {
            let fields: Vec<_> = record.split(',').collect();
            let cents = |at: usize| fields[at].replace('.', "").parse::<u64>().unwrap();
            assert_eq!((fields.len(), cents(5) * cents(6)), (10, cents(7)));
        }
    }

    #[test]
    fn json_lines_parse_and_totals_are_right() {
        let number = |value: &serde_json::Value| value.as_f64().unwrap();
        let json = String::from_utf8(sample(SampleKind::JsonLines, 7, 1 << 20)).unwrap();
        for line in json.lines() {
            let order: serde_json::Value = serde_json::from_str(line).unwrap();
            let items = order["items"].as_array().unwrap().iter();
            let prices = items.map(|item| number(&item["quantity"]) * number(&item["price"]));
            assert!((prices.sum::<f64>() - number(&order["total"])).abs() < 0.005);
        }
    }

    #[test]
    fn numbers_and_dates_are_right() {
        let (bytes, length) = ([0; PAGE_BYTES + MAX_RECORD_BYTES], 0);
        let mut page = Page { bytes, length };
        let powers = (0..64).map(|bits| u64::MAX >> bits);
        for value in powers.chain((0..1 << 34).step_by(99_991)) {
            page.length = 0;
            page.number(value, b"");
            assert_eq!(page.bytes[..page.length], *value.to_string().as_bytes());
        }
        assert_eq!(time_prefix(1_835_481_599), *b"2028-02-29T23:59:59.");
    }
}
