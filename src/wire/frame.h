/* Length-prefixed frames: 32-bit length in native byte order, then that many bytes (the framing of
 * native messaging; the same on our local socket and pipes, which never leave the machine). */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include "base/buf.h"

#define FRAME_HEADER 4u

/* Collects bytes until a whole frame is there. The length is checked before anything is stored. */
struct frame_reader {
    struct buf bytes;
    uint32_t max;
};

/* max: longest body, at most LIMIT_IPC. */
void frame_reader_init(struct frame_reader *r, uint32_t max);
void frame_reader_clear(struct frame_reader *r);
/* Takes what arrived. ERR_MALFORMED: a frame of length 0; ERR_TOO_LARGE: longer than max, or more
 * than two frames of the largest size and 64 KiB wait untaken; ERR_NOMEM. All are final: the stream
 * can't be trusted any more, and the reader then holds nothing. */
enum err frame_reader_feed(struct frame_reader *r, struct span bytes) MUST_CHECK;
/* True when a frame is complete; *ret_body is borrowed until frame_reader_next. */
bool frame_reader_has(const struct frame_reader *r, struct span *ret_body);
/* Drops the complete frame. ERR_MALFORMED or ERR_TOO_LARGE when the header after it is bad. */
enum err frame_reader_next(struct frame_reader *r) MUST_CHECK;

/* Appends header and body. ERR_TOO_LARGE, ERR_NOMEM; ERR_MALFORMED when the body is empty. */
enum err frame_append(struct buf *out, struct span body) MUST_CHECK;
/* The length a header says; the caller has FRAME_HEADER bytes at `header`. */
uint32_t frame_length(const uint8_t *header);

#endif
