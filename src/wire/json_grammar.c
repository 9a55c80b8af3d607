#include "wire/json_grammar.h"

#include "base/limits.h"
#include "base/utf8.h"

struct cursor {
    struct span text;
    size_t at;
    uint8_t closers[LIMIT_JSON_DEPTH]; /* of what is open: '}' or ']' */
    size_t depth;
};

static bool take(struct cursor *c, uint8_t byte)
{
    if (c->at < c->text.len && c->text.at[c->at] == byte) {
        c->at++;
        return true;
    }
    return false;
}

static void skip_space(struct cursor *c)
{
    while (take(c, ' ') || take(c, '\t') || take(c, '\n') || take(c, '\r')) {
    }
}

static bool scan_digits(struct cursor *c)
{
    size_t start = c->at;
    while (c->at < c->text.len && c->text.at[c->at] >= '0' && c->text.at[c->at] <= '9') {
        c->at++;
    }
    return c->at > start;
}

/* RFC 8259 §6. */
static bool scan_number(struct cursor *c)
{
    take(c, '-');
    if (!take(c, '0') && !scan_digits(c)) {
        return false;
    }
    if (take(c, '.') && !scan_digits(c)) {
        return false;
    }
    if (take(c, 'e') || take(c, 'E')) {
        if (!take(c, '+')) {
            take(c, '-');
        }
        return scan_digits(c);
    }
    return true;
}

static bool scan_word(struct cursor *c, const char *word)
{
    struct span found = span_sub(c->text, c->at, strlen(word));
    c->at += found.len;
    return span_is(found, word);
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits of \uXXXX. */
static bool scan_unit(struct cursor *c, uint32_t *ret_unit)
{
    struct span digits = span_sub(c->text, c->at, 4);
    uint32_t unit = 0;
    for (size_t i = 0; i < digits.len; i++) {
        int value = hex_value(digits.at[i]);
        if (value < 0) {
            return false;
        }
        unit = unit << 4 | (uint32_t)value;
    }
    c->at += digits.len;
    *ret_unit = unit;
    return digits.len == 4;
}

/* One escape, after its backslash. */
static bool scan_escape(struct cursor *c, uint32_t *ret_point)
{
    static const char names[] = "\"\\/bfnrt";
    static const uint8_t points[] = {'"', '\\', '/', '\b', '\f', '\n', '\r', '\t'};
    uint32_t high;
    uint32_t low;
    for (size_t i = 0; i < sizeof points; i++) {
        if (take(c, (uint8_t)names[i])) {
            *ret_point = points[i];
            return true;
        }
    }
    if (!take(c, 'u') || !scan_unit(c, &high) || high == 0) {
        return false;
    }
    if (high < 0xD800 || high > 0xDFFF) {
        *ret_point = high;
        return true;
    }
    if (high > 0xDBFF || !take(c, '\\') || !take(c, 'u') || !scan_unit(c, &low) || low < 0xDC00 ||
        low > 0xDFFF) {
        return false;
    }
    *ret_point = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

static bool scan_string(struct cursor *c)
{
    uint32_t point;
    if (!take(c, '"')) {
        return false;
    }
    while (c->at < c->text.len) {
        uint8_t byte = c->text.at[c->at++];
        if (byte == '"') {
            return true;
        }
        if (byte < 0x20 || (byte == '\\' && !scan_escape(c, &point))) {
            return false;
        }
    }
    return false;
}

static bool scan_scalar(struct cursor *c)
{
    switch (c->at < c->text.len ? c->text.at[c->at] : 0) {
    case '"':
        return scan_string(c);
    case 't':
        return scan_word(c, "true");
    case 'f':
        return scan_word(c, "false");
    case 'n':
        return scan_word(c, "null");
    default:
        return scan_number(c);
    }
}

static bool scan_key(struct cursor *c)
{
    skip_space(c);
    if (c->depth == 0 || c->closers[c->depth - 1] != '}') {
        return true;
    }
    if (!scan_string(c)) {
        return false;
    }
    skip_space(c);
    if (!take(c, ':')) {
        return false;
    }
    skip_space(c);
    return true;
}

/* Ends what is open as long as brackets close it. */
static void close_all(struct cursor *c)
{
    skip_space(c);
    while (c->depth > 0 && take(c, c->closers[c->depth - 1])) {
        c->depth--;
        skip_space(c);
    }
}

/* True when a bracket opens here; *ret_fits is false when it opens one too many. */
static bool open_one(struct cursor *c, bool *ret_fits)
{
    uint8_t closer = take(c, '{') ? '}' : take(c, '[') ? ']' : 0;
    if (closer == 0) {
        return false;
    }
    *ret_fits = c->depth < LIMIT_JSON_DEPTH;
    if (*ret_fits) {
        c->closers[c->depth++] = closer;
    }
    return true;
}

static bool scan_text(struct cursor *c)
{
    bool fits = true;
    while (scan_key(c)) {
        if (open_one(c, &fits)) {
            size_t depth = c->depth;
            if (!fits) {
                return false;
            }
            close_all(c);
            if (c->depth == depth) {
                continue; /* not empty: the first element comes */
            }
        } else if (!scan_scalar(c)) {
            return false;
        }
        close_all(c);
        if (c->depth == 0) {
            return c->at == c->text.len;
        }
        if (!take(c, ',')) {
            return false;
        }
    }
    return false;
}

enum err json_grammar_check(struct span text)
{
    struct cursor c = {.text = text};
    return scan_text(&c) && utf8_valid(text) ? ERR_OK : ERR_MALFORMED;
}

static size_t put_utf8(uint32_t point, uint8_t *to)
{
    if (point < 0x80) {
        to[0] = (uint8_t)point;
        return 1;
    }
    size_t more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const uint8_t leads[] = {0, 0xC0, 0xE0, 0xF0};
    to[0] = (uint8_t)(leads[more] | point >> (6 * more));
    for (size_t i = 1; i <= more; i++) {
        to[i] = (uint8_t)(0x80 | (point >> (6 * (more - i)) & 0x3F));
    }
    return more + 1;
}

size_t json_grammar_unescape(struct span inner, uint8_t *to)
{
    struct cursor c = {.text = inner};
    size_t n = 0;
    while (c.at < inner.len) {
        uint32_t point = 0xFFFD;
        if (take(&c, '\\') && scan_escape(&c, &point)) {
            n += put_utf8(point, to + n); /* an escape is longer than what it means */
        } else {
            to[n++] = inner.at[c.at++];
        }
    }
    return n;
}
