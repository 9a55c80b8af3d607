#include "base/utf8.h"

/* Length of the sequence that starts with `lead`, its smallest code point, and the lead's bits. */
static size_t sequence(uint8_t lead, uint32_t *ret_min, uint32_t *ret_bits)
{
    static const struct {
        uint8_t mask, value;
        size_t len;
        uint32_t min;
    } rows[] = {
        {0x80, 0x00, 1, 0},
        {0xE0, 0xC0, 2, 0x80},
        {0xF0, 0xE0, 3, 0x800},
        {0xF8, 0xF0, 4, 0x10000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((lead & rows[i].mask) == rows[i].value) {
            *ret_min = rows[i].min;
            *ret_bits = lead & (uint8_t)~rows[i].mask;
            return rows[i].len;
        }
    }
    return 0;
}

/* Bytes used by the first code point, 0 when it is not valid. */
static size_t decode(struct span text, uint32_t *ret_point)
{
    uint32_t min;
    uint32_t point;
    size_t len = sequence(text.at[0], &min, &point);
    if (len == 0 || len > text.len) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if ((text.at[i] & 0xC0) != 0x80) {
            return 0;
        }
        point = point << 6 | (text.at[i] & 0x3F);
    }
    if (point < min || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
        return 0;
    }
    *ret_point = point;
    return len;
}

bool utf8_valid(struct span text)
{
    uint32_t point;
    size_t at = 0;
    while (at < text.len) {
        /* Documents come in base64: runs of ASCII are nearly all there is. */
        size_t n = text.at[at] < 0x80 ? 1 : decode(span_sub(text, at, text.len), &point);
        if (n == 0) {
            return false;
        }
        at += n;
    }
    return true;
}

uint32_t utf8_next(struct span *text)
{
    uint32_t point = 0xFFFD;
    size_t n = decode(*text, &point);
    *text = span_sub(*text, n > 0 ? n : 1, text->len);
    return point;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029;
}

/* Unicode general categories Cf, Co and the noncharacters, as ranges: none of them has a glyph. */
static bool is_invisible(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x0600, 0x0605},    {0x061C, 0x061C},
        {0x06DD, 0x06DD},   {0x070F, 0x070F},   {0x115F, 0x1160},    {0x17B4, 0x17B5},
        {0x180B, 0x180F},   {0x200B, 0x200F},   {0x202A, 0x202E},    {0x2060, 0x206F},
        {0x3164, 0x3164},   {0xE000, 0xF8FF},   {0xFDD0, 0xFDEF},    {0xFE00, 0xFE0F},
        {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},    {0xFFFE, 0xFFFF},
        {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0x10FFFF},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (c >= ranges[i].first && c <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

enum err utf8_append_safe(struct buf *out, struct span text)
{
    enum err e = ERR_OK;
    bool space = false;
    while (e == ERR_OK && text.len > 0) {
        struct span start = text;
        uint32_t c = utf8_next(&text);
        if (is_control(c)) {
            if (!space) {
                e = buf_append_str(out, " ");
            }
            space = true;
        } else if (!is_invisible(c)) {
            e = buf_append(out, span_of(start.at, start.len - text.len));
            space = c == ' ';
        }
    }
    return e;
}
