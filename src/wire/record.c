#include "wire/record.h"

#define HEADER 5u /* tag, length */

void record_write_open(struct record_writer *w, struct buf *out)
{
    *w = (struct record_writer){out, out->len, ERR_OK};
}

static void put_header(struct record_writer *w, uint8_t tag, size_t len)
{
    if (w->err == ERR_OK && len > UINT32_MAX) {
        w->err = ERR_TOO_LARGE;
    }
    if (w->err == ERR_OK) {
        w->err = buf_append_u8(w->out, tag);
    }
    if (w->err == ERR_OK) {
        w->err = buf_append_u32be(w->out, (uint32_t)len);
    }
}

void record_put_u64(struct record_writer *w, uint8_t tag, uint64_t value)
{
    put_header(w, tag, sizeof value);
    if (w->err == ERR_OK) {
        w->err = buf_append_u64be(w->out, value);
    }
}

void record_put_i64(struct record_writer *w, uint8_t tag, int64_t value)
{
    record_put_u64(w, tag, (uint64_t)value);
}

void record_put_span(struct record_writer *w, uint8_t tag, struct span value)
{
    put_header(w, tag, value.len);
    if (w->err == ERR_OK) {
        w->err = buf_append(w->out, value);
    }
}

size_t record_begin(struct record_writer *w, uint8_t tag)
{
    put_header(w, tag, 0);
    return w->out->len;
}

void record_end(struct record_writer *w, size_t mark)
{
    if (w->err != ERR_OK) {
        return;
    }
    size_t len = w->out->len - mark;
    if (len > UINT32_MAX) {
        w->err = ERR_TOO_LARGE;
        return;
    }
    for (size_t i = 0; i < 4; i++) {
        w->out->at[mark - 1 - i] = (uint8_t)(len >> (8 * i));
    }
}

enum err record_write_close(struct record_writer *w)
{
    if (w->err != ERR_OK) {
        buf_truncate(w->out, w->start);
    }
    return w->err;
}

void record_read_open(struct record_reader *r, struct span record)
{
    *r = (struct record_reader){record, ERR_OK};
}

void record_fail(struct record_reader *r)
{
    *r = (struct record_reader){span_of(NULL, 0), ERR_MALFORMED};
}

static uint64_t read_be(const uint8_t *at, size_t width)
{
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++) {
        value = value << 8 | at[i];
    }
    return value;
}

bool record_next_is(const struct record_reader *r, uint8_t tag)
{
    return r->err == ERR_OK && r->rest.len >= HEADER && r->rest.at[0] == tag;
}

struct span record_take_span(struct record_reader *r, uint8_t tag, size_t min, size_t max)
{
    if (!record_next_is(r, tag)) {
        record_fail(r);
        return span_of(NULL, 0);
    }
    size_t len = (size_t)read_be(r->rest.at + 1, 4);
    if (len > r->rest.len - HEADER || len < min || len > max) {
        record_fail(r);
        return span_of(NULL, 0);
    }
    struct span value = span_sub(r->rest, HEADER, len);
    r->rest = span_sub(r->rest, HEADER + len, r->rest.len);
    return value;
}

uint64_t record_take_u64(struct record_reader *r, uint8_t tag, uint64_t min, uint64_t max)
{
    struct span bytes = record_take_span(r, tag, sizeof(uint64_t), sizeof(uint64_t));
    if (r->err != ERR_OK) {
        return min;
    }
    uint64_t value = read_be(bytes.at, bytes.len);
    if (value < min || value > max) {
        record_fail(r);
        return min;
    }
    return value;
}

int64_t record_take_i64(struct record_reader *r, uint8_t tag, int64_t min, int64_t max)
{
    uint64_t raw = record_take_u64(r, tag, 0, UINT64_MAX);
    /* Two's complement without the implementation-defined conversion of C11 6.3.1.3. */
    int64_t value = raw <= INT64_MAX ? (int64_t)raw : -(int64_t)(UINT64_MAX - raw) - 1;
    if (r->err != ERR_OK || value < min || value > max) {
        record_fail(r);
        return min;
    }
    return value;
}

bool record_take_bool(struct record_reader *r, uint8_t tag)
{
    return record_take_u64(r, tag, 0, 1) == 1;
}

struct record_reader record_enter(struct record_reader *r, uint8_t tag)
{
    struct record_reader inner;
    record_read_open(&inner, record_take_span(r, tag, 0, SIZE_MAX));
    inner.err = r->err;
    return inner;
}

void record_leave(struct record_reader *r, const struct record_reader *inner)
{
    if (record_read_close(inner) != ERR_OK) {
        record_fail(r);
    }
}

enum err record_read_close(const struct record_reader *r)
{
    return r->err == ERR_OK && r->rest.len == 0 ? ERR_OK : ERR_MALFORMED;
}
