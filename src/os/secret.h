/* A PIN: the one type that may hold one. Fixed size, in pages that are locked, kept out of core
 * dumps and of child processes, and wiped on free. No copy, no growth, no C string. */
#ifndef OS_SECRET_H
#define OS_SECRET_H

#include "base/err.h"
#include "base/span.h"

#include <stddef.h>

#define SECRET_CAP 16u

struct secret;

/* Empty. ERR_NOMEM. Locking is best effort (RLIMIT_MEMLOCK), the rest is not. */
enum err secret_new(struct secret **ret) MUST_CHECK;
/* Wipes, unmaps, clears the pointer; NULL is fine. */
void secret_free(struct secret **s);
/* Digits are added and removed one by one, as a person types them. ERR_TOO_LARGE when full. */
enum err secret_push(struct secret *s, uint8_t c) MUST_CHECK;
/* Removes n characters at `at`; silently less when there are not so many. */
void secret_remove(struct secret *s, size_t at, size_t n);
/* Inserts one character at `at` (<= length). ERR_TOO_LARGE when full. */
enum err secret_insert(struct secret *s, size_t at, uint8_t c) MUST_CHECK;
void secret_wipe(struct secret *s);
size_t secret_len(const struct secret *s);
/* Borrowed, for the one APDU builder and the one pipe writer. The byte after the last is NUL and
 * stays inside the locked page (a GTK entry buffer must be able to lend a terminated text). */
struct span secret_span(const struct secret *s);
/* True when both hold the same characters; takes the same time for every pair of equal length. */
bool secret_equal(const struct secret *a, const struct secret *b);

/* Call once at the start of every program that can hold a PIN: no core dumps, no ptrace by other
 * processes of the user (prctl PR_SET_DUMPABLE). */
void secret_harden_process(void);

#endif
