/* Plain HTTP for what is signed anyway: answers of OCSP responders and revocation lists. One
 * exchange, no redirect, no TLS, through the proxy of the environment (http_proxy, no_proxy). Only
 * korttisilta-revocation holds this. */
#ifndef CRYPTO_FETCH_H
#define CRYPTO_FETCH_H

#include "base/buf.h"

/* POST with `body` of media type `type`, or GET when `body` is empty. The answer is one DER value;
 * longer than ret's maximum is an error. Waits at most `seconds`. ERR_CERT_UNCHECKED: no answer,
 * another status than 200, not `answer_type` (NULL: any). */
enum err fetch(const char *url, const char *type, struct span body, const char *answer_type,
               int seconds, struct buf *ret) MUST_CHECK;

#endif
