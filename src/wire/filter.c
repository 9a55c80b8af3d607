#include "wire/filter.h"

#include "base/utf8.h"

enum tag { TAG_COUNT = 1, TAG_TEXT, TAG_HOLDER, TAG_USAGE, TAG_LOOSE, TAG_KINDS };

/* ---- bounds ---- */

static bool is_text(struct span text, size_t min, size_t max)
{
    return text.len >= min && text.len <= max &&
           (text.len == 0 || memchr(text.at, 0, text.len) == NULL) && utf8_valid(text);
}

/* Two or more numbers without leading zeros, the first one 0, 1 or 2 (X.660). */
static bool is_oid(struct span text)
{
    size_t arcs = 0;
    size_t start = 0;
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.at[i] != '.') {
            if (text.at[i] < '0' || text.at[i] > '9') {
                return false;
            }
            continue;
        }
        if (i == start || (text.at[start] == '0' && i > start + 1) ||
            (arcs == 0 && (i > 1 || text.at[0] > '2'))) {
            return false;
        }
        arcs++;
        start = i + 1;
    }
    return arcs >= 2 && text.len <= LIMIT_OID;
}

bool filter_is_sound(const struct cert_filter *f)
{
    bool ok = f->n_issuers <= LIMIT_FILTER_VALUES && f->n_policies <= LIMIT_FILTER_VALUES &&
              is_text(f->holder, 0, LIMIT_FILTER_HOLDER) &&
              f->key_usage >> FILTER_KEY_USAGES == 0 && (f->key_kinds & ~FILTER_KEY_KINDS) == 0;
    for (size_t i = 0; ok && i < f->n_issuers; i++) {
        ok = is_text(f->issuers[i], 1, LIMIT_FILTER_ISSUER);
    }
    for (size_t i = 0; ok && i < f->n_policies; i++) {
        ok = is_oid(f->policies[i]);
    }
    return ok;
}

/* ---- records ---- */

static void put_texts(struct record_writer *w, const struct span *texts, size_t n)
{
    record_put_u64(w, TAG_COUNT, n);
    for (size_t i = 0; i < n; i++) {
        record_put_span(w, TAG_TEXT, texts[i]);
    }
}

void filter_put(struct record_writer *w, uint8_t tag, const struct cert_filter *f)
{
    size_t mark = record_begin(w, tag);
    put_texts(w, f->issuers, f->n_issuers);
    put_texts(w, f->policies, f->n_policies);
    record_put_span(w, TAG_HOLDER, f->holder);
    record_put_u64(w, TAG_USAGE, f->key_usage);
    record_put_u64(w, TAG_LOOSE, f->loose);
    record_put_u64(w, TAG_KINDS, f->key_kinds);
    record_end(w, mark);
}

static size_t take_texts(struct record_reader *r, struct span *ret, size_t max)
{
    size_t n = (size_t)record_take_u64(r, TAG_COUNT, 0, LIMIT_FILTER_VALUES);
    for (size_t i = 0; i < n; i++) {
        ret[i] = record_take_span(r, TAG_TEXT, 1, max);
    }
    return n;
}

void filter_take(struct record_reader *r, uint8_t tag, struct cert_filter *ret)
{
    struct record_reader in = record_enter(r, tag);
    ret->n_issuers = take_texts(&in, ret->issuers, LIMIT_FILTER_ISSUER);
    ret->n_policies = take_texts(&in, ret->policies, LIMIT_OID);
    ret->holder = record_take_span(&in, TAG_HOLDER, 0, LIMIT_FILTER_HOLDER);
    ret->key_usage = (uint16_t)record_take_u64(&in, TAG_USAGE, 0, (1u << FILTER_KEY_USAGES) - 1);
    ret->loose = record_take_bool(&in, TAG_LOOSE);
    ret->key_kinds = (unsigned)record_take_u64(&in, TAG_KINDS, 0, FILTER_KEY_KINDS);
    record_leave(r, &in);
}
