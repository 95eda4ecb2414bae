//! Documents whose files are far away, on a server: indexed only when somebody asks for it, as all of them would have to come
//! over the network, or not to be opened at all where they come only as a whole.

use std::sync::Weak;
use std::sync::atomic::Ordering::{Acquire, Release};

use super::contents::{Contents, is_far};
use super::{Document, Filling, LineIndex, PAGE_BYTES, Shared};
use crate::jobs::JobError;

impl Document {
    /// Whether it is so much, and so far away, that it is read to its end only when somebody asks for it.
    #[must_use]
    pub fn is_far(&self) -> bool {
        self.source().is_some_and(|source| is_far(source.as_ref()))
    }

    /// Whether it is indexed only when somebody asks for it: see [`Open::index_of`](super::Open::index_of).
    #[must_use]
    pub fn waits_for_index(&self) -> bool {
        self.shared.unindexed.read_recursive().is_some()
    }

    /// Whether it could not be opened because its server gives it only as a whole, so that it has to be downloaded.
    #[must_use]
    pub fn comes_only_whole(&self) -> bool {
        self.shared.only_whole.load(Acquire)
    }

    /// Begins to index what was opened without, from its beginning on; `None` if that is not so.
    pub(super) fn go_on(&self) -> Option<(Filling, Contents)> {
        let _say = self.shared.say.lock();
        let contents = self.shared.unindexed.write().take()?;
        *self.shared.index.write() = LineIndex::new(PAGE_BYTES);
        Some((Filling { shared: self.downgrade(), run: self.shared.run.load(Acquire) }, contents))
    }

    /// [`Document::look_further`], if somebody still holds it.
    pub(super) fn let_look_further(shared: Option<&Weak<Shared>>) {
        if let Some(document) = shared.and_then(Self::upgrade) {
            document.look_further();
        }
    }

    /// Takes in how much there is to look at of what has to be made, where somebody else went further than who fills it.
    pub(super) fn look_further(&self) {
        let Some((_, pages)) = self.opened() else { return };
        let (filling, len_bytes) = (Filling { shared: self.downgrade(), run: pages.run }, pages.source.len_bytes());
        // One that is filled anew has no use for it.
        let _ = filling.change_facts(|facts| {
            if facts.is_made() {
                facts.len_bytes = facts.len_bytes.max(len_bytes);
            }
        });
    }
}

impl Filling {
    /// Leaves what was opened without an index, but for that of its first page, until somebody asks for it.
    ///
    /// # Errors
    /// When another run fills the document by now, or nobody holds it.
    pub(super) fn leave_unindexed(&self, contents: Contents) -> Result<(), JobError> {
        let (bytes, newlines) = (contents.start.len() as u64, bytecount::count(&contents.start, b'\n') as u64);
        self.change(|shared| {
            let mut index = shared.index.write();
            index.push(bytes, newlines);
            index.stop();
            drop(index);
            *shared.unindexed.write() = Some(contents);
        })
    }

    /// Says that it can be had, but only as a whole.
    pub(super) fn comes_only_whole(&self) {
        // A document that is gone has nobody to tell.
        let _ = self.change(|shared| shared.only_whole.store(true, Release));
    }
}
