#include "crypto/digest.h"

#include "crypto/algorithm.h"

enum err digest_of(enum hash_alg hash, const struct span *parts, size_t n,
                   uint8_t ret[LIMIT_DIGEST])
{
    uint8_t value[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (md == NULL) {
        return ERR_NOMEM;
    }
    bool ok = EVP_DigestInit_ex(md, algorithm_md(hash), NULL) == 1;
    for (size_t i = 0; ok && i < n; i++) {
        ok = EVP_DigestUpdate(md, parts[i].at, parts[i].len) == 1;
    }
    ok = ok && EVP_DigestFinal_ex(md, value, &len) == 1 && len == alg_hash_len(hash);
    EVP_MD_CTX_free(md);
    if (!ok) {
        return ERR_INTERNAL;
    }
    memcpy(ret, value, len);
    return ERR_OK;
}
