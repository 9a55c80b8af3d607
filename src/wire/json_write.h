/* Writes JSON; the only file that does. Errors stay until the end, so that an encoder reads like
 * the text that it makes. `name` is the member's name in an object, NULL in an array. */
#ifndef WIRE_JSON_WRITE_H
#define WIRE_JSON_WRITE_H

#include "base/buf.h"

struct json_writer {
    struct buf *out; /* borrowed */
    size_t start;
    size_t max;
    enum err err;
    bool comma; /* something stands before in what is open */
};

/* Appends one JSON text of at most `max` bytes to `out`. */
void json_write_open(struct json_writer *w, struct buf *out, size_t max);
/* ERR_OK, or the first error (ERR_TOO_LARGE, ERR_NOMEM, ERR_MALFORMED); `out` is then as before. */
enum err json_write_close(struct json_writer *w) MUST_CHECK;

void json_begin_object(struct json_writer *w, const char *name);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w, const char *name);
void json_end_array(struct json_writer *w);
/* ERR_MALFORMED when the text is not valid UTF-8. */
void json_put_string(struct json_writer *w, const char *name, struct span text);
void json_put_text(struct json_writer *w, const char *name, const char *text);
void json_put_base64(struct json_writer *w, const char *name, struct span bytes);
void json_put_integer(struct json_writer *w, const char *name, int64_t value);
void json_put_bool(struct json_writer *w, const char *name, bool value);
/* `json` is JSON already (a request's id); empty: null. */
void json_put_raw(struct json_writer *w, const char *name, struct span json);

#endif
