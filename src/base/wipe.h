/* Erase memory in a way that the compiler keeps, and compare without telling where bytes differ. */
#ifndef BASE_WIPE_H
#define BASE_WIPE_H

#include <stdbool.h>
#include <stddef.h>

void wipe(void *at, size_t len);
bool wipe_equal(const void *a, const void *b, size_t len);

#endif
