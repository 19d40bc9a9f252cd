// Each step is a bijection of the lane for a given word and of the word for a given lane, and so are the steps at the end: pages that differ in one
// word of 8 bytes only always have different checksums, and so has a page at another place. Of other damage, one in 2^64 goes unnoticed. Two
// multiplications a word, since with one a few single bits in neighbouring words of a lane could undo each other.
//
// Four lanes, because a multiplication waits for the one before it in its lane only.
#include "CPageChecksums.h"
#include "checksum.h"

static const uint64_t first = 0x9E3779B97F4A7C15, second = 0xD6E8FEB86659FD93;

static inline uint64_t rotated(uint64_t value, int count) { return value << count | value >> (64 - count); }

static inline uint64_t step(uint64_t lane, uint64_t word) { return rotated(lane + word * first, 31) * second; }

uint64_t aisle_page_checksum(const uint8_t *page, size_t size, uint64_t number) {
    uint64_t lanes[4] = {first, 2 * first, 3 * first, 4 * first};
    for (size_t at = 0; at + 32 < size; at += 32)
        for (int lane = 0; lane < 4; lane++) lanes[lane] = step(lanes[lane], load_word(page + at + 8 * lane));
    const uint8_t *last = page + size - 32;
    for (int lane = 0; lane < 3; lane++) lanes[lane] = step(lanes[lane], load_word(last + 8 * lane));
    // The checksum's own place counts as the page's number: a page that stands elsewhere is found too.
    lanes[3] = step(lanes[3], number);

    uint64_t sum = 0;
    for (int lane = 0; lane < 4; lane++) sum = rotated(sum ^ lanes[lane], 29) * second;
    sum = (sum ^ sum >> 32) * first;
    return sum ^ sum >> 29;
}
