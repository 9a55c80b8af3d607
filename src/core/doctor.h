/* The diagnosis: what is installed, registered and running, and what to do about what isn't. */
#ifndef CORE_DOCTOR_H
#define CORE_DOCTOR_H

#include <stdbool.h>

/* In order; to be known; something must be done. */
enum doctor_mark { DOCTOR_FINE, DOCTOR_NOTE, DOCTOR_WRONG };

/* One check, in the person's language, without personal data. advice: what to do, or NULL. Both are
 * borrowed. */
typedef void (*doctor_row)(void *user, enum doctor_mark mark, const char *text, const char *advice);

/* Calls `row` for one check after the other, which takes as long as the card does. True when
 * nothing stands in the way. */
bool doctor_check(doctor_row row, void *user);
/* "[ok]" and so on, in no language. */
const char *doctor_mark_text(enum doctor_mark mark);
/* Prints them to stdout, a line each. Returns the exit status: 0 when nothing stands in the way, 1
 * else. */
int doctor_print(void);

#endif
