/* Where the listener's certificates are kept, for who makes them (core/trust.h) and for the agent,
 * which hands them to the TLS library and has no hand in making them. */
#ifndef CORE_LISTENER_CERT_H
#define CORE_LISTENER_CERT_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define LISTENER_CERT_NAME   32u
#define LISTENER_CERT_ISSUER "localhost-issuer.pem"

/* Name in the state folder (os/store.h) of the file of a period (crypto/local_tls.h). */
void listener_cert_name(int64_t period, char ret[LISTENER_CERT_NAME]);
/* Full name of the file for this moment. When it is not there the tool is started to make it, and
 * waited for: a tenth of a second, once in five years. ERR_CERT_NOT_FOUND when there is still none.
 */
enum err listener_cert_ready(int64_t now, char *ret, size_t cap) MUST_CHECK;

/* Another number when the next call of listener_cert_ready would give another certificate; 0: there
 * is none. */
uint64_t listener_cert_stamp(int64_t now);

#endif
