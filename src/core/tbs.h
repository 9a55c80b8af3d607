/* The exact bytes that a card may be asked to sign. The authentication key signs what holds the
 * page's origin and nothing else (core/scs_binding.h has the administrator's exception), the
 * signing key never authenticates: there is one function for each kind of request and no other. */
#ifndef CORE_TBS_H
#define CORE_TBS_H

#include "wire/msg.h"

/* Web eID token 1.0: H(H(origin) || H(nonce)); hashing each first keeps the fields apart. */
enum err tbs_authentication(struct span origin, struct span nonce, enum hash_alg hash,
                            uint8_t ret[LIMIT_DIGEST]) MUST_CHECK;
/* SCS: the page's bytes, when they are bound to `origin`; ERR_NOT_BOUND else. */
enum err tbs_challenge(struct span origin, struct span challenge, enum binding rule,
                       enum hash_alg hash, uint8_t ret[LIMIT_DIGEST]) MUST_CHECK;
/* The digest of one document: of its content, or the one that came. ERR_ARGUMENT when a digest came
 * that is not of `hash`. */
enum err tbs_document(const struct document *doc, enum hash_alg hash,
                      uint8_t ret[LIMIT_DIGEST]) MUST_CHECK;

#endif
