#define _GNU_SOURCE
#include "CKernels.h"

#ifdef __linux__

#include <pthread.h>
#include <sched.h>

int aisle_usable_processors(void) {
    cpu_set_t usable;
    return sched_getaffinity(0, sizeof usable, &usable) == 0 ? CPU_COUNT(&usable) : 0;
}

void aisle_keep_off_this_processor(unsigned long thread) {
    cpu_set_t usable;
    int here = sched_getcpu();
    if (here < 0 || sched_getaffinity(0, sizeof usable, &usable) != 0) return;
    CPU_CLR(here, &usable);
    if (CPU_COUNT(&usable) > 0) pthread_setaffinity_np((pthread_t)thread, sizeof usable, &usable);
}

#else

int aisle_usable_processors(void) { return 0; }

void aisle_keep_off_this_processor(unsigned long thread) { (void)thread; }

#endif
