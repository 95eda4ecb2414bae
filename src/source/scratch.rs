//! A file without a name for what a job has to put aside: written at its end, read anywhere, and gone with whoever holds it,
//! however the program ends. Used by jobs, and by threads that look things up in what jobs have made; never by the UI thread.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use super::ByteOffset;
use super::local::read_full;
use super::spool::nameless_file;
use crate::jobs::spawn_named;

/// From this size on the system takes its time to give back the space.
const LARGE_BYTES: u64 = 64 << 20;

/// The nameless file.
#[derive(Debug)]
pub(crate) struct Scratch {
    file: File,
    len_bytes: u64,
}

impl Scratch {
    /// An empty one.
    ///
    /// # Errors
    /// When the system gives no file for it.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { file: nameless_file()?, len_bytes: 0 })
    }

    /// How much was written.
    pub(crate) const fn len_bytes(&self) -> u64 {
        self.len_bytes
    }

    /// Writes `bytes` after what was written.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, self.len_bytes)?;
        self.len_bytes += bytes.len() as u64;
        Ok(())
    }

    /// Reads from byte `at` on until `buffer` is full or there is no more; gives the number of bytes read.
    ///
    /// # Errors
    /// When the disk fails.
    pub(crate) fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        read_full(&self.file, ByteOffset(at), buffer)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A tenth of a second a gigabyte: nobody waits for it.
        if self.len_bytes >= LARGE_BYTES
            && let Ok(last) = self.file.try_clone()
        {
            let _ = spawn_named("gives back space", move || drop(last));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_aside_is_read_at_any_place_as_far_as_it_goes() {
        let mut scratch = Scratch::new().unwrap();
        scratch.append(b"0123").unwrap();
        scratch.append(b"456789").unwrap();
        let mut buffer = [b'.'; 4];
        assert_eq!((scratch.len_bytes(), scratch.read_at(3, &mut buffer).unwrap()), (10, 4));
        assert_eq!(&buffer, b"3456");
        assert_eq!((scratch.read_at(8, &mut buffer).unwrap(), scratch.read_at(10, &mut buffer).unwrap()), (2, 0));
    }
}
