#include "base/enc.h"

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* 64 and more: not a digit. */
static uint32_t base64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26u;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52u;
    }
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/* Four characters of which n_digits are digits, into n_digits - 1 bytes. */
static bool decode_quad(const uint8_t *in, size_t n_digits, uint8_t *to)
{
    uint32_t bits = 0;
    uint32_t bad = 0;
    for (size_t i = 0; i < 4; i++) {
        uint32_t value = i < n_digits ? base64_value(in[i]) : 0;
        bad |= value & 64;
        bits = bits << 6 | value;
    }
    for (size_t i = 0; i + 1 < n_digits; i++) {
        to[i] = (uint8_t)(bits >> (16 - 8 * i));
    }
    /* Unused bits must be zero, or two texts would mean the same bytes. */
    return bad == 0 && (n_digits == 4 || (bits & ((1u << 8 * (4 - n_digits)) - 1)) == 0);
}

enum err enc_base64_decode(struct span text, struct buf *out)
{
    uint8_t *to;
    size_t start = out->len;
    size_t padding = 0;
    if (text.len % 4 != 0) {
        return ERR_ARGUMENT;
    }
    if (text.len > 0 && text.at[text.len - 1] == '=') {
        padding = text.at[text.len - 2] == '=' ? 2 : 1;
    }
    enum err e = buf_extend(out, text.len / 4 * 3 - padding, &to);
    for (size_t i = 0; e == ERR_OK && i < text.len; i += 4) {
        size_t n_digits = i + 4 < text.len ? 4 : 4 - padding;
        if (!decode_quad(text.at + i, n_digits, to + i / 4 * 3)) {
            e = ERR_ARGUMENT;
            buf_truncate(out, start);
        }
    }
    return e;
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
