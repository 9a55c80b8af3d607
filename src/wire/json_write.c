#include "wire/json_write.h"

#include "base/enc.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>

void json_write_open(struct json_writer *w, struct buf *out, size_t max)
{
    *w = (struct json_writer){out, out->len, max, ERR_OK, false};
}

enum err json_write_close(struct json_writer *w)
{
    if (w->err == ERR_OK && w->out->len - w->start > w->max) {
        w->err = ERR_TOO_LARGE;
    }
    if (w->err != ERR_OK) {
        buf_truncate(w->out, w->start);
    }
    return w->err;
}

static void put(struct json_writer *w, struct span bytes)
{
    if (w->err == ERR_OK) {
        w->err = buf_append(w->out, bytes);
    }
}

static void put_str(struct json_writer *w, const char *text)
{
    put(w, span_str(text));
}

/* RFC 8259 §7: the quote, the backslash and U+0000 to U+001F must be escaped. */
static void put_quoted(struct json_writer *w, struct span text)
{
    static const char digits[] = "0123456789abcdef";
    size_t from = 0;
    put_str(w, "\"");
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        const char unit[] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
        const char pair[] = {'\\', (char)c};
        put(w, span_sub(text, from, i - from));
        put(w, c < 0x20 ? span_of(unit, sizeof unit) : span_of(pair, sizeof pair));
        from = i + 1;
    }
    put(w, span_sub(text, from, text.len));
    put_str(w, "\"");
}

/* The comma and the name that come before a value. */
static void put_start(struct json_writer *w, const char *name)
{
    if (w->comma) {
        put_str(w, ",");
    }
    if (name != NULL) {
        put_quoted(w, span_str(name));
        put_str(w, ":");
    }
    w->comma = true;
}

static void begin(struct json_writer *w, const char *name, const char *bracket)
{
    put_start(w, name);
    put_str(w, bracket);
    w->comma = false;
}

static void end(struct json_writer *w, const char *bracket)
{
    put_str(w, bracket);
    w->comma = true;
}

void json_begin_object(struct json_writer *w, const char *name)
{
    begin(w, name, "{");
}

void json_end_object(struct json_writer *w)
{
    end(w, "}");
}

void json_begin_array(struct json_writer *w, const char *name)
{
    begin(w, name, "[");
}

void json_end_array(struct json_writer *w)
{
    end(w, "]");
}

void json_put_string(struct json_writer *w, const char *name, struct span text)
{
    if (w->err == ERR_OK && !utf8_valid(text)) {
        w->err = ERR_MALFORMED;
    }
    put_start(w, name);
    put_quoted(w, text);
}

void json_put_text(struct json_writer *w, const char *name, const char *text)
{
    json_put_string(w, name, span_str(text));
}

void json_put_base64(struct json_writer *w, const char *name, struct span bytes)
{
    put_start(w, name);
    put_str(w, "\"");
    if (w->err == ERR_OK && bytes.len > 0) {
        w->err = enc_base64_encode(bytes, w->out);
    }
    put_str(w, "\"");
}

void json_put_integer(struct json_writer *w, const char *name, int64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, value);
    put_start(w, name);
    put_str(w, digits);
}

void json_put_bool(struct json_writer *w, const char *name, bool value)
{
    put_start(w, name);
    put_str(w, value ? "true" : "false");
}

void json_put_raw(struct json_writer *w, const char *name, struct span json)
{
    put_start(w, name);
    put(w, json.len > 0 ? json : span_str("null"));
}
