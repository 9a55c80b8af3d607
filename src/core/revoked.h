/* Asks the issuer of a certificate whether it has been revoked, through a process of its own
 * (src/revocation.c). */
#ifndef CORE_REVOKED_H
#define CORE_REVOKED_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

/* Waits until `fd` is readable or clock_monotonic_ms() is `until`; false: don't go on. */
typedef bool (*revoked_wait)(void *user, int fd, uint64_t until);

/* `issuer` empty: it is not known. ERR_OK: not revoked. ERR_CERT_REVOKED, and *ret_at is when
 * (seconds since 1970; 0: not told). ERR_CERT_UNCHECKED: nobody could tell within
 * LIMIT_REVOCATION_MS, or the issuer is not known. ERR_ABORTED: `wait` said no. */
enum err revoked_ask(struct span cert, struct span issuer, revoked_wait wait, void *user,
                     int64_t *ret_at) MUST_CHECK;
/* The same for who has nothing else to do meanwhile; never ERR_ABORTED. */
enum err revoked_ask_alone(struct span cert, struct span issuer, int64_t *ret_at) MUST_CHECK;

#endif
