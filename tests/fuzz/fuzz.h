/* What every harness needs. A harness checks more than that nothing crashes: what was accepted must
 * keep the promises of its header. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition);        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* The first byte of the input, as a choice; *rest is what comes after it. */
static inline uint8_t fuzz_choice(const uint8_t *data, size_t size, struct span *rest)
{
    *rest = size > 0 ? span_of(data + 1, size - 1) : span_of(NULL, 0);
    return size > 0 ? data[0] : 0;
}

static inline bool fuzz_inside(struct span inner, struct span outer)
{
    return inner.len == 0 || (inner.at >= outer.at && inner.at + inner.len <= outer.at + outer.len);
}

#endif
