#include "wire/frame.h"

#include "base/limits.h"

/* What one read may bring beyond the frame that it completes; see frame_reader_init. */
#define SLACK (64u * 1024)

void frame_reader_init(struct frame_reader *r, uint32_t max)
{
    r->max = max < LIMIT_IPC ? max : LIMIT_IPC;
    buf_init(&r->bytes, (size_t)2 * (FRAME_HEADER + r->max) + SLACK);
}

void frame_reader_clear(struct frame_reader *r)
{
    buf_clear(&r->bytes);
}

uint32_t frame_length(const uint8_t *header)
{
    uint32_t len;
    memcpy(&len, header, sizeof len);
    return len;
}

/* A stream that has failed once holds nothing more, and with max 0 it fails for ever. */
static enum err fail(struct frame_reader *r, enum err e)
{
    buf_clear(&r->bytes);
    r->max = 0;
    return e;
}

static enum err check_header(struct frame_reader *r)
{
    if (r->bytes.len < FRAME_HEADER) {
        return ERR_OK;
    }
    uint32_t len = frame_length(r->bytes.at);
    if (len > r->max) {
        return fail(r, ERR_TOO_LARGE);
    }
    return len == 0 ? fail(r, ERR_MALFORMED) : ERR_OK;
}

enum err frame_reader_feed(struct frame_reader *r, struct span bytes)
{
    size_t head = r->bytes.len < FRAME_HEADER ? FRAME_HEADER - r->bytes.len : 0;
    enum err e = buf_append(&r->bytes, span_sub(bytes, 0, head));
    if (e == ERR_OK && head > 0) {
        e = check_header(r);
    }
    if (e == ERR_OK) {
        e = buf_append(&r->bytes, span_sub(bytes, head, bytes.len));
    }
    return e == ERR_OK ? ERR_OK : fail(r, e);
}

bool frame_reader_has(const struct frame_reader *r, struct span *ret_body)
{
    if (r->bytes.len < FRAME_HEADER) {
        return false;
    }
    size_t len = frame_length(r->bytes.at);
    if (r->bytes.len - FRAME_HEADER < len) {
        return false;
    }
    *ret_body = span_sub(buf_span(&r->bytes), FRAME_HEADER, len);
    return true;
}

enum err frame_reader_next(struct frame_reader *r)
{
    struct span body;
    if (!frame_reader_has(r, &body)) {
        return ERR_OK;
    }
    if (r->bytes.len == FRAME_HEADER + body.len) {
        buf_clear(&r->bytes); /* gives the memory of a large message back */
        return ERR_OK;
    }
    buf_consume(&r->bytes, FRAME_HEADER + body.len);
    return check_header(r);
}

enum err frame_append(struct buf *out, struct span body)
{
    uint32_t len = (uint32_t)body.len;
    size_t start = out->len;
    if (body.len > UINT32_MAX) {
        return ERR_TOO_LARGE;
    }
    if (body.len == 0) {
        return ERR_MALFORMED;
    }
    enum err e = buf_append(out, span_of(&len, sizeof len));
    if (e == ERR_OK) {
        e = buf_append(out, body);
    }
    if (e != ERR_OK) {
        buf_truncate(out, start);
    }
    return e;
}
