/* The diagnosis: what is installed, registered and running, and what to do about what isn't. */
#ifndef CORE_DOCTOR_H
#define CORE_DOCTOR_H

/* Prints one line per check to stdout, in the person's language, without personal data. Returns the
 * exit status: 0 when nothing stands in the way, 1 else. */
int doctor_print(void);

#endif
