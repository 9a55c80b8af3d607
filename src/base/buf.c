#include "base/buf.h"

#include "base/wipe.h"

#include <stdlib.h>

#define BUF_FIRST_CAP 64u

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){NULL, 0, 0, max};
}

void buf_clear(struct buf *b)
{
    wipe(b->at, b->cap);
    free(b->at);
    buf_init(b, b->max);
}

/* Own copy instead of realloc: the old block must be wiped before it goes back to the heap. */
static enum err grow(struct buf *b, size_t more)
{
    if (more > b->max - b->len) {
        return ERR_TOO_LARGE;
    }
    size_t need = b->len + more;
    if (need <= b->cap) {
        return ERR_OK;
    }
    size_t first = b->max < BUF_FIRST_CAP ? b->max : BUF_FIRST_CAP;
    size_t cap = b->cap > 0 ? b->cap : first;
    while (cap < need) {
        cap = cap > b->max / 2 ? b->max : cap * 2;
    }
    uint8_t *at = malloc(cap);
    if (at == NULL) {
        return ERR_NOMEM;
    }
    if (b->len > 0) {
        memcpy(at, b->at, b->len);
    }
    wipe(b->at, b->cap);
    free(b->at);
    b->at = at;
    b->cap = cap;
    return ERR_OK;
}

enum err buf_extend(struct buf *b, size_t len, uint8_t **ret_at)
{
    enum err e = grow(b, len);
    if (e == ERR_OK && b->at == NULL) { /* nothing is added to nothing */
        *ret_at = NULL;
    } else if (e == ERR_OK) {
        *ret_at = b->at + b->len;
        b->len += len;
    }
    return e;
}

enum err buf_append(struct buf *b, struct span bytes)
{
    uint8_t *at;
    if (bytes.len == 0) {
        return ERR_OK;
    }
    enum err e = buf_extend(b, bytes.len, &at);
    if (e == ERR_OK && at != NULL) {
        memcpy(at, bytes.at, bytes.len);
    }
    return e;
}

enum err buf_append_str(struct buf *b, const char *text)
{
    return buf_append(b, span_str(text));
}

static enum err append_be(struct buf *b, uint64_t value, size_t width)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < width; i++) {
        bytes[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
    }
    return buf_append(b, span_of(bytes, width));
}

enum err buf_append_u8(struct buf *b, uint8_t value)
{
    return append_be(b, value, 1);
}

enum err buf_append_u16be(struct buf *b, uint16_t value)
{
    return append_be(b, value, 2);
}

enum err buf_append_u32be(struct buf *b, uint32_t value)
{
    return append_be(b, value, 4);
}

enum err buf_append_u64be(struct buf *b, uint64_t value)
{
    return append_be(b, value, 8);
}

void buf_truncate(struct buf *b, size_t len)
{
    if (len < b->len) {
        wipe(b->at + len, b->len - len);
        b->len = len;
    }
}

void buf_consume(struct buf *b, size_t n)
{
    if (n == 0) {
        return;
    }
    memmove(b->at, b->at + n, b->len - n);
    buf_truncate(b, b->len - n);
}

struct span buf_span(const struct buf *b)
{
    return span_of(b->at, b->len);
}

void buf_move(struct buf *to, struct buf *take_from)
{
    buf_clear(to);
    *to = *take_from;
    buf_init(take_from, take_from->max);
}
