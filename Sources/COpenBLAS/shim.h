// OpenBLAS: the matrix products (cblas_sgemm) and the number of threads they take. Debian: libopenblas-dev.
#include <cblas.h>
