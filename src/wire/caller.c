#include "wire/caller.h"

#include "wire/record.h"

enum { TAG_ARGUMENT = 1 };

enum err caller_pack(char *const *arguments, struct buf *out)
{
    struct record_writer w;
    record_write_open(&w, out);
    for (size_t n = 0; *arguments != NULL && n < LIMIT_CALLER_ARGUMENTS; arguments++) {
        struct span text = span_str(*arguments);
        if (text.len <= LIMIT_CALLER_TEXT) {
            record_put_span(&w, TAG_ARGUMENT, text);
            n++;
        }
    }
    /* A frame is never empty: that no more come is written too. */
    record_put_span(&w, TAG_ARGUMENT, span_of(NULL, 0));
    return record_write_close(&w);
}

enum err caller_unpack(struct span record, struct caller *ret)
{
    struct record_reader in;
    struct caller c = {.n = 0};
    struct span text;
    record_read_open(&in, record);
    while ((text = record_take_span(&in, TAG_ARGUMENT, 0, LIMIT_CALLER_TEXT)).len > 0) {
        if (c.n == LIMIT_CALLER_ARGUMENTS) {
            return ERR_MALFORMED;
        }
        c.arguments[c.n++] = text;
    }
    if (record_read_close(&in) != ERR_OK) {
        return ERR_MALFORMED;
    }
    *ret = c;
    return ERR_OK;
}
