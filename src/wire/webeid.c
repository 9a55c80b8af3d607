#include "wire/webeid.h"

#include "wire/bounds.h"
#include "wire/json_read.h"

#include <stdlib.h>

#define MEDIA_TYPE "application/octet-stream" /* a hash comes without one */

struct source {
    const struct json *j;
    size_t arguments;
    enum door carrier;
    struct span door_origin;
    struct request *r;
};

bool webeid_is_caller(const struct caller *c)
{
    static const char *const known[] = {
#define WEBEID_CALLER(text) text,
#include "wire/webeid_callers.def"
#undef WEBEID_CALLER
    };
    for (size_t i = 0; i < c->n; i++) {
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++) {
            if (span_is(c->arguments[i], known[k])) {
                return true;
            }
        }
    }
    return false;
}

bool webeid_speaks(struct span json)
{
    struct json *j = NULL;
    if (json_open(json, &j) != ERR_OK) {
        return false;
    }
    bool has_command = json_member(j, JSON_ROOT, "command") != JSON_ABSENT;
    json_close(&j);
    return has_command;
}

static enum err put_bytes(struct buf *store, struct span bytes, struct span *ret)
{
    size_t start = store->len;
    enum err e = buf_append(store, bytes);
    *ret = span_sub(buf_span(store), start, bytes.len);
    return e;
}

static enum err read_text(const struct source *s, const char *name, size_t min, size_t max,
                          struct span *ret)
{
    return json_string(s->j, json_member(s->j, s->arguments, name), min, max, &s->r->store, ret);
}

static enum err decode_origin(const struct source *s)
{
    bool is_told = json_member(s->j, s->arguments, "origin") != JSON_ABSENT;
    if (s->carrier == DOOR_NATIVE) {
        return read_text(s, "origin", 1, LIMIT_ORIGIN, &s->r->origin);
    }
    if (is_told || s->door_origin.len == 0 || s->door_origin.len > LIMIT_ORIGIN) {
        return ERR_ARGUMENT;
    }
    return put_bytes(&s->r->store, s->door_origin, &s->r->origin);
}

/* A language that we do not have is no mistake of the page's: the system's serves. */
static enum err decode_lang(const struct source *s)
{
    struct span name;
    if (json_member(s->j, s->arguments, "lang") == JSON_ABSENT) {
        return ERR_OK;
    }
    enum err e = read_text(s, "lang", 0, LIMIT_WEBEID, &name);
    for (unsigned i = LANG_SYSTEM + 1; e == ERR_OK && i < LANG_COUNT; i++) {
        if (span_is(name, msg_lang_name((enum lang)i))) {
            s->r->lang = (enum lang)i;
        }
    }
    return e;
}

static enum err decode_authenticate(const struct source *s)
{
    return read_text(s, "challengeNonce", LIMIT_NONCE_MIN, LIMIT_NONCE_MAX, &s->r->nonce);
}

static enum err decode_certificate(const struct source *s)
{
    (void)s; /* it asks for nothing in particular */
    return ERR_OK;
}

static enum err decode_sign(const struct source *s)
{
    struct request *r = s->r;
    struct span name;
    r->docs = calloc(1, sizeof *r->docs);
    if (r->docs == NULL) {
        return ERR_NOMEM;
    }
    r->n_docs = 1;
    r->has_hash = true;
    enum err e = put_bytes(&r->store, span_str(MEDIA_TYPE), &r->docs[0].media_type);
    if (e == ERR_OK) {
        e = read_text(s, "hashFunction", 1, LIMIT_WEBEID, &name);
    }
    if (e == ERR_OK) {
        e = alg_hash_from_name(name, &r->hash);
    }
    if (e == ERR_OK) {
        e = json_base64(s->j, json_member(s->j, s->arguments, "hash"), 1, LIMIT_DIGEST, &r->store,
                        &r->docs[0].digest);
    }
    if (e == ERR_OK) {
        e = json_base64(s->j, json_member(s->j, s->arguments, "certificate"), 1, LIMIT_CERT,
                        &r->store, &r->certificate);
    }
    return e;
}

static const struct command {
    const char *name;
    enum method method;
    enum err (*decode)(const struct source *s); /* NULL: nothing but the command is needed */
    const char *arguments[6];                   /* the last is NULL */
} commands[] = {
    {"quit", METHOD_HELLO, NULL, {NULL}},
    {"authenticate",
     METHOD_AUTHENTICATE,
     decode_authenticate,
     {"challengeNonce", "origin", "lang"}},
    {"get-signing-certificate",
     METHOD_GET_SIGNING_CERTIFICATE,
     decode_certificate,
     {"origin", "lang"}},
    {"sign", METHOD_SIGN, decode_sign, {"certificate", "hash", "hashFunction", "origin", "lang"}},
};

static enum err find_command(const struct source *s, const struct command **ret)
{
    static const char *const members[] = {"command", "arguments", NULL};
    struct span name;
    size_t node = json_member(s->j, JSON_ROOT, "command");
    enum err e = json_string(s->j, node, 1, LIMIT_WEBEID, &s->r->store, &name);
    if (e != ERR_OK || !json_has_only(s->j, JSON_ROOT, members)) {
        return e == ERR_NOMEM ? e : ERR_REQUEST_INVALID;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (span_is(name, commands[i].name)) {
            *ret = &commands[i];
            return ERR_OK;
        }
    }
    return ERR_METHOD_UNKNOWN;
}

static enum err decode(const struct source *s)
{
    const struct command *command = NULL;
    enum err e = find_command(s, &command);
    if (e != ERR_OK) {
        return e;
    }
    s->r->method = command->method;
    if (!json_has_only(s->j, s->arguments, command->arguments)) {
        return ERR_ARGUMENT;
    }
    if (command->decode == NULL) {
        return ERR_OK;
    }
    e = command->decode(s);
    if (e == ERR_OK) {
        e = decode_origin(s);
    }
    if (e == ERR_OK) {
        e = decode_lang(s);
    }
    return e == ERR_OK ? bounds_check_request(s->r) : e;
}

enum err webeid_decode(struct span json, enum door carrier, struct span door_origin,
                       struct request *r)
{
    struct json *j = NULL;
    uint8_t *room;
    enum err e = json.len > LIMIT_WEBEID ? ERR_TOO_LARGE : json_open(json, &j);
    r->door = DOOR_WEBEID;
    /* Time runs in the page's library and in the extension, which know it: they hang up. */
    r->timeout_ms = LIMIT_TIMEOUT_MAX_MS;
    if (e != ERR_OK) {
        return e;
    }
    const struct source s = {j, json_member(j, JSON_ROOT, "arguments"), carrier, door_origin, r};
    /* Room for everything at once: the store never moves, and spans into it stay good. */
    e = buf_extend(&r->store, json.len + door_origin.len + strlen(MEDIA_TYPE), &room);
    buf_truncate(&r->store, 0);
    if (e == ERR_OK) {
        e = decode(&s);
    }
    json_close(&j);
    return e;
}
