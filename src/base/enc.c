#include "base/enc.h"

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int base64_value(uint8_t c)
{
    const char *at = c == '\0' ? NULL : strchr(base64_digits, c);
    return at == NULL ? -1 : (int)(at - base64_digits);
}

static enum err decode_quad(const uint8_t *in, size_t n_digits, struct buf *out)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        int value = i < n_digits ? base64_value(in[i]) : 0;
        if (value < 0) {
            return ERR_ARGUMENT;
        }
        bits = bits << 6 | (uint32_t)value;
    }
    const uint8_t bytes[3] = {(uint8_t)(bits >> 16), (uint8_t)(bits >> 8), (uint8_t)bits};
    size_t n_bytes = n_digits - 1;
    for (size_t i = n_bytes; i < 3; i++) {
        if (bytes[i] != 0) { /* unused bits must be zero, or two texts would mean the same bytes */
            return ERR_ARGUMENT;
        }
    }
    return buf_append(out, span_of(bytes, n_bytes));
}

enum err enc_base64_decode(struct span text, struct buf *out)
{
    size_t start = out->len;
    if (text.len % 4 != 0) {
        return ERR_ARGUMENT;
    }
    for (size_t i = 0; i < text.len; i += 4) {
        size_t n_digits = 4;
        if (i + 4 == text.len && text.at[i + 3] == '=') {
            n_digits = text.at[i + 2] == '=' ? 2 : 3;
        }
        enum err e = decode_quad(text.at + i, n_digits, out);
        if (e != ERR_OK) {
            buf_truncate(out, start);
            return e;
        }
    }
    return ERR_OK;
}

enum err enc_base64_encode(struct span bytes, struct buf *out)
{
    uint8_t *to;
    enum err e = buf_extend(out, (bytes.len + 2) / 3 * 4, &to);
    if (e != ERR_OK) {
        return e;
    }
    for (size_t i = 0; i < bytes.len; i += 3, to += 4) {
        size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t bits = (uint32_t)bytes.at[i] << 16;
        bits |= n > 1 ? (uint32_t)bytes.at[i + 1] << 8 : 0;
        bits |= n > 2 ? bytes.at[i + 2] : 0;
        for (size_t k = 0; k < 4; k++) {
            to[k] = k <= n ? (uint8_t)base64_digits[bits >> (18 - 6 * k) & 63] : '=';
        }
    }
    return ERR_OK;
}

enum err enc_hex_encode(struct span bytes, struct buf *out)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t *to;
    enum err e = buf_extend(out, bytes.len * 2, &to);
    if (e != ERR_OK) {
        return e;
    }
    for (size_t i = 0; i < bytes.len; i++) {
        to[2 * i] = (uint8_t)digits[bytes.at[i] >> 4];
        to[2 * i + 1] = (uint8_t)digits[bytes.at[i] & 15];
    }
    return ERR_OK;
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (uint8_t)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum err enc_hex_decode(struct span text, struct buf *out)
{
    uint8_t *to;
    size_t start = out->len;
    if (text.len % 2 != 0) {
        return ERR_ARGUMENT;
    }
    enum err e = buf_extend(out, text.len / 2, &to);
    for (size_t i = 0; e == ERR_OK && i < text.len; i += 2) {
        int high = hex_value(text.at[i]);
        int low = hex_value(text.at[i + 1]);
        if (high < 0 || low < 0) {
            buf_truncate(out, start);
            return ERR_ARGUMENT;
        }
        to[i / 2] = (uint8_t)(high << 4 | low);
    }
    return e;
}
