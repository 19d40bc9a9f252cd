// A checksum on every page of an SQLite file, written and verified by a layer over SQLite's default VFS.
//
// A file has checksums if its header says that each page keeps 8 bytes at its end for them (byte 20). SQLite leaves these bytes alone, so the
// file stays an ordinary one for every other reader. Whatever SQLite reads of such a file is verified first; what it writes gets its checksum on
// the way. Files without them, logs, journals and temporary files pass untouched. The VFS is used by connections that name it only.
#ifndef AISLE_CPAGECHECKSUMS_H
#define AISLE_CPAGECHECKSUMS_H

#include <stddef.h>
#include <stdint.h>

struct sqlite3;

/// The VFS's name, for the parameter `vfs` of a file's URI.
#define AISLE_PAGE_VFS "aisle-pages"
/// A parameter of a file's URI: with the value 1, damaged pages are handed out and noted instead of refused.
#define AISLE_NOTE_DAMAGE "note_damage"

enum {
    /// Bytes at the end of a page.
    aisle_page_checksum_size = 8,
    /// Distinct damaged pages that a connection keeps in mind.
    aisle_noted_page_limit = 64,
};

/// A page whose bytes and checksum contradict each other.
typedef struct {
    /// From 1, as SQLite counts.
    uint64_t number;
    /// Of the bytes that are there, and what stands at the page's end.
    uint64_t computed, stored;
} aisle_damaged_page;

/// The checksum of a page's bytes, the last 8 of them left out, at its place in the file.
/// - Parameters:
///   - page: `size` bytes.
///   - size: a multiple of 32.
///   - number: of the page, from 1.
uint64_t aisle_page_checksum(const uint8_t *_Nonnull page, size_t size, uint64_t number);

/// Makes the VFS known to SQLite; once is enough, more do nothing.
/// Returns SQLite's result code.
int aisle_register_page_vfs(void);

/// Bytes that each page of a connection's main file keeps at its end; negative where SQLite does not say.
int aisle_reserved_bytes(struct sqlite3 *_Nonnull database);

/// Makes each page of a connection's main file keep room for its checksum: in a new file from its first page on, in one in WAL mode from the next
/// VACUUM on. Returns SQLite's result code: SQLITE_MISUSE for a connection without the VFS, and for a file with pages in another mode, whose rollback
/// journal would bring back pages that use the room.
int aisle_reserve_checksums(struct sqlite3 *_Nonnull database);

/// Takes the page that was refused last on this thread, as SQLITE_IOERR_DATA; 0 if there is none.
int aisle_take_refused_page(aisle_damaged_page *_Nonnull page);

/// The damaged pages that a connection has noted.
/// Returns how many were written to `pages`, which has room for `aisle_noted_page_limit`.
size_t aisle_noted_pages(struct sqlite3 *_Nonnull database, aisle_damaged_page *_Nonnull pages);

#endif
