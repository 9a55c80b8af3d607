/* What this computer's rules make of an SCS exchange (docs/scs.md), the same whichever door it came
 * through: the listener, or an extension that passes it on. */
#ifndef CORE_SCS_RULES_H
#define CORE_SCS_RULES_H

#include "core/policy.h"

enum scs_route {
    SCS_VERSION,
    SCS_SIGN,
    SCS_PREFLIGHT, /* OPTIONS, of any path */
    SCS_PAGE,      /* GET /: for people, at the listener only, with two files */
    SCS_SCRIPT,
    SCS_STYLE,
    SCS_NO_PATH, /* 404 */
    SCS_NO_VERB  /* 405: the path has another one */
};

/* What follows a question mark in the path is passed over. */
enum scs_route scs_rules_route(struct span verb, struct span path);

/* The body of POST /sign to a request that may be asked: scs_decode, the binding of the
 * authentication key, and what the policy allows the origin. `r` was request_init'ed; the errors
 * are those of scs_decode, and ERR_NOT_BOUND. */
enum err scs_rules_decode(const struct policy *p, struct span body, struct span id,
                          struct span origin, struct request *r) MUST_CHECK;

#endif
