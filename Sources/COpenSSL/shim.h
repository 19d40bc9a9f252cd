// OpenSSL's libcrypto: SHA-256. Debian: libssl-dev.
#include <openssl/evp.h>
