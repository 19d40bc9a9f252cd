#define _GNU_SOURCE
#include "CWriteFaults.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define AISLE_SANITIZED 1
#endif
#endif

static const char *_Atomic watched;
// Kept for good, in turns: a write in another thread may look at a directory a moment after its end.
static char directories[2][4096];
static atomic_long calls;
static long failing;
static int failing_code, failing_stays;

#if defined(__linux__) && defined(__x86_64__) && !defined(AISLE_SANITIZED)
int aisle_makes_write_faults(void) { return 1; }

// Whether this call is to fail.
static int fails(int file) {
    const char *directory = atomic_load(&watched);
    if (directory == NULL) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    size_t prefix = strlen(directory);
    if (prefix == 0 || strncmp(path, directory, prefix) != 0 || path[prefix] != '/') return 0;
    long number = atomic_fetch_add(&calls, 1) + 1;
    return failing_stays ? number >= failing : number == failing;
}

ssize_t write(int file, const void *bytes, size_t count) {
    if (!fails(file)) return syscall(SYS_write, file, bytes, count);
    syscall(SYS_write, file, bytes, count / 2);
    errno = failing_code;
    return -1;
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
    if (!fails(file)) return syscall(SYS_pwrite64, file, bytes, count, offset);
    syscall(SYS_pwrite64, file, bytes, count / 2, offset);
    errno = failing_code;
    return -1;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) { return pwrite64(file, bytes, count, offset); }

int ftruncate64(int file, off64_t length) {
    if (!fails(file)) return (int)syscall(SYS_ftruncate, file, length);
    errno = failing_code;
    return -1;
}

int ftruncate(int file, off_t length) { return ftruncate64(file, length); }

int fsync(int file) {
    if (!fails(file)) return (int)syscall(SYS_fsync, file);
    errno = failing_code;
    return -1;
}

int fdatasync(int file) {
    if (!fails(file)) return (int)syscall(SYS_fdatasync, file);
    errno = failing_code;
    return -1;
}
#else
int aisle_makes_write_faults(void) { return 0; }
#endif

void aisle_write_faults_begin(const char *directory, long number, int code, int stays) {
    static int turn;
    char *place = directories[turn ^= 1];
    snprintf(place, sizeof directories[0], "%s", directory);
    failing = number;
    failing_code = code;
    failing_stays = stays;
    atomic_store(&calls, 0);
    atomic_store(&watched, place);
}

long aisle_write_faults_end(void) {
    atomic_store(&watched, NULL);
    return atomic_load(&calls);
}
