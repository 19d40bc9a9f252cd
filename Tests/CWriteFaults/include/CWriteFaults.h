// Makes the operating system refuse writes below one directory, for tests.
//
// The writing functions of the C library are defined anew in the test program, so that SQLite's calls come here too. A call counts when its
// file lies below the directory; the one that is to fail writes half of its bytes first, as a disk that fills up does. Under a sanitizer that
// replaces these functions itself, nothing fails.
#ifndef AISLE_CWRITEFAULTS_H
#define AISLE_CWRITEFAULTS_H

/// Whether faults can be made in this program.
int aisle_makes_write_faults(void);

/// Begins: of the calls that write, shorten or synchronize a file below this directory, the one with this number fails with this `errno`.
/// - Parameters:
///   - directory: an absolute path without links, of less than 4,096 bytes; copied.
///   - number: of the call, from 1.
///   - code: an `errno`.
///   - stays: whether all calls after it fail too.
void aisle_write_faults_begin(const char *directory, long number, int code, int stays);

/// Ends it; the calls there were.
long aisle_write_faults_end(void);

#endif
