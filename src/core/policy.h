/* What this computer lets an origin do. The administrator's files say it (core/policy_file.h); the
 * default is in policy.c. */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "wire/msg.h"

/* What no origin may do unless the policy says so. */
enum policy_right {
    POLICY_DECRYPT,
    POLICY_CARD_PRESENCE, /* SCS: hear whether a card is in, without asking the person */
    POLICY_RANDOM_BYTES,  /* SCS: have the authentication key sign any bytes, as 1.0 had it */
    POLICY_SCS_EXTENSION, /* SCS: be answered by the extension */
    POLICY_RIGHT_COUNT
};

struct policy_origin {
    uint8_t name[LIMIT_ORIGIN];
    size_t len;
    unsigned rights; /* bit: 1 << right */
};

#define POLICY_SCS_PORTS 3u

/* Of the SCS interface (docs/scs.md). */
struct policy_scs {
    bool off;              /* its HTTPS listener */
    bool codes_as_strings; /* reasonCode */
    bool presence_to_all;
    uint16_t
        ports[POLICY_SCS_PORTS]; /* the first that is free; n_ports 0: those of the interface */
    size_t n_ports;
};

/* Zeroed: no file. */
struct policy {
    struct policy_origin origins[LIMIT_POLICY_ORIGINS];
    size_t n_origins;
    enum revocation_check check;
    bool plain_readers; /* their PIN pads are not used */
    bool no_journal;
    struct policy_scs scs;
    bool no_webeid; /* DOOR_WEBEID is shut */
};

/* `origin` has passed origin_check. ERR_OK or ERR_ORIGIN_DENIED. */
enum err policy_decide(const struct policy *p, struct span origin, enum door door,
                       enum method method) MUST_CHECK;
bool policy_grants(const struct policy *p, struct span origin, enum policy_right right);
/* Those that have the right, as spans into `p`; returns how many. */
size_t policy_list(const struct policy *p, enum policy_right right,
                   struct span ret[LIMIT_POLICY_ORIGINS]);
/* The origin's place, made when there is none; NULL when LIMIT_POLICY_ORIGINS are there. `origin`
 * has passed origin_check. */
struct policy_origin *policy_origin_at(struct policy *p, struct span origin);
/* Takes the right from every origin. */
void policy_revoke(struct policy *p, enum policy_right right);

#endif
