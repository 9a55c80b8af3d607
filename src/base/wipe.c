#include "base/wipe.h"

#include <stdint.h>
#include <string.h>

/* A call through a volatile pointer can't be removed as a dead store; explicit_bzero is not
 * everywhere (mingw lacks it). */
static void *(*const volatile set)(void *, int, size_t) = memset;

void wipe(void *at, size_t len)
{
    if (len > 0) {
        set(at, 0, len);
    }
}

bool wipe_equal(const void *a, const void *b, size_t len)
{
    const volatile uint8_t *x = a;
    const volatile uint8_t *y = b;
    uint8_t diff = 0;
    for (size_t i = 0; i < len; i++) {
        diff = (uint8_t)(diff | (x[i] ^ y[i]));
    }
    return diff == 0;
}
