#include "core/policy.h"

static struct span name_of(const struct policy_origin *o)
{
    return span_of(o->name, o->len);
}

/* Any secure origin may ask for the rest, since the person decides each time with the origin before
 * their eyes. */
static const struct {
    enum method method;
    enum policy_right right;
} needs[] = {
    {METHOD_DECRYPT, POLICY_DECRYPT},
    {METHOD_SCS, POLICY_SCS_EXTENSION},
};

enum err policy_decide(const struct policy *p, struct span origin, enum door door,
                       enum method method)
{
    if (origin.len == 0 || door >= DOOR_COUNT || method >= METHOD_COUNT) {
        return ERR_ORIGIN_DENIED;
    }
    if (door == DOOR_WEBEID && p->no_webeid) {
        return ERR_ORIGIN_DENIED;
    }
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        if (needs[i].method == method && !policy_grants(p, origin, needs[i].right)) {
            return ERR_ORIGIN_DENIED;
        }
    }
    return ERR_OK;
}

bool policy_grants(const struct policy *p, struct span origin, enum policy_right right)
{
    for (size_t i = 0; i < p->n_origins; i++) {
        if (span_eq(name_of(&p->origins[i]), origin)) {
            return (p->origins[i].rights & 1u << right) != 0;
        }
    }
    return false;
}

size_t policy_list(const struct policy *p, enum policy_right right,
                   struct span ret[LIMIT_POLICY_ORIGINS])
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_origins; i++) {
        if ((p->origins[i].rights & 1u << right) != 0) {
            ret[n++] = name_of(&p->origins[i]);
        }
    }
    return n;
}

struct policy_origin *policy_origin_at(struct policy *p, struct span origin)
{
    for (size_t i = 0; i < p->n_origins; i++) {
        if (span_eq(name_of(&p->origins[i]), origin)) {
            return &p->origins[i];
        }
    }
    if (p->n_origins == LIMIT_POLICY_ORIGINS || origin.len > LIMIT_ORIGIN) {
        return NULL;
    }
    struct policy_origin *o = &p->origins[p->n_origins++];
    memcpy(o->name, origin.at, origin.len);
    o->len = origin.len;
    return o;
}

void policy_revoke(struct policy *p, enum policy_right right)
{
    for (size_t i = 0; i < p->n_origins; i++) {
        p->origins[i].rights &= ~(1u << right);
    }
}
