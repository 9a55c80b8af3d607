/* Blocking bytes in and out of a descriptor. */
#ifndef OS_STREAM_H
#define OS_STREAM_H

#include "base/err.h"
#include "base/span.h"

/* *len: in capacity, out bytes read (at least 1). ERR_CLOSED at the end of the stream. */
enum err stream_read(int fd, uint8_t *to, size_t *len) MUST_CHECK;
/* All of it. ERR_CLOSED when the other end is gone. */
enum err stream_write(int fd, struct span bytes) MUST_CHECK;
/* -1 is fine. */
void stream_close(int fd);
/* A write to a closed pipe is then ERR_CLOSED and no longer the end of the process. */
void stream_ignore_broken_pipe(void);

#endif
