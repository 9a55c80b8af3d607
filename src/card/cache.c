#include "card/cache.h"

#include "base/buf.h"
#include "base/log.h"
#include "card/file.h"
#include "card/tlv.h"
#include "os/store.h"

#include <stdlib.h>

#define FILE_NAME "cards.cache"
/* "KSC" and the version of the format; a file of another one is an empty cache. */
#define MAGIC 0x4B534301u
/* Fixed members of an entry: row, ATR length, name length, count, epoch, DER length. */
#define ENTRY_MAX (1u + 1u + LIMIT_ATR + 1u + LIMIT_READER_NAME + 4u + 8u + 2u + LIMIT_CERT)
#define FILE_MAX  (4u + 1u + LIMIT_CACHE_CERTS * ENTRY_MAX)

struct entry {
    size_t row;
    uint8_t atr[LIMIT_ATR];
    size_t atr_len;
    char reader[LIMIT_READER_NAME];
    uint32_t insertion_count;
    uint64_t epoch;
    struct buf der;
};

struct cache {
    struct entry entries[LIMIT_CACHE_CERTS]; /* the latest used first */
    size_t n;
    bool changed;
};

static bool same_place(const struct entry *x, const struct cache_key *key)
{
    return x->row == key->row && span_eq(span_of(x->atr, x->atr_len), key->atr);
}

static bool same_insertion(const struct entry *x, const struct cache_key *key)
{
    return key->epoch != 0 && x->epoch == key->epoch &&
           x->insertion_count == key->insertion_count && strcmp(x->reader, key->reader) == 0;
}

bool cache_find_inserted(const struct cache *c, const struct cache_key *key, struct span *ret_der)
{
    for (size_t i = 0; c != NULL && i < c->n; i++) {
        if (same_place(&c->entries[i], key) && same_insertion(&c->entries[i], key)) {
            *ret_der = buf_span(&c->entries[i].der);
            return true;
        }
    }
    return false;
}

bool cache_find_head(const struct cache *c, const struct cache_key *key, struct span head,
                     size_t len, struct span *ret_der)
{
    for (size_t i = 0; c != NULL && i < c->n; i++) {
        struct span der = buf_span(&c->entries[i].der);
        if (same_place(&c->entries[i], key) && der.len == len &&
            head.len == (len < FILE_HEAD ? len : FILE_HEAD) &&
            span_eq(span_sub(der, 0, head.len), head)) {
            *ret_der = der;
            return true;
        }
    }
    return false;
}

static void remove_at(struct cache *c, size_t i)
{
    buf_clear(&c->entries[i].der);
    c->n--;
    memmove(&c->entries[i], &c->entries[i + 1], (c->n - i) * sizeof c->entries[0]);
    memset(&c->entries[c->n], 0, sizeof c->entries[0]);
}

void cache_put(struct cache *c, const struct cache_key *key, struct span der)
{
    struct entry x = {.row = key->row, .atr_len = key->atr.len, .epoch = key->epoch};
    if (c == NULL || key->atr.len > sizeof x.atr || strlen(key->reader) >= sizeof x.reader) {
        return;
    }
    memcpy(x.atr, key->atr.at, key->atr.len);
    memcpy(x.reader, key->reader, strlen(key->reader));
    x.insertion_count = key->insertion_count;
    buf_init(&x.der, LIMIT_CERT);
    if (buf_append(&x.der, der) != ERR_OK) {
        return;
    }
    for (size_t i = 0; i < c->n; i++) {
        if (same_place(&c->entries[i], key) &&
            span_eq(buf_span(&c->entries[i].der), buf_span(&x.der))) {
            remove_at(c, i);
            break;
        }
    }
    if (c->n == LIMIT_CACHE_CERTS) {
        remove_at(c, c->n - 1);
    }
    memmove(&c->entries[1], &c->entries[0], c->n * sizeof c->entries[0]);
    c->entries[0] = x;
    c->n++;
    c->changed = true;
}

static enum err pack_entry(const struct entry *x, struct buf *out)
{
    enum err e = buf_append_u8(out, (uint8_t)x->row);
    if (e == ERR_OK) {
        e = buf_append_u8(out, (uint8_t)x->atr_len);
    }
    if (e == ERR_OK) {
        e = buf_append(out, span_of(x->atr, x->atr_len));
    }
    if (e == ERR_OK) {
        e = buf_append_u8(out, (uint8_t)strlen(x->reader));
    }
    if (e == ERR_OK) {
        e = buf_append_str(out, x->reader);
    }
    if (e == ERR_OK) {
        e = buf_append_u32be(out, x->insertion_count);
    }
    if (e == ERR_OK) {
        e = buf_append_u64be(out, x->epoch);
    }
    if (e == ERR_OK) {
        e = buf_append_u16be(out, (uint16_t)x->der.len);
    }
    return e == ERR_OK ? buf_append(out, buf_span(&x->der)) : e;
}

static enum err pack(const struct cache *c, struct buf *out)
{
    enum err e = buf_append_u32be(out, MAGIC);
    if (e == ERR_OK) {
        e = buf_append_u8(out, (uint8_t)c->n);
    }
    for (size_t i = 0; e == ERR_OK && i < c->n; i++) {
        e = pack_entry(&c->entries[i], out);
    }
    return e;
}

/* Takes n bytes; false when they are not there. */
static bool take(struct span *rest, size_t n, struct span *ret)
{
    if (n > rest->len) {
        return false;
    }
    *ret = span_sub(*rest, 0, n);
    *rest = span_sub(*rest, n, rest->len);
    return true;
}

static bool take_be(struct span *rest, size_t width, uint64_t *ret)
{
    struct span bytes;
    uint64_t value = 0;
    if (!take(rest, width, &bytes)) {
        return false;
    }
    for (size_t i = 0; i < width; i++) {
        value = value << 8 | bytes.at[i];
    }
    *ret = value;
    return true;
}

/* A run of bytes after its length; `cap` bounds it. */
static bool take_run(struct span *rest, size_t width, size_t cap, struct span *ret)
{
    uint64_t len;
    return take_be(rest, width, &len) && len <= cap && take(rest, (size_t)len, ret);
}

static bool unpack_entry(struct span *rest, struct entry *x)
{
    uint64_t row, count, epoch;
    struct span atr, reader, der;
    size_t total;
    if (!take_be(rest, 1, &row) || !take_run(rest, 1, sizeof x->atr, &atr) ||
        !take_run(rest, 1, sizeof x->reader - 1, &reader) || !take_be(rest, 4, &count) ||
        !take_be(rest, 8, &epoch) || !take_run(rest, 2, LIMIT_CERT, &der)) {
        return false;
    }
    if (row >= LIMIT_CERTS + LIMIT_CARD_CAS || atr.len == 0 || reader.len == 0 ||
        memchr(reader.at, 0, reader.len) != NULL || tlv_total(der, &total) != ERR_OK ||
        total != der.len || der.at[0] != 0x30) {
        return false;
    }
    x->row = (size_t)row;
    x->atr_len = atr.len;
    memcpy(x->atr, atr.at, atr.len);
    memcpy(x->reader, reader.at, reader.len);
    x->insertion_count = (uint32_t)count;
    x->epoch = epoch;
    buf_init(&x->der, LIMIT_CERT);
    return buf_append(&x->der, der) == ERR_OK;
}

static void forget_all(struct cache *c)
{
    while (c->n > 0) {
        remove_at(c, c->n - 1);
    }
}

/* The whole file or nothing. */
static void unpack(struct cache *c, struct span rest)
{
    uint64_t magic, n;
    bool good = take_be(&rest, 4, &magic) && magic == MAGIC && take_be(&rest, 1, &n) &&
                n <= LIMIT_CACHE_CERTS;
    for (uint64_t i = 0; good && i < n; i++) {
        good = unpack_entry(&rest, &c->entries[c->n]);
        c->n += good ? 1 : 0;
    }
    if (!good || rest.len != 0) {
        log_line(LOG_INFO, "card: the file of known certificates is not ours and is ignored");
        forget_all(c);
    }
}

struct cache *cache_load(void)
{
    struct cache *c = calloc(1, sizeof *c);
    struct buf bytes;
    buf_init(&bytes, FILE_MAX);
    if (c != NULL && store_read(STORE_SESSION, FILE_NAME, &bytes) == ERR_OK) {
        unpack(c, buf_span(&bytes));
    }
    buf_clear(&bytes);
    return c;
}

void cache_save(struct cache *c)
{
    struct buf bytes;
    if (c == NULL || !c->changed) {
        return;
    }
    buf_init(&bytes, FILE_MAX);
    if (pack(c, &bytes) == ERR_OK &&
        store_replace(STORE_SESSION, FILE_NAME, buf_span(&bytes)) == ERR_OK) {
        c->changed = false;
    }
    buf_clear(&bytes);
}

void cache_free(struct cache **c)
{
    if (*c != NULL) {
        forget_all(*c);
        free(*c);
        *c = NULL;
    }
}
