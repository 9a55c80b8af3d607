/* A private file of this user that only grows, a line at a time. */
#ifndef OS_LEDGER_H
#define OS_LEDGER_H

#include "base/buf.h"

struct ledger {
    const char *name; /* ours, never a text from outside; below the state folder */
    size_t max_line;  /* bytes, without its end */
    size_t max_file;  /* bytes; a longer file becomes NAME.old, in the place of an earlier one */
};

/* Appends to `out` the line that comes after `last` (empty: there is none), without its end. */
typedef enum err (*ledger_make)(void *user, struct span last, struct buf *out);
/* False: enough. */
typedef bool (*ledger_each)(void *user, struct span line);

/* Nobody else appends between `make` and the line. ERR_CLOSED when the file can't be written, or is
 * one that others may touch; what `make` returns; ERR_TOO_LARGE for a longer line. The bytes are
 * handed to the system, not to the disk: a crash of the computer may take the last lines. */
enum err ledger_append(const struct ledger *l, ledger_make make, void *user) MUST_CHECK;
/* All lines, oldest first; those of NAME.old before. A line that has no end, or is too long, is
 * given as far as it goes. ERR_CLOSED: there is none, or it is not private. */
enum err ledger_read(const struct ledger *l, ledger_each each, void *user) MUST_CHECK;
/* Both files. Nothing when they are not there. */
void ledger_remove(const struct ledger *l);

#endif
