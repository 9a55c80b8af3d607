/* A small private file of this user in the runtime folder, read and replaced as a whole. */
#ifndef OS_STORE_H
#define OS_STORE_H

#include "base/buf.h"

/* Appends the content of <runtime>/name. ERR_CLOSED when there is none, or one that others may
 * touch or that is no regular file; ERR_TOO_LARGE when it does not fit in `out`. `name` is ours,
 * never a text from outside. */
enum err store_read(const char *name, struct buf *out) MUST_CHECK;
/* Writes a new file (mode 0600) and puts it in the old one's place: a reader sees one or the other,
 * never a part. ERR_CLOSED when it can't be done; the old file then stays. */
enum err store_replace(const char *name, struct span bytes) MUST_CHECK;

#endif
