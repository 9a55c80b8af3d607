/* What is there on this machine; for the diagnosis. Nothing is changed and nothing is opened for
 * writing. */
#ifndef OS_PROBE_H
#define OS_PROBE_H

#include "base/buf.h"

#include <stdint.h>

bool probe_is_executable(const char *path);
bool probe_is_file(const char *path); /* and can be read */
/* Reads a small file into out (cleared first). ERR_CLOSED when it is not there or can't be read. */
enum err probe_read_file(const char *path, struct buf *out) MUST_CHECK;
/* Does something accept connections on 127.0.0.1:port? */
bool probe_loopback_port(uint16_t port);

#endif
