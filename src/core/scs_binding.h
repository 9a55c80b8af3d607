/* Of an SCS authentication: may the authentication key sign these bytes for this page? The one
 * place that says so, asked by the agent before it shows a window and by the signer before it
 * signs. */
#ifndef CORE_SCS_BINDING_H
#define CORE_SCS_BINDING_H

#include "wire/msg.h"

/* ERR_OK when `challenge` is UTF-8 that begins with `origin`, byte for byte, a separator that
 * `rule` allows and LIMIT_SCS_NONCE characters or more; of BINDING_NONE whatever it is.
 * ERR_NOT_BOUND. */
enum err scs_binding_check(struct span origin, struct span challenge, enum binding rule) MUST_CHECK;

#endif
