/* A small private file of this user, read and replaced as a whole. */
#ifndef OS_STORE_H
#define OS_STORE_H

#include "base/buf.h"

#include <stdint.h>

enum store_place {
    STORE_SESSION, /* the runtime folder: gone at logout */
    STORE_STATE    /* the state folder */
};

/* Its full name; the file need not be there. */
enum err store_path(enum store_place place, const char *name, char *ret, size_t cap) MUST_CHECK;
/* Appends the content of the file. ERR_CLOSED when there is none, or one that others may
 * touch or that is no regular file; ERR_TOO_LARGE when it does not fit in `out`. `name` is ours,
 * never a text from outside. */
enum err store_read(enum store_place place, const char *name, struct buf *out) MUST_CHECK;
/* Writes a new file (mode 0600) and puts it in the old one's place: a reader sees one or the other,
 * never a part. ERR_CLOSED when it can't be done; the old file then stays. */
enum err store_replace(enum store_place place, const char *name, struct span bytes) MUST_CHECK;
/* Another number when the file is another one or was written since; 0: there is none. */
uint64_t store_stamp(enum store_place place, const char *name);
/* Nothing when it is not there. */
void store_remove(enum store_place place, const char *name);

#endif
