#include "der.h"

static enum err put_length(struct buf *out, size_t len)
{
    if (len < 0x80) {
        return buf_append_u8(out, (uint8_t)len);
    }
    enum err e = buf_append_u8(out, len > 0xFF ? 0x82 : 0x81);
    if (e != ERR_OK) {
        return e;
    }
    return len > 0xFF ? buf_append_u16be(out, (uint16_t)len) : buf_append_u8(out, (uint8_t)len);
}

enum err der_put(struct buf *out, uint8_t tag, struct span body)
{
    enum err e = buf_append_u8(out, tag);
    if (e == ERR_OK) {
        e = put_length(out, body.len);
    }
    return e == ERR_OK ? buf_append(out, body) : e;
}

enum err der_put_uint(struct buf *out, uint8_t tag, unsigned value)
{
    uint8_t bytes[5] = {0, (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                        (uint8_t)value};
    size_t from = 0;
    /* Shortest two's complement: a leading 00 stays only before a set top bit. */
    while (from < 4 && bytes[from] == 0 && bytes[from + 1] < 0x80) {
        from++;
    }
    return der_put(out, tag, span_of(bytes + from, sizeof bytes - from));
}

enum err der_put_text(struct buf *out, uint8_t tag, const char *text)
{
    return der_put(out, tag, span_str(text));
}

enum err der_wrap(struct buf *out, uint8_t tag, struct buf *inner)
{
    enum err e = der_put(out, tag, buf_span(inner));
    buf_truncate(inner, 0);
    return e;
}
