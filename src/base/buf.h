/* Owned bytes with a maximum fixed at birth; wiped when cleared, shrunk or moved. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/err.h"
#include "base/span.h"

struct buf {
    uint8_t *at;
    size_t len;
    size_t cap;
    size_t max;
};

/* Allocates nothing. */
void buf_init(struct buf *b, size_t max);
/* Wipes and frees; the buffer is empty and usable with the same maximum. A zeroed struct is fine.
 */
void buf_clear(struct buf *b);
/* ERR_TOO_LARGE when the maximum would be passed, ERR_NOMEM; the content is then unchanged. */
enum err buf_append(struct buf *b, struct span bytes) MUST_CHECK;
enum err buf_append_str(struct buf *b, const char *text) MUST_CHECK;
enum err buf_append_u8(struct buf *b, uint8_t value) MUST_CHECK;
enum err buf_append_u16be(struct buf *b, uint16_t value) MUST_CHECK;
enum err buf_append_u32be(struct buf *b, uint32_t value) MUST_CHECK;
enum err buf_append_u64be(struct buf *b, uint64_t value) MUST_CHECK;
/* Adds len bytes of unspecified content and lends them for writing until the next call. */
enum err buf_extend(struct buf *b, size_t len, uint8_t **ret_at) MUST_CHECK;
/* Drops the first n bytes (n <= len), wiping what moves out of use. */
void buf_consume(struct buf *b, size_t n);
/* Shortens to len bytes (len <= b->len), wiping the rest. */
void buf_truncate(struct buf *b, size_t len);
/* Borrowed: dies with the next call that changes the buffer. */
struct span buf_span(const struct buf *b);
/* Moves the content of *from to *to (cleared first); *from is empty after. */
void buf_move(struct buf *to, struct buf *take_from);

#endif
