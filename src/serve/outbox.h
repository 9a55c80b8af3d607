/* Frames on their way out of a non-blocking descriptor. */
#ifndef SERVE_OUTBOX_H
#define SERVE_OUTBOX_H

#include "base/buf.h"

struct outbox {
    struct buf bytes;
    size_t sent; /* of them: dropped when everything is, or when more is added */
};

void outbox_init(struct outbox *o, size_t max);
void outbox_clear(struct outbox *o);
/* Adds one frame. ERR_TOO_LARGE when more than `max` bytes would wait. */
enum err outbox_add(struct outbox *o, struct span body) MUST_CHECK;
/* Writes what can be written now; *ret_more: the rest waits until the descriptor is writable.
 * ERR_CLOSED. */
enum err outbox_flush(struct outbox *o, int fd, bool *ret_more) MUST_CHECK;

#endif
