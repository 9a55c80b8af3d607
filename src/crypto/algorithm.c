#include "crypto/algorithm.h"

const EVP_MD *algorithm_md(enum hash_alg hash)
{
    static const EVP_MD *(*const makers[HASH_COUNT])(void) = {
        [HASH_SHA224] = EVP_sha224,
        [HASH_SHA256] = EVP_sha256,
        [HASH_SHA384] = EVP_sha384,
        [HASH_SHA512] = EVP_sha512,
    };
    return makers[hash]();
}
