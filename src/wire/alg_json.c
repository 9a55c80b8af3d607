#include "wire/alg_json.h"

#include "base/alg.h"
#include "base/limits.h"

static enum err decode_one(const struct json *j, size_t node, struct buf *store,
                           struct sig_alg *ret)
{
    static const char *const names[] = {"cryptoAlgorithm", "hashFunction", "paddingScheme", NULL};
    struct span parts[3];
    enum err e =
        json_kind(j, node) == JSON_OBJECT && json_has_only(j, node, names) ? ERR_OK : ERR_ARGUMENT;
    for (size_t i = 0; e == ERR_OK && i < 3; i++) {
        e = json_string(j, json_member(j, node, names[i]), 1, LIMIT_ALG_NAME, store, &parts[i]);
    }
    return e == ERR_OK ? alg_from_names(parts[0], parts[1], parts[2], ret) : e;
}

enum err alg_json_decode(const struct json *j, size_t array, struct buf *store, uint16_t *ret)
{
    size_t n = json_count(j, array);
    uint16_t bits = 0;
    enum err e = n > 0 && n <= ALG_BITS ? ERR_OK : ERR_ARGUMENT;
    size_t node = json_first(j, array);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        struct sig_alg alg;
        e = decode_one(j, node, store, &alg);
        if (e == ERR_OK) {
            e = (bits & alg_bit(alg)) == 0 ? ERR_OK : ERR_ARGUMENT;
            bits = (uint16_t)(bits | alg_bit(alg));
        }
        node = json_next(j, node);
    }
    *ret = e == ERR_OK ? bits : 0;
    return e;
}
