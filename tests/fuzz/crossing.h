/* A decoded request at the process border, for the harnesses of decoders. */
#ifndef FUZZ_CROSSING_H
#define FUZZ_CROSSING_H

#include "fuzz.h"
#include "wire/msg.h"

/* What crosses to the signer is the same there. False: it does not cross, having an origin that
 * core/origin.c would have refused before. */
static inline bool fuzz_crosses(const struct request *r)
{
    struct buf out;
    struct buf again;
    struct request other;
    buf_init(&out, LIMIT_IPC);
    buf_init(&again, LIMIT_IPC);
    request_init(&other);
    enum err e = msg_pack_request(r, &out);
    REQUIRE(e == ERR_OK || e == ERR_INTERNAL);
    if (e == ERR_OK) {
        REQUIRE(msg_unpack_request(buf_span(&out), &other) == ERR_OK);
        REQUIRE(msg_pack_request(&other, &again) == ERR_OK);
        REQUIRE(span_eq(buf_span(&out), buf_span(&again)));
    }
    request_clear(&other);
    buf_clear(&out);
    buf_clear(&again);
    return e == ERR_OK;
}

#endif
