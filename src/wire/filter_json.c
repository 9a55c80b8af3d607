#include "wire/filter_json.h"

/* RFC 5280 §4.2.1.3, by bit. */
static const char *const usage_names[FILTER_KEY_USAGES] = {
    "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
    "keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly"};

static enum err decode_texts(const struct json *j, size_t array, size_t max, struct buf *store,
                             struct span ret[LIMIT_FILTER_VALUES], size_t *ret_n)
{
    size_t n = json_count(j, array);
    enum err e = ERR_OK;
    if (array == JSON_ABSENT) {
        return ERR_OK;
    }
    if (n == 0 || n > LIMIT_FILTER_VALUES) {
        return ERR_ARGUMENT;
    }
    size_t node = json_first(j, array);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        e = json_string(j, node, 1, max, store, &ret[i]);
        node = json_next(j, node);
    }
    *ret_n = n;
    return e;
}

static enum err take_usage(struct span name, uint16_t *usage)
{
    for (unsigned bit = 0; bit < FILTER_KEY_USAGES; bit++) {
        if (span_is(name, usage_names[bit])) {
            bool again = (*usage & 1u << bit) != 0;
            *usage = (uint16_t)(*usage | 1u << bit);
            return again ? ERR_ARGUMENT : ERR_OK;
        }
    }
    return ERR_ARGUMENT;
}

static enum err decode_usage(const struct json *j, size_t array, struct buf *store, uint16_t *ret)
{
    size_t n = json_count(j, array);
    enum err e = ERR_OK;
    if (array == JSON_ABSENT) {
        return ERR_OK;
    }
    if (n == 0 || n > FILTER_KEY_USAGES) {
        return ERR_ARGUMENT;
    }
    size_t node = json_first(j, array);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        struct span name;
        e = json_string(j, node, 1, LIMIT_FILTER_HOLDER, store, &name);
        if (e == ERR_OK) {
            e = take_usage(name, ret);
        }
        node = json_next(j, node);
    }
    return e;
}

enum err filter_decode(const struct json *j, size_t node, struct buf *store,
                       struct cert_filter *ret)
{
    static const char *const allowed[] = {"issuer", "policy", "holder", "keyUsage", NULL};
    struct cert_filter f = {0};
    if (json_kind(j, node) != JSON_OBJECT || !json_has_only(j, node, allowed)) {
        return ERR_ARGUMENT;
    }
    size_t holder = json_member(j, node, "holder");
    enum err e = decode_texts(j, json_member(j, node, "issuer"), LIMIT_FILTER_ISSUER, store,
                              f.issuers, &f.n_issuers);
    if (e == ERR_OK) {
        e = decode_texts(j, json_member(j, node, "policy"), LIMIT_OID, store, f.policies,
                         &f.n_policies);
    }
    if (e == ERR_OK && holder != JSON_ABSENT) {
        e = json_string(j, holder, 1, LIMIT_FILTER_HOLDER, store, &f.holder);
    }
    if (e == ERR_OK) {
        e = decode_usage(j, json_member(j, node, "keyUsage"), store, &f.key_usage);
    }
    if (e == ERR_OK) {
        *ret = f;
    }
    return e;
}
