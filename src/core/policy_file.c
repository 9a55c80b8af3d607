#include "core/policy_file.h"

#include "base/log.h"
#include "core/origin.h"
#include "os/admin_files.h"
#include "wire/json_read.h"

#include <stddef.h>
#include <stdlib.h>

struct reading {
    const struct json *j;
    struct policy *p;
    struct policy_origin *origin; /* whose members are read */
    struct buf store;
};

/* A member that the schema knows. `read` gives why its value is not one, or NULL. */
struct member {
    const char *name;
    const char *(*read)(struct reading *r, size_t value, const struct member *m);
    enum policy_right right; /* of members that allow something */
    size_t off;              /* of switches: where the policy says that it is off */
    const char *why;
};

/* True or false; on without the policy. */
static const char *read_switch(struct reading *r, size_t value, const struct member *m)
{
    bool on;
    if (json_bool(r->j, value, &on) != ERR_OK) {
        return m->why;
    }
    *(bool *)((char *)r->p + m->off) = !on;
    return NULL;
}

#define SWITCH(NAME, FIELD)                                                                        \
    {                                                                                              \
        .name = (NAME), .read = read_switch, .off = offsetof(struct policy, FIELD),                \
        .why = "\"" NAME "\" is true or false"                                                     \
    }

static const char *read_members(struct reading *r, size_t object, const struct member *members,
                                size_t n, const char *unknown)
{
    for (size_t key = json_first_key(r->j, object); key != JSON_ABSENT;
         key = json_next_key(r->j, key)) {
        struct span name;
        const char *why = unknown;
        buf_truncate(&r->store, 0);
        enum err e = json_string(r->j, key, 0, LIMIT_JSON_KEY, &r->store, &name);
        for (size_t i = 0; e == ERR_OK && i < n; i++) {
            if (span_is(name, members[i].name)) {
                why = members[i].read(r, json_value(r->j, key), &members[i]);
                break;
            }
        }
        if (why != NULL) {
            return why;
        }
    }
    return NULL;
}

/* ---- members of an origin ---- */

static const char *read_right(struct reading *r, size_t value, const struct member *m)
{
    bool allowed;
    unsigned bit = 1u << m->right;
    if (json_bool(r->j, value, &allowed) != ERR_OK) {
        return "what an origin may do is true or false";
    }
    r->origin->rights = allowed ? r->origin->rights | bit : r->origin->rights & ~bit;
    return NULL;
}

static const struct member origin_members[] = {
    {.name = "decrypt", .read = read_right, .right = POLICY_DECRYPT},
};

/* ---- members of "scs" ---- */

static const char *read_ports(struct reading *r, size_t value, const struct member *m)
{
    static const char *const why = "\"ports\" are one to three different numbers above 1023";
    size_t n = json_count(r->j, value);
    size_t i = 0;
    (void)m;
    if (n == 0 || n > POLICY_SCS_PORTS) {
        return why;
    }
    for (size_t node = json_first(r->j, value); i < n; node = json_next(r->j, node)) {
        int64_t port;
        if (json_integer(r->j, node, 1024, UINT16_MAX, &port) != ERR_OK) {
            return why;
        }
        for (size_t before = 0; before < i; before++) {
            if (r->p->scs.ports[before] == port) {
                return why;
            }
        }
        r->p->scs.ports[i++] = (uint16_t)port;
    }
    r->p->scs.n_ports = n;
    return NULL;
}

/* One of two words: *ret says if it is the second. */
static bool read_either(struct reading *r, size_t value, const char *first, const char *second,
                        bool *ret)
{
    struct span word;
    buf_truncate(&r->store, 0);
    if (json_string(r->j, value, 1, LIMIT_JSON_KEY, &r->store, &word) != ERR_OK ||
        (!span_is(word, first) && !span_is(word, second))) {
        return false;
    }
    *ret = span_is(word, second);
    return true;
}

static const char *read_codes(struct reading *r, size_t value, const struct member *m)
{
    (void)m;
    return read_either(r, value, "number", "string", &r->p->scs.codes_as_strings)
               ? NULL
               : "\"reasonCodes\" is \"number\" or \"string\"";
}

/* The whole list of the origins that may: those of an earlier file may not any more. */
static const char *read_list(struct reading *r, size_t value, const struct member *m)
{
    if (json_kind(r->j, value) != JSON_ARRAY) {
        return "a list of origins is no array";
    }
    policy_revoke(r->p, m->right);
    for (size_t node = json_first(r->j, value); node != JSON_ABSENT; node = json_next(r->j, node)) {
        struct span name;
        buf_truncate(&r->store, 0);
        enum err e = json_string(r->j, node, 1, LIMIT_ORIGIN, &r->store, &name);
        if (e != ERR_OK || origin_check(name) != ERR_OK) {
            return "a name in a list is not an origin as browsers write it";
        }
        struct policy_origin *origin = policy_origin_at(r->p, name);
        if (origin == NULL) {
            return "there are too many origins";
        }
        origin->rights |= 1u << m->right;
    }
    return NULL;
}

/* A list, or a word for everybody. */
static const char *read_presence(struct reading *r, size_t value, const struct member *m)
{
    if (json_kind(r->j, value) != JSON_STRING) {
        r->p->scs.presence_to_all = false;
        return read_list(r, value, m);
    }
    return read_either(r, value, "listed", "all", &r->p->scs.presence_to_all)
               ? NULL
               : "\"cardPresence\" is \"listed\", \"all\" or a list of origins";
}

static const struct member scs_members[] = {
    SWITCH("enabled", scs.off),
    {.name = "ports", .read = read_ports},
    {.name = "reasonCodes", .read = read_codes},
    {.name = "cardPresence", .read = read_presence, .right = POLICY_CARD_PRESENCE},
    {.name = "randomBytes", .read = read_list, .right = POLICY_RANDOM_BYTES},
    {.name = "extensionOrigins", .read = read_list, .right = POLICY_SCS_EXTENSION},
};

static const char *read_scs(struct reading *r, size_t value, const struct member *m)
{
    (void)m;
    if (json_kind(r->j, value) != JSON_OBJECT) {
        return "\"scs\" is no object";
    }
    return read_members(r, value, scs_members, sizeof scs_members / sizeof scs_members[0],
                        "\"scs\" has a member that is not known");
}

/* ---- members of the file ---- */

static const char *read_origins(struct reading *r, size_t value, const struct member *m)
{
    (void)m;
    if (json_kind(r->j, value) != JSON_OBJECT) {
        return "\"origins\" is no object";
    }
    for (size_t key = json_first_key(r->j, value); key != JSON_ABSENT;
         key = json_next_key(r->j, key)) {
        struct span name;
        buf_truncate(&r->store, 0);
        enum err e = json_string(r->j, key, 1, LIMIT_ORIGIN, &r->store, &name);
        if (e != ERR_OK || origin_check(name) != ERR_OK) {
            return "a name in \"origins\" is not an origin as browsers write it";
        }
        if (json_kind(r->j, json_value(r->j, key)) != JSON_OBJECT) {
            return "an origin is no object";
        }
        r->origin = policy_origin_at(r->p, name);
        if (r->origin == NULL) {
            return "there are too many origins";
        }
        const char *why = read_members(r, json_value(r->j, key), origin_members,
                                       sizeof origin_members / sizeof origin_members[0],
                                       "an origin has a member that is not known");
        if (why != NULL) {
            return why;
        }
    }
    return NULL;
}

static const char *read_check(struct reading *r, size_t value, const struct member *m)
{
    static const char *const words[CHECK_COUNT] = {
        [CHECK_ASKED] = "asked", [CHECK_ALWAYS] = "always", [CHECK_NEVER] = "never"};
    struct span word;
    (void)m;
    buf_truncate(&r->store, 0);
    enum err e = json_string(r->j, value, 1, LIMIT_JSON_KEY, &r->store, &word);
    for (int i = 0; e == ERR_OK && i < CHECK_COUNT; i++) {
        if (span_is(word, words[i])) {
            r->p->check = (enum revocation_check)i;
            return NULL;
        }
    }
    return "\"revocationCheck\" is \"asked\", \"always\" or \"never\"";
}

static const struct member file_members[] = {
    {.name = "origins", .read = read_origins},
    {.name = "revocationCheck", .read = read_check},
    {.name = "scs", .read = read_scs},
    SWITCH("pinPad", plain_readers),
    SWITCH("journal", no_journal),
    SWITCH("webEid", no_webeid),
};

const char *policy_file_parse(struct span text, struct policy *p)
{
    struct json *j = NULL;
    if (json_open(text, &j) != ERR_OK) {
        return "it is not one JSON object (RFC 8259, UTF-8, no name twice)";
    }
    const char *why = "there is not enough memory";
    struct reading r = {.j = j, .p = malloc(sizeof *p)};
    buf_init(&r.store, LIMIT_JSON_KEY + LIMIT_ORIGIN);
    if (r.p != NULL) {
        *r.p = *p;
        why =
            read_members(&r, JSON_ROOT, file_members, sizeof file_members / sizeof file_members[0],
                         "it has a member that is not known");
    }
    if (why == NULL) {
        *p = *r.p;
    }
    free(r.p);
    buf_clear(&r.store);
    json_close(&j);
    return why;
}

struct loading {
    const char *folder;
    struct policy *p;
    bool all;
};

static bool load_file(void *user, const char *name, struct span text)
{
    struct loading *l = user;
    const char *why = policy_file_parse(text, l->p);
    if (why != NULL) {
        log_line(LOG_ERROR, "%s/%s is not used: %s", l->folder, name, why);
        l->all = false;
    }
    return true;
}

bool policy_load(const char *folder, struct policy *p)
{
    struct loading l = {folder, p, true};
    return admin_files_each(folder, ".json", load_file, &l) && l.all;
}
