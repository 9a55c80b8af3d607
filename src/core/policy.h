/* What this computer lets an origin do. The administrator's files say it (core/policy_file.h); the
 * default is in policy.c. */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "wire/msg.h"

/* What no origin may do unless the policy says so. */
enum policy_right { POLICY_DECRYPT, POLICY_RIGHT_COUNT };

struct policy_origin {
    uint8_t name[LIMIT_ORIGIN];
    size_t len;
    unsigned rights; /* bit: 1 << right */
};

/* Zeroed: no file. */
struct policy {
    struct policy_origin origins[LIMIT_POLICY_ORIGINS];
    size_t n_origins;
    enum revocation_check check;
};

/* `origin` has passed origin_check. ERR_OK or ERR_ORIGIN_DENIED. */
enum err policy_decide(const struct policy *p, struct span origin, enum door door,
                       enum method method) MUST_CHECK;
bool policy_grants(const struct policy *p, struct span origin, enum policy_right right);
/* The origin's place, made when there is none; NULL when LIMIT_POLICY_ORIGINS are there. `origin`
 * has passed origin_check. */
struct policy_origin *policy_origin_at(struct policy *p, struct span origin);

#endif
