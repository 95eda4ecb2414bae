//! Text in UTF-8 that comes in blocks, cut anywhere, as pieces in which no character is cut. Pure.

/// Cuts blocks anew, so that none of them cuts a character.
#[derive(Debug, Default)]
pub(super) struct WholeCharacters {
    /// The beginning of a character that the last block cut: three bytes at most.
    held: Vec<u8>,
}

impl WholeCharacters {
    /// Takes in the next block and gives it in pieces, none of them empty. What is not UTF-8 is in them too, as it is.
    pub(super) fn feed(&mut self, block: &[u8], mut give: impl FnMut(&[u8])) {
        let mut rest = block;
        while !self.held.is_empty() {
            let Some((next, after)) = rest.split_first() else { return };
            self.held.push(*next);
            match std::str::from_utf8(&self.held) {
                Ok(_) => rest = after,
                Err(error) if error.error_len().is_none() => {
                    rest = after;
                    continue;
                }
                // It was none after all, and what comes next may be one.
                Err(_) => {
                    self.held.pop();
                }
            }
            give(&self.held);
            self.held.clear();
        }
        let (whole, cut) = rest.split_at(rest.len() - cut_bytes(rest));
        if !whole.is_empty() {
            give(whole);
        }
        self.held.extend_from_slice(cut);
    }

    /// Says that there is no more, and gives what is left of a character that has no end.
    pub(super) fn finish(&mut self, give: impl FnOnce(&[u8])) {
        if !self.held.is_empty() {
            give(&self.held);
            self.held.clear();
        }
    }
}

/// How many of the last bytes are the beginning of a character that goes on after them.
fn cut_bytes(bytes: &[u8]) -> usize {
    let tail = bytes.get(bytes.len().saturating_sub(3)..).unwrap_or_default();
    let lead = tail.iter().rposition(|byte| *byte >= 0xc0);
    let last = lead.and_then(|lead| tail.get(lead..)).unwrap_or_default();
    let goes_on = std::str::from_utf8(last).is_err_and(|error| error.error_len().is_none());
    if goes_on { last.len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(text: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
        let (mut characters, mut pieces, mut rest) = (WholeCharacters::default(), Vec::new(), text);
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (block, after) = rest.split_at((*cut).min(rest.len()));
            characters.feed(block, |piece| pieces.push(piece.to_vec()));
            rest = after;
        }
        characters.finish(|piece| pieces.push(piece.to_vec()));
        pieces
    }

    #[test]
    fn a_character_that_is_cut_comes_whole_with_the_next_block() {
        let pieces = pieces("a€".as_bytes(), &[2]);
        assert_eq!(pieces, [b"a".to_vec(), "€".as_bytes().to_vec()]);
    }

    proptest! {
        #[test]
        fn the_pieces_are_read_as_the_whole_is_and_are_all_of_it(
            text in prop::collection::vec(
                prop_oneof![
                    3 => any::<u8>(),
                    2 => Just(b'a'),
                    1 => Just(0xf0_u8), 1 => Just(0x9f_u8), 1 => Just(0xe2_u8), 1 => Just(0x82_u8), 1 => Just(0xac_u8),
                ],
                0..200,
            ),
            cuts in prop::collection::vec(1_usize..9, 1..10),
        ) {
            let pieces = pieces(&text, &cuts);
            prop_assert!(pieces.iter().all(|piece| !piece.is_empty()));
            let read: String = pieces.iter().map(|piece| String::from_utf8_lossy(piece).into_owned()).collect();
            prop_assert_eq!(read, String::from_utf8_lossy(&text).into_owned());
            prop_assert_eq!(pieces.concat(), text);
        }
    }
}
