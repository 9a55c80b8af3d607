#include "core/tbs.h"

#include "core/scs_binding.h"
#include "crypto/digest.h"

enum err tbs_authentication(struct span origin, struct span nonce, enum hash_alg hash,
                            uint8_t ret[LIMIT_DIGEST])
{
    uint8_t hashes[2][LIMIT_DIGEST];
    size_t len = alg_hash_len(hash);
    enum err e = digest_of(hash, &origin, 1, hashes[0]);
    if (e == ERR_OK) {
        e = digest_of(hash, &nonce, 1, hashes[1]);
    }
    if (e != ERR_OK) {
        return e;
    }
    const struct span both[] = {span_of(hashes[0], len), span_of(hashes[1], len)};
    return digest_of(hash, both, 2, ret);
}

enum err tbs_challenge(struct span origin, struct span challenge, enum binding rule,
                       enum hash_alg hash, uint8_t ret[LIMIT_DIGEST])
{
    enum err e = scs_binding_check(origin, challenge, rule);
    return e == ERR_OK ? digest_of(hash, &challenge, 1, ret) : e;
}

enum err tbs_document(const struct document *doc, enum hash_alg hash, uint8_t ret[LIMIT_DIGEST])
{
    if (doc->has_content) {
        return digest_of(hash, &doc->content, 1, ret);
    }
    if (doc->digest.len != alg_hash_len(hash)) {
        return ERR_ARGUMENT;
    }
    memcpy(ret, doc->digest.at, doc->digest.len);
    return ERR_OK;
}
