/* Time: one that never jumps for deadlines, one of the calendar for certificates. */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>

uint64_t clock_monotonic_ms(void);
/* Seconds since 1970, UTC. */
int64_t clock_calendar_s(void);

#endif
