/* Who started a korttisilta-host: the arguments that the browser gave it, as they are. The host
 * sends them as the first frame to the agent, before anything of the browser's. */
#ifndef WIRE_CALLER_H
#define WIRE_CALLER_H

#include "base/buf.h"
#include "base/limits.h"

struct caller {
    struct span arguments[LIMIT_CALLER_ARGUMENTS];
    size_t n;
};

/* Appends the record. arguments: ends with NULL. What is beyond the limits is left out: nobody that
 * we know says so much. ERR_TOO_LARGE, ERR_NOMEM. */
enum err caller_pack(char *const *arguments, struct buf *out) MUST_CHECK;
/* Spans point into `record`. ERR_MALFORMED for what caller_pack can't have made. */
enum err caller_unpack(struct span record, struct caller *ret) MUST_CHECK;

#endif
