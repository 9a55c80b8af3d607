/* What is read out of OpenSSL's certificates in more than one place. For the files of this folder.
 */
#ifndef CRYPTO_X509_READ_H
#define CRYPTO_X509_READ_H

#include "base/buf.h"
#include "base/limits.h"

#include <openssl/x509.h>

/* The first attribute of that kind, safe to show and cut at a code point; "" when there is none or
 * it is not UTF-8. */
void x509_read_text(X509_NAME *name, int nid, char ret[LIMIT_CERT_TEXT]);
/* Seconds since 1970. ERR_CERT_INVALID. */
enum err x509_read_time(const ASN1_TIME *t, int64_t *ret) MUST_CHECK;
/* Appends DER. ERR_TOO_LARGE past the buffer's maximum, ERR_NOMEM. */
enum err x509_append_der(X509 *x, struct buf *out) MUST_CHECK;

#endif
