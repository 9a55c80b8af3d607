#include "core/policy.h"

/* One rule: the origins and doors it is for, and the methods that it allows. */
struct rule {
    const char *origin; /* NULL: every one */
    unsigned doors;     /* bit: 1 << door */
    unsigned methods;   /* bit: 1 << method */
};

/* The first rule that fits decides; none: denied. The default: any secure origin may ask, since the
 * person decides each time with the origin before their eyes. */
static const struct rule rules[] = {
    {NULL, (1u << DOOR_COUNT) - 1, (1u << METHOD_COUNT) - 1},
};

static bool rule_fits(const struct rule *rule, struct span origin, enum door door)
{
    return (rule->origin == NULL || span_is(origin, rule->origin)) &&
           (rule->doors & 1u << door) != 0;
}

enum err policy_decide(struct span origin, enum door door, enum method method)
{
    if (origin.len == 0 || door >= DOOR_COUNT || method >= METHOD_COUNT) {
        return ERR_ORIGIN_DENIED;
    }
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rule_fits(&rules[i], origin, door)) {
            return (rules[i].methods & 1u << method) != 0 ? ERR_OK : ERR_ORIGIN_DENIED;
        }
    }
    return ERR_ORIGIN_DENIED;
}

static struct span name_of(const struct policy_origin *o)
{
    return span_of(o->name, o->len);
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
