// The layer: between SQLite's pager and the default VFS, for main database files.
//
// Source: https://www.sqlite.org/vfs.html; https://www.sqlite.org/fileformat2.html#the_database_header for bytes 16, 17 and 20.
//
// What is written: SQLite writes whole pages to the main file, in WAL mode at checkpoints only. Each gets its checksum on a copy, so that the
// pager's own buffers, and the log's checksums over them, stay as they are; a page that is restored from a journal gets it in the same way. What is
// read: whole pages are verified in place; a part of a page is taken from a whole one. The first 100 bytes alone are not verified, since SQLite
// reads them without a lock, and reads the page again under one before it believes them.
//
// Whether a file has checksums is learned from each page 1 that passes by: a VACUUM may change it while others have the file open. In WAL mode
// the checkpoint after it begins with page 1, so pages are never written in one layout while the header says the other.
//
// A page of zeros passes: SQLite leaves pages unwritten that were freed in the transaction that added them, and may read one before it uses it
// again. No table, index or freelist is a page of zeros; texts and blobs have digests of their own.
//
// A file is used by one connection, and so by one thread at a time.
#include "CPageChecksums.h"
#include "checksum.h"

#include <pthread.h>
#include <sqlite3.h>

enum { header_size = 100, reserve_offset = 20, largest_page = 65536 };

typedef struct {
    sqlite3_file base;
    /// Bytes of a page; 0 where the file has no checksums, or nothing is known of it yet.
    sqlite3_int64 page_size;
    /// Room for one page.
    uint8_t *page;
    /// Whether a file without pages will have checksums.
    int is_promised;
    int notes_damage;
    size_t noted_count;
    aisle_damaged_page noted[aisle_noted_page_limit];
} page_file;

static sqlite3_vfs page_vfs, *below;
static _Thread_local aisle_damaged_page refused;

/// The default VFS's file, which stands behind ours.
static sqlite3_file *real(sqlite3_file *file) { return (sqlite3_file *)((page_file *)file + 1); }

static int is_page_size(sqlite3_int64 size) { return size >= 512 && size <= largest_page && (size & (size - 1)) == 0; }

static int is_header(const uint8_t *bytes) { return memcmp(bytes, "SQLite format 3", 16) == 0; }

static void learn(page_file *file, const uint8_t *header) {
    file->page_size = 0;
    if (!is_header(header)) return;
    file->is_promised = 0;
    // 65,536 does not fit and is written as 1.
    sqlite3_int64 size = header[16] << 8 | header[17];
    if (size == 1) size = largest_page;
    if (is_page_size(size) && header[reserve_offset] == aisle_page_checksum_size) file->page_size = size;
}

// MARK: - Reading

static int is_zero(const uint8_t *page, sqlite3_int64 size) { return page[0] == 0 && memcmp(page, page + 1, size - 1) == 0; }

/// Refuses a damaged page, or notes it.
static int met_damage(page_file *file, aisle_damaged_page damage) {
    if (!file->notes_damage) {
        refused = damage;
        sqlite3_log(SQLITE_IOERR_DATA, "page %llu: checksum %016llx, found %016llx", (unsigned long long)damage.number,
                    (unsigned long long)damage.computed, (unsigned long long)damage.stored);
        return SQLITE_IOERR_DATA;
    }
    for (size_t i = 0; i < file->noted_count; i++)
        if (file->noted[i].number == damage.number) return SQLITE_OK;
    if (file->noted_count < aisle_noted_page_limit) file->noted[file->noted_count++] = damage;
    return SQLITE_OK;
}

static int verify(page_file *file, const uint8_t *page, sqlite3_int64 size, sqlite3_int64 offset) {
    aisle_damaged_page damage = {.number = (uint64_t)(offset / size) + 1, .stored = load_word(page + size - aisle_page_checksum_size)};
    damage.computed = aisle_page_checksum(page, size, damage.number);
    return damage.computed == damage.stored || is_zero(page, size) ? SQLITE_OK : met_damage(file, damage);
}

/// Page 1 of a file that says it has no checksums: if it has its own but for the byte that says so, that byte is what is damaged.
static int verify_reserve(page_file *file, uint8_t *page, int size) {
    if (!is_page_size(size) || !is_header(page)) return SQLITE_OK;
    memcpy(file->page, page, size);
    file->page[reserve_offset] = aisle_page_checksum_size;
    aisle_damaged_page damage = {.number = 1, .stored = load_word(page + size - aisle_page_checksum_size)};
    if (aisle_page_checksum(file->page, size, 1) != damage.stored) return SQLITE_OK;
    damage.computed = aisle_page_checksum(page, size, 1);
    int code = met_damage(file, damage);
    if (code != SQLITE_OK) return code;
    page[reserve_offset] = aisle_page_checksum_size;
    learn(file, page);
    return SQLITE_OK;
}

/// Hands out parts of pages, each taken from a whole one.
static int read_parts(page_file *file, uint8_t *bytes, int amount, sqlite3_int64 offset) {
    sqlite3_int64 size = file->page_size, end = offset + amount;
    int result = SQLITE_OK;
    for (sqlite3_int64 start = offset - offset % size; start < end; start += size) {
        sqlite3_file *below_file = real(&file->base);
        int code = below_file->pMethods->xRead(below_file, file->page, (int)size, start);
        if (code == SQLITE_IOERR_SHORT_READ) result = code;
        else if (code != SQLITE_OK) return code;
        if ((code = verify(file, file->page, size, start)) != SQLITE_OK) return code;
        sqlite3_int64 from = start < offset ? offset : start, to = start + size < end ? start + size : end;
        memcpy(bytes + (from - offset), file->page + (from - start), to - from);
    }
    return result;
}

static int page_read(sqlite3_file *base, void *bytes, int amount, sqlite3_int64 offset) {
    page_file *file = (page_file *)base;
    int touches_header_only = offset + amount <= header_size;
    int is_whole = file->page_size == amount && offset % amount == 0;
    if (file->page_size && offset > 0 && !touches_header_only && !is_whole) return read_parts(file, bytes, amount, offset);
    int code = real(base)->pMethods->xRead(real(base), bytes, amount, offset);
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) return code;
    if (offset == 0 && amount >= header_size) learn(file, bytes);
    if (touches_header_only) return code;
    int verdict = SQLITE_OK;
    if (!file->page_size) {
        if (offset == 0) verdict = verify_reserve(file, bytes, amount);
    } else if (file->page_size == amount) {
        verdict = verify(file, bytes, amount, offset);
    } else {
        // Page 1 has just told another size than that of this read.
        return read_parts(file, bytes, amount, offset);
    }
    return verdict == SQLITE_OK ? code : verdict;
}

// MARK: - Writing

static int page_write(sqlite3_file *base, const void *bytes, int amount, sqlite3_int64 offset) {
    page_file *file = (page_file *)base;
    if (offset == 0 && amount >= header_size) learn(file, bytes);
    // Page 1 may have been read from the log, and written to the file by another connection since.
    uint8_t header[header_size];
    if (offset > 0 && !file->page_size && !file->is_promised &&
        real(base)->pMethods->xRead(real(base), header, header_size, 0) == SQLITE_OK)
        learn(file, header);
    // Where the cache overflows before the first commit, other pages come before page 1.
    int is_page = file->page_size ? amount == file->page_size : file->is_promised && is_page_size(amount);
    if (is_page && offset % amount == 0) {
        memcpy(file->page, bytes, amount);
        store_word(file->page + amount - aisle_page_checksum_size,
                   aisle_page_checksum(file->page, amount, (uint64_t)(offset / amount) + 1));
        bytes = file->page;
    }
    return real(base)->pMethods->xWrite(real(base), bytes, amount, offset);
}

// MARK: - What passes through

static int page_close(sqlite3_file *base) {
    sqlite3_free(((page_file *)base)->page);
    return real(base)->pMethods->xClose(real(base));
}

static int page_truncate(sqlite3_file *base, sqlite3_int64 size) { return real(base)->pMethods->xTruncate(real(base), size); }
static int page_sync(sqlite3_file *base, int flags) { return real(base)->pMethods->xSync(real(base), flags); }
static int page_file_size(sqlite3_file *base, sqlite3_int64 *size) { return real(base)->pMethods->xFileSize(real(base), size); }
static int page_lock(sqlite3_file *base, int level) { return real(base)->pMethods->xLock(real(base), level); }
static int page_unlock(sqlite3_file *base, int level) { return real(base)->pMethods->xUnlock(real(base), level); }
static int page_reserved(sqlite3_file *base, int *out) { return real(base)->pMethods->xCheckReservedLock(real(base), out); }
static int page_sector_size(sqlite3_file *base) { return real(base)->pMethods->xSectorSize(real(base)); }
static int page_characteristics(sqlite3_file *base) { return real(base)->pMethods->xDeviceCharacteristics(real(base)); }
static int page_shm_map(sqlite3_file *base, int region, int size, int extends, void volatile **out) {
    return real(base)->pMethods->xShmMap(real(base), region, size, extends, out);
}
static int page_shm_lock(sqlite3_file *base, int offset, int count, int flags) {
    return real(base)->pMethods->xShmLock(real(base), offset, count, flags);
}
static void page_shm_barrier(sqlite3_file *base) { real(base)->pMethods->xShmBarrier(real(base)); }
static int page_shm_unmap(sqlite3_file *base, int deletes) { return real(base)->pMethods->xShmUnmap(real(base), deletes); }

static int page_control(sqlite3_file *base, int operation, void *argument) {
    if (operation == SQLITE_FCNTL_PRAGMA) {
        // A VACUUM would write pages of one size as pages of the other.
        char **texts = argument;
        if (((page_file *)base)->page_size && texts[2] && sqlite3_stricmp(texts[1], "page_size") == 0) {
            texts[0] = sqlite3_mprintf("pages with checksums keep their size");
            return SQLITE_ERROR;
        }
    }
    int code = real(base)->pMethods->xFileControl(real(base), operation, argument);
    if (operation == SQLITE_FCNTL_VFSNAME && code == SQLITE_OK)
        *(char **)argument = sqlite3_mprintf("%s/%z", AISLE_PAGE_VFS, *(char **)argument);
    return code;
}

/// Version 2: without xFetch, through which SQLite would map the file and read past us.
static const sqlite3_io_methods page_methods = {
    .iVersion = 2,
    .xClose = page_close,
    .xRead = page_read,
    .xWrite = page_write,
    .xTruncate = page_truncate,
    .xSync = page_sync,
    .xFileSize = page_file_size,
    .xLock = page_lock,
    .xUnlock = page_unlock,
    .xCheckReservedLock = page_reserved,
    .xFileControl = page_control,
    .xSectorSize = page_sector_size,
    .xDeviceCharacteristics = page_characteristics,
    .xShmMap = page_shm_map,
    .xShmLock = page_shm_lock,
    .xShmBarrier = page_shm_barrier,
    .xShmUnmap = page_shm_unmap,
};

static int page_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags) {
    (void)vfs;
    if (!(flags & SQLITE_OPEN_MAIN_DB)) return below->xOpen(below, name, base, flags, out_flags);
    page_file *file = (page_file *)base;
    memset(file, 0, sizeof *file);
    file->page = sqlite3_malloc(largest_page);
    if (!file->page) return SQLITE_NOMEM;
    file->notes_damage = name && sqlite3_uri_boolean(name, AISLE_NOTE_DAMAGE, 0);
    int code = below->xOpen(below, name, real(base), flags, out_flags);
    if (code == SQLITE_OK) {
        base->pMethods = &page_methods;
    } else {
        if (real(base)->pMethods) real(base)->pMethods->xClose(real(base));
        sqlite3_free(file->page);
    }
    return code;
}

// MARK: - The VFS and its connections

static int registration;

static void register_once(void) {
    below = sqlite3_vfs_find(NULL);
    if (!below) {
        registration = SQLITE_ERROR;
        return;
    }
    // All but opening is the default VFS's own, which finds its data where it expects them.
    page_vfs = *below;
    if (page_vfs.iVersion > 3) page_vfs.iVersion = 3;
    page_vfs.zName = AISLE_PAGE_VFS;
    page_vfs.szOsFile = (int)sizeof(page_file) + below->szOsFile;
    page_vfs.xOpen = page_open;
    page_vfs.pNext = NULL;
    registration = sqlite3_vfs_register(&page_vfs, 0);
}

int aisle_register_page_vfs(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_once);
    return registration;
}

/// The main file of a connection, if it is one of ours.
static page_file *main_file(sqlite3 *database) {
    sqlite3_file *file = NULL;
    sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    return file && file->pMethods == &page_methods ? (page_file *)file : NULL;
}

int aisle_reserved_bytes(sqlite3 *database) {
    int count = -1;
    return sqlite3_file_control(database, "main", SQLITE_FCNTL_RESERVE_BYTES, &count) == SQLITE_OK ? count : -1;
}

int aisle_reserve_checksums(sqlite3 *database) {
    page_file *file = main_file(database);
    if (!file) return SQLITE_MISUSE;
    sqlite3_int64 size = 0;
    int code = page_file_size(&file->base, &size);
    if (code != SQLITE_OK) return code;
    if (size > 0) {
        // The version that writers need: 2 with a log.
        uint8_t version = 0;
        code = real(&file->base)->pMethods->xRead(real(&file->base), &version, 1, 18);
        if (code != SQLITE_OK) return code;
        if (version != 2) return SQLITE_MISUSE;
    }
    int count = aisle_page_checksum_size;
    code = sqlite3_file_control(database, "main", SQLITE_FCNTL_RESERVE_BYTES, &count);
    if (code == SQLITE_OK && size == 0) file->is_promised = 1;
    return code;
}

int aisle_take_refused_page(aisle_damaged_page *page) {
    *page = refused;
    refused = (aisle_damaged_page){0};
    return page->number != 0;
}

size_t aisle_noted_pages(sqlite3 *database, aisle_damaged_page *pages) {
    page_file *file = main_file(database);
    if (!file) return 0;
    memcpy(pages, file->noted, file->noted_count * sizeof *pages);
    return file->noted_count;
}
