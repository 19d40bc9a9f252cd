// The tables that the files of this module define; which of them exist depends on the architecture compiled for.
#ifndef AISLE_TABLES_H
#define AISLE_TABLES_H

#include "CKernels.h"

extern const aisle_kernel_table aisle_kernels_scalar;
#if defined(__x86_64__)
extern const aisle_kernel_table aisle_kernels_avx2;
#endif

#endif
