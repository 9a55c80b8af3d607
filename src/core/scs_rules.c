#include "core/scs_rules.h"

#include "core/scs_binding.h"
#include "wire/scs.h"

static struct span without_query(struct span path)
{
    const uint8_t *at = path.len > 0 ? memchr(path.at, '?', path.len) : NULL;
    return at != NULL ? span_sub(path, 0, (size_t)(at - path.at)) : path;
}

enum scs_route scs_rules_route(struct span verb, struct span path)
{
    static const struct {
        const char *path, *verb;
        enum scs_route route;
    } rows[] = {{"/version", "GET", SCS_VERSION},
                {"/sign", "POST", SCS_SIGN},
                {"/", "GET", SCS_PAGE},
                {"/page.js", "GET", SCS_SCRIPT},
                {"/page.css", "GET", SCS_STYLE}};
    if (span_is(verb, "OPTIONS")) {
        return SCS_PREFLIGHT;
    }
    path = without_query(path);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (span_is(path, rows[i].path)) {
            return span_is(verb, rows[i].verb) ? rows[i].route : SCS_NO_VERB;
        }
    }
    return SCS_NO_PATH;
}

enum err scs_rules_decode(const struct policy *p, struct span body, struct span id,
                          struct span origin, struct request *r)
{
    enum err e = scs_decode(body, id, origin, r);
    if (e != ERR_OK || r->method != METHOD_AUTHENTICATE) {
        return e;
    }
    if (r->binding == BINDING_OLD && policy_grants(p, origin, POLICY_RANDOM_BYTES)) {
        r->binding = BINDING_NONE;
    }
    return scs_binding_check(r->origin, r->challenge, r->binding);
}
