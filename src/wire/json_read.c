#include "wire/json_read.h"

#include "base/enc.h"
#include "base/limits.h"
#include "wire/json_grammar.h"

#include <stdlib.h>

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#endif
#include <jsmn.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

struct json {
    struct span text;
    size_t n;
    jsmntok_t tokens[LIMIT_JSON_TOKENS];
};

/* What stands in the text for the node; a string without its quotes. */
static struct span raw(const struct json *j, size_t node)
{
    const jsmntok_t *t = &j->tokens[node];
    return span_of(j->text.at + t->start, (size_t)(t->end - t->start));
}

static bool is_child(const struct json *j, size_t node, size_t parent)
{
    return j->tokens[node].parent == (int)parent;
}

static bool is_inside(const struct json *j, size_t node, size_t outer)
{
    return node < j->n && j->tokens[node].start < j->tokens[outer].end;
}

static bool has_escape(struct span text)
{
    return text.len > 0 && memchr(text.at, '\\', text.len) != NULL;
}

/* `to` has LIMIT_JSON_KEY bytes: no key is longer (check_object), and unescaping makes none longer.
 * Only keys may be given; what is longer can't be one and stays as it is written. */
static struct span key_text(const struct json *j, size_t key, uint8_t *to)
{
    struct span text = raw(j, key);
    bool decode = has_escape(text) && text.len <= LIMIT_JSON_KEY;
    return decode ? span_of(to, json_grammar_unescape(text, to)) : text;
}

static bool is_among(const struct json *j, const size_t *keys, size_t n, struct span text)
{
    uint8_t other[LIMIT_JSON_KEY];
    for (size_t i = 0; i < n; i++) {
        if (span_eq(key_text(j, keys[i], other), text)) {
            return true;
        }
    }
    return false;
}

static enum err check_object(const struct json *j, size_t object)
{
    size_t keys[LIMIT_JSON_MEMBERS];
    size_t n = 0;
    uint8_t text[LIMIT_JSON_KEY];
    for (size_t i = object + 1; is_inside(j, i, object); i++) {
        if (!is_child(j, i, object)) {
            continue;
        }
        if (n == LIMIT_JSON_MEMBERS || raw(j, i).len > LIMIT_JSON_KEY) {
            return ERR_TOO_LARGE;
        }
        if (is_among(j, keys, n, key_text(j, i, text))) {
            return ERR_MALFORMED;
        }
        keys[n++] = i;
    }
    return ERR_OK;
}

static enum err tokenize(struct json *j)
{
    jsmn_parser parser;
    jsmn_init(&parser);
    int n =
        jsmn_parse(&parser, (const char *)j->text.at, j->text.len, j->tokens, LIMIT_JSON_TOKENS);
    if (n == JSMN_ERROR_NOMEM) {
        return ERR_TOO_LARGE;
    }
    if (n < 1) {
        return ERR_MALFORMED;
    }
    j->n = (size_t)n;
    for (size_t i = 0; i < j->n; i++) {
        enum err e = j->tokens[i].type == JSMN_OBJECT ? check_object(j, i) : ERR_OK;
        if (e != ERR_OK) {
            return e;
        }
    }
    return ERR_OK;
}

/* The text has passed the grammar: its first byte tells its kind. */
static bool is_object_text(struct span text)
{
    size_t at = 0;
    while (strchr(" \t\r\n", text.at[at]) != NULL) {
        at++;
    }
    return text.at[at] == '{';
}

enum err json_open(struct span text, struct json **ret)
{
    if (text.len > LIMIT_MESSAGE) {
        return ERR_TOO_LARGE;
    }
    enum err e = json_grammar_check(text);
    if (e != ERR_OK) {
        return e;
    }
    if (!is_object_text(text)) {
        return ERR_REQUEST_INVALID;
    }
    struct json *j = malloc(sizeof *j);
    if (j == NULL) {
        return ERR_NOMEM;
    }
    j->text = text;
    e = tokenize(j);
    if (e != ERR_OK) {
        json_close(&j);
        return e;
    }
    *ret = j;
    return ERR_OK;
}

void json_close(struct json **j)
{
    free(*j);
    *j = NULL;
}

static enum json_kind kind_of(const struct json *j, size_t node)
{
    static const enum json_kind kinds[] = {
        [JSMN_OBJECT] = JSON_OBJECT, [JSMN_ARRAY] = JSON_ARRAY, [JSMN_STRING] = JSON_STRING};
    if (j->tokens[node].type != JSMN_PRIMITIVE) {
        return kinds[j->tokens[node].type];
    }
    uint8_t first = raw(j, node).at[0];
    return first == 'n' ? JSON_NULL : first == 't' || first == 'f' ? JSON_BOOL : JSON_NUMBER;
}

static bool is_kind(const struct json *j, size_t node, enum json_kind kind)
{
    return node < j->n && kind_of(j, node) == kind;
}

enum json_kind json_kind(const struct json *j, size_t node)
{
    return node < j->n ? kind_of(j, node) : JSON_NULL;
}

size_t json_member(const struct json *j, size_t object, const char *name)
{
    uint8_t text[LIMIT_JSON_KEY];
    if (!is_kind(j, object, JSON_OBJECT)) {
        return JSON_ABSENT;
    }
    for (size_t i = object + 1; is_inside(j, i, object); i++) {
        if (is_child(j, i, object) && span_is(key_text(j, i, text), name)) {
            return i + 1;
        }
    }
    return JSON_ABSENT;
}

bool json_has_only(const struct json *j, size_t object, const char *const names[])
{
    uint8_t text[LIMIT_JSON_KEY];
    if (!is_kind(j, object, JSON_OBJECT)) {
        return false;
    }
    for (size_t i = object + 1; is_inside(j, i, object); i++) {
        size_t k = 0;
        if (!is_child(j, i, object)) {
            continue;
        }
        struct span key = key_text(j, i, text);
        while (names[k] != NULL && !span_is(key, names[k])) {
            k++;
        }
        if (names[k] == NULL) {
            return false;
        }
    }
    return true;
}

size_t json_first_key(const struct json *j, size_t object)
{
    return is_kind(j, object, JSON_OBJECT) && j->tokens[object].size > 0 ? object + 1 : JSON_ABSENT;
}

size_t json_next_key(const struct json *j, size_t key)
{
    size_t i = json_value(j, key) + 1;
    while (is_inside(j, i, json_value(j, key))) {
        i++;
    }
    return i < j->n && j->tokens[i].parent == j->tokens[key].parent ? i : JSON_ABSENT;
}

size_t json_value(const struct json *j, size_t key)
{
    (void)j;
    return key + 1;
}

size_t json_count(const struct json *j, size_t array)
{
    return is_kind(j, array, JSON_ARRAY) ? (size_t)j->tokens[array].size : 0;
}

size_t json_first(const struct json *j, size_t array)
{
    return json_count(j, array) > 0 ? array + 1 : JSON_ABSENT;
}

size_t json_next(const struct json *j, size_t element)
{
    size_t i = element + 1;
    while (is_inside(j, i, element)) {
        i++;
    }
    return i < j->n && j->tokens[i].parent == j->tokens[element].parent ? i : JSON_ABSENT;
}

/* Appends the text that `inner` means. */
static enum err append_unescaped(struct span inner, struct buf *out)
{
    uint8_t *to;
    size_t start = out->len;
    if (!has_escape(inner)) {
        return buf_append(out, inner);
    }
    enum err e = buf_extend(out, inner.len, &to);
    if (e == ERR_OK) {
        buf_truncate(out, start + json_grammar_unescape(inner, to));
    }
    return e;
}

enum err json_string(const struct json *j, size_t node, size_t min, size_t max, struct buf *store,
                     struct span *ret)
{
    size_t start = store->len;
    /* No byte takes more than the six of \u00XX, so nothing longer is even copied. */
    if (!is_kind(j, node, JSON_STRING) || raw(j, node).len / 6 > max) {
        return ERR_ARGUMENT;
    }
    enum err e = append_unescaped(raw(j, node), store);
    size_t len = store->len - start;
    if (e == ERR_OK && (len < min || len > max)) {
        buf_truncate(store, start);
        e = ERR_ARGUMENT;
    }
    if (e == ERR_OK) {
        *ret = span_sub(buf_span(store), start, len);
    }
    return e;
}

enum err json_base64(const struct json *j, size_t node, size_t min, size_t max, struct buf *store,
                     struct span *ret)
{
    struct buf plain;
    size_t start = store->len;
    if (!is_kind(j, node, JSON_STRING)) {
        return ERR_ARGUMENT;
    }
    struct span text = raw(j, node);
    enum err e = ERR_OK;
    buf_init(&plain, text.len);
    if (has_escape(text)) { /* some encoders write "/" as "\/" */
        e = append_unescaped(text, &plain);
        text = buf_span(&plain);
    }
    if (e == ERR_OK) {
        e = enc_base64_decode(text, store);
    }
    buf_clear(&plain);
    size_t len = store->len - start;
    if (e == ERR_OK && (len < min || len > max)) {
        buf_truncate(store, start);
        e = ERR_ARGUMENT;
    }
    if (e == ERR_OK) {
        *ret = span_sub(buf_span(store), start, len);
    }
    return e;
}

enum err json_integer(const struct json *j, size_t node, int64_t min, int64_t max, int64_t *ret)
{
    if (!is_kind(j, node, JSON_NUMBER)) {
        return ERR_ARGUMENT;
    }
    struct span digits = raw(j, node);
    bool minus = digits.at[0] == '-';
    digits = span_sub(digits, minus ? 1 : 0, digits.len);
    int64_t value = 0;
    /* 18 digits fit an int64_t. */
    if (digits.len == 0 || digits.len > 18 || (minus && digits.at[0] == '0')) {
        return ERR_ARGUMENT;
    }
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9') {
            return ERR_ARGUMENT;
        }
        value = value * 10 + (digits.at[i] - '0');
    }
    value = minus ? -value : value;
    if (value < min || value > max) {
        return ERR_ARGUMENT;
    }
    *ret = value;
    return ERR_OK;
}

enum err json_bool(const struct json *j, size_t node, bool *ret)
{
    if (!is_kind(j, node, JSON_BOOL)) {
        return ERR_ARGUMENT;
    }
    *ret = raw(j, node).at[0] == 't';
    return ERR_OK;
}
