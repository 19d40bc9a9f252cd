// zlib: raw inflate, to read model files out of a wheel or zip archive. Debian: zlib1g-dev.
#include <zlib.h>

// inflateInit2 is a macro, which Swift cannot call.
static inline int aisle_inflate_init_raw(z_streamp stream) { return inflateInit2(stream, -MAX_WBITS); }
