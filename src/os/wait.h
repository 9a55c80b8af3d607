/* Wait for one of a few descriptors. */
#ifndef OS_WAIT_H
#define OS_WAIT_H

#include <stddef.h>
#include <stdint.h>

/* Bit i of the result: fds[i] is readable, at its end, or broken. 0: the time (clock_monotonic_ms)
 * has passed; a time in the past looks without waiting. At most 8 descriptors; -1 is left out. */
unsigned wait_readable(const int *fds, size_t n, uint64_t until_ms);

#endif
