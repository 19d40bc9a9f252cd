// Counts the heap allocations of one thread, for tests.
//
// The allocating functions of the C library are defined anew in the test program, around glibc's own, and so serve the Swift
// runtime too. Elsewhere, and under a sanitizer that replaces them itself, nothing is counted.
#ifndef AISLE_CALLOCATIONCOUNT_H
#define AISLE_CALLOCATIONCOUNT_H

/// Whether allocations can be counted in this program.
int aisle_counts_allocations(void);

/// Begins to count the calling thread's allocations, from 0.
void aisle_allocation_count_begin(void);

/// Ends it; allocations since its beginning, reallocations included.
long aisle_allocation_count_end(void);

#endif
