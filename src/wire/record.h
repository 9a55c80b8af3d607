/* Records between our own processes: fields of tag (1 byte), length (4 bytes, big endian) and
 * value, in one fixed order. Writer and reader keep their first error, so that a packer and an
 * unpacker read like the list of fields; the error is asked for once, at the end. */
#ifndef WIRE_RECORD_H
#define WIRE_RECORD_H

#include "base/buf.h"

struct record_writer {
    struct buf *out; /* borrowed */
    size_t start;
    enum err err;
};

/* Appends to `out`, which gives the maximum size. */
void record_write_open(struct record_writer *w, struct buf *out);
/* The one number type is 8 bytes wide; the reader says what fits. */
void record_put_u64(struct record_writer *w, uint8_t tag, uint64_t value);
void record_put_i64(struct record_writer *w, uint8_t tag, int64_t value);
void record_put_span(struct record_writer *w, uint8_t tag, struct span value);
/* A field that holds fields: begin, put them, end with what begin returned. */
size_t record_begin(struct record_writer *w, uint8_t tag);
void record_end(struct record_writer *w, size_t mark);
/* ERR_OK, or the first error (ERR_TOO_LARGE, ERR_NOMEM); `out` is then as it was before. */
enum err record_write_close(struct record_writer *w) MUST_CHECK;

struct record_reader {
    struct span rest;
    enum err err; /* ERR_OK or ERR_MALFORMED */
};

/* Nothing is copied: what is taken points into `record`. */
void record_read_open(struct record_reader *r, struct span record);
/* Each takes the next field, which must have this tag and a value in min..max (of a span: its
 * length in bytes). A failed take returns the smallest value or an empty span, and so does every
 * later one; a caller that loops or indexes by what it took must look at r->err first. */
uint64_t record_take_u64(struct record_reader *r, uint8_t tag, uint64_t min, uint64_t max);
int64_t record_take_i64(struct record_reader *r, uint8_t tag, int64_t min, int64_t max);
bool record_take_bool(struct record_reader *r, uint8_t tag);
struct span record_take_span(struct record_reader *r, uint8_t tag, size_t min, size_t max);
/* Reader for the fields inside the next field. Close it with record_leave. */
struct record_reader record_enter(struct record_reader *r, uint8_t tag);
/* The group must be used up; its error becomes the outer reader's. */
void record_leave(struct record_reader *r, const struct record_reader *inner);
/* True when a field with this tag comes next; false at the end and after an error. */
bool record_next_is(const struct record_reader *r, uint8_t tag);
/* For what an unpacker finds wrong by itself. */
void record_fail(struct record_reader *r);
/* ERR_OK when no take failed and nothing is left, else ERR_MALFORMED. */
enum err record_read_close(const struct record_reader *r) MUST_CHECK;

#endif
