/* The SCS dialect of Finnish services (docs/scs.md) to and from struct request and struct response.
 * The only knowledge of its member names is in scs*.c. */
#ifndef WIRE_SCS_H
#define WIRE_SCS_H

#include "wire/msg.h"

/* The body of POST /sign, whatever its media type. `r` was request_init'ed; id: raw JSON of the id
 * that the request has at the native door, or empty; origin is the door's, not judged here. What
 * SCS does not know is passed over, since services send it; null is the same as nothing.
 * ERR_MALFORMED, ERR_TOO_LARGE, ERR_REQUEST_INVALID, ERR_ARGUMENT, ERR_UNSUPPORTED (hash or type of
 * signature), ERR_ALG_UNSUPPORTED (no key could fit), ERR_CERT_NOT_FOUND (a key usage that no card
 * of ours has), ERR_NOT_BOUND (the authentication key was asked for a digest), ERR_NOMEM. */
enum err scs_decode(struct span json, struct span id, struct span origin,
                    struct request *r) MUST_CHECK;

/* How reasonCode is written: a number, or a string for services of before 2018. */
enum scs_codes { SCS_CODES_NUMBER, SCS_CODES_STRING };

/* Each appends one JSON text; ERR_TOO_LARGE past LIMIT_REPLY. The answer to what scs_decode gave,
 * success or error; members that belong to a signature are left out of an error. */
enum err scs_encode_response(const struct request *r, const struct response *resp,
                             enum scs_codes codes, struct buf *out) MUST_CHECK;
enum err scs_encode_error(enum err why, enum scs_codes codes, struct buf *out) MUST_CHECK;
/* The answer of GET /version. Without a card its algorithms are empty: that is how services ask for
 * one. */
enum err scs_encode_version(bool has_card, struct buf *out) MUST_CHECK;

#endif
