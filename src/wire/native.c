#include "wire/native.h"

#include "wire/alg_json.h"
#include "wire/bounds.h"
#include "wire/filter_json.h"
#include "wire/json_read.h"
#include "wire/json_write.h"

#include <stdlib.h>

/* The largest integer that every JavaScript program reads back unchanged. */
#define INTEGER_MAX ((int64_t)LIMIT_DOC_SIZE)

/* Where the decoders read from and write to. */
struct source {
    const struct json *j;
    size_t params;
    struct request *r;
};

static enum err read_text(const struct source *s, size_t node, size_t max, struct span *ret)
{
    return json_string(s->j, node, 1, max, &s->r->store, ret);
}

/* A member that may be missing, but not be empty. */
static enum err read_optional(const struct source *s, size_t object, const char *name, size_t max,
                              struct span *ret)
{
    size_t node = json_member(s->j, object, name);
    return node == JSON_ABSENT ? ERR_OK : read_text(s, node, max, ret);
}

/* An id is kept in one spelling, so that equal ids are equal bytes. */
static enum err read_id(const struct source *s, size_t node, struct span *ret)
{
    struct json_writer w;
    struct span text;
    int64_t number = 0;
    struct buf *store = &s->r->store;
    bool is_text = json_kind(s->j, node) == JSON_STRING;
    enum err e = is_text ? read_text(s, node, LIMIT_RPC_ID, &text)
                         : json_integer(s->j, node, -INTEGER_MAX, INTEGER_MAX, &number);
    if (e != ERR_OK) {
        return e;
    }
    size_t start = store->len;
    json_write_open(&w, store, LIMIT_RPC_ID_JSON);
    if (is_text) {
        json_put_string(&w, NULL, text);
    } else {
        json_put_integer(&w, NULL, number);
    }
    e = json_write_close(&w);
    if (e == ERR_OK) {
        *ret = span_sub(buf_span(store), start, store->len);
    }
    return e;
}

static enum err decode_lang(const struct source *s)
{
    struct span name;
    size_t node = json_member(s->j, s->params, "lang");
    if (node == JSON_ABSENT) {
        return ERR_OK;
    }
    enum err e = read_text(s, node, 2, &name);
    for (unsigned i = LANG_SYSTEM + 1; e == ERR_OK && i < LANG_COUNT; i++) {
        if (span_is(name, msg_lang_name((enum lang)i))) {
            s->r->lang = (enum lang)i;
            return ERR_OK;
        }
    }
    return e == ERR_OK ? ERR_ARGUMENT : e;
}

static enum err decode_timeout(const struct source *s)
{
    int64_t ms;
    size_t node = json_member(s->j, s->params, "timeoutMs");
    if (node == JSON_ABSENT) {
        return ERR_OK;
    }
    enum err e = json_integer(s->j, node, LIMIT_TIMEOUT_MIN_MS, LIMIT_TIMEOUT_MAX_MS, &ms);
    if (e == ERR_OK) {
        s->r->timeout_ms = (uint32_t)ms;
    }
    return e;
}

static enum err decode_behalf(const struct source *s)
{
    static const char *const allowed[] = {"name", "businessId", "mandate", NULL};
    size_t node = json_member(s->j, s->params, "onBehalfOf");
    if (node == JSON_ABSENT) {
        return ERR_OK;
    }
    if (json_kind(s->j, node) != JSON_OBJECT || !json_has_only(s->j, node, allowed)) {
        return ERR_ARGUMENT;
    }
    enum err e = read_text(s, json_member(s->j, node, "name"), LIMIT_BEHALF, &s->r->behalf_name);
    if (e == ERR_OK) {
        e = read_optional(s, node, "businessId", LIMIT_BEHALF, &s->r->behalf_id);
    }
    if (e == ERR_OK) {
        e = read_optional(s, node, "mandate", LIMIT_BEHALF, &s->r->behalf_mandate);
    }
    return e;
}

static enum err decode_common(const struct source *s)
{
    enum err e = decode_lang(s);
    if (e == ERR_OK) {
        e = decode_timeout(s);
    }
    if (e == ERR_OK) {
        e = decode_behalf(s);
    }
    if (e == ERR_OK) {
        e = read_optional(s, s->params, "purpose", LIMIT_PURPOSE, &s->r->purpose);
    }
    return e;
}

/* Of the methods that use a certificate. */
static enum err decode_choice(const struct source *s)
{
    size_t node = json_member(s->j, s->params, "certificateFilter");
    enum err e = decode_common(s);
    if (e != ERR_OK || node == JSON_ABSENT) {
        return e;
    }
    return filter_decode(s->j, node, &s->r->store, &s->r->filter);
}

static enum err decode_authenticate(const struct source *s)
{
    size_t node = json_member(s->j, s->params, "challengeNonce");
    enum err e =
        json_string(s->j, node, LIMIT_NONCE_MIN, LIMIT_NONCE_MAX, &s->r->store, &s->r->nonce);
    return e == ERR_OK ? decode_choice(s) : e;
}

static enum err decode_hash(const struct source *s)
{
    struct span name;
    size_t node = json_member(s->j, s->params, "hashAlgorithm");
    if (node == JSON_ABSENT) {
        return ERR_OK;
    }
    enum err e = read_text(s, node, LIMIT_MESSAGE, &name);
    if (e == ERR_OK) {
        e = alg_hash_from_name(name, &s->r->hash);
    }
    s->r->has_hash = e == ERR_OK;
    return e;
}

static enum err decode_format(const struct source *s)
{
    struct span name;
    size_t node = json_member(s->j, s->params, "format");
    if (node == JSON_ABSENT) {
        return ERR_OK;
    }
    enum err e = read_text(s, node, LIMIT_MESSAGE, &name);
    for (unsigned i = 0; e == ERR_OK && i < FORMAT_COUNT; i++) {
        if (span_is(name, msg_format_name((enum sign_format)i))) {
            s->r->format = (enum sign_format)i;
            return ERR_OK;
        }
    }
    return e == ERR_OK ? ERR_UNSUPPORTED : e;
}

static enum err decode_flag(const struct source *s, const char *name, bool *ret)
{
    size_t node = json_member(s->j, s->params, name);
    return node == JSON_ABSENT ? ERR_OK : json_bool(s->j, node, ret);
}

static enum err decode_algorithms(const struct source *s)
{
    size_t node = json_member(s->j, s->params, "signatureAlgorithms");
    return node == JSON_ABSENT ? ERR_OK : alg_json_decode(s->j, node, &s->r->store, &s->r->accepts);
}

static enum err decode_content(const struct source *s, size_t node, struct document *doc)
{
    static const char *const allowed[] = {"name", "mediaType", "content", NULL};
    if (!json_has_only(s->j, node, allowed)) {
        return ERR_ARGUMENT;
    }
    enum err e = json_base64(s->j, json_member(s->j, node, "content"), 0, LIMIT_MESSAGE,
                             &s->r->store, &doc->content);
    if (e == ERR_OK) {
        doc->has_content = true;
        doc->size = doc->content.len;
    }
    return e;
}

static enum err decode_digest(const struct source *s, size_t node, struct document *doc)
{
    static const char *const allowed[] = {"name", "mediaType", "size", "digest", NULL};
    int64_t size;
    if (!json_has_only(s->j, node, allowed)) {
        return ERR_ARGUMENT;
    }
    enum err e = json_integer(s->j, json_member(s->j, node, "size"), 0, INTEGER_MAX, &size);
    if (e == ERR_OK) {
        doc->size = (uint64_t)size;
        e = json_base64(s->j, json_member(s->j, node, "digest"), 1, LIMIT_DIGEST, &s->r->store,
                        &doc->digest);
    }
    return e;
}

static enum err decode_document(const struct source *s, size_t node, struct document *doc)
{
    if (json_kind(s->j, node) != JSON_OBJECT) {
        return ERR_ARGUMENT;
    }
    enum err e = read_text(s, json_member(s->j, node, "name"), LIMIT_DOC_NAME, &doc->name);
    if (e == ERR_OK) {
        e = read_text(s, json_member(s->j, node, "mediaType"), LIMIT_MEDIA_TYPE, &doc->media_type);
    }
    if (e != ERR_OK) {
        return e;
    }
    bool has_content = json_member(s->j, node, "content") != JSON_ABSENT;
    return has_content ? decode_content(s, node, doc) : decode_digest(s, node, doc);
}

static enum err decode_documents(const struct source *s)
{
    struct request *r = s->r;
    size_t array = json_member(s->j, s->params, "documents");
    size_t n = json_count(s->j, array);
    if (n == 0 || n > LIMIT_DOCS) {
        return ERR_ARGUMENT;
    }
    r->docs = calloc(n, sizeof *r->docs);
    if (r->docs == NULL) {
        return ERR_NOMEM;
    }
    r->n_docs = n;
    enum err e = ERR_OK;
    size_t node = json_first(s->j, array);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        e = decode_document(s, node, &r->docs[i]);
        node = json_next(s->j, node);
    }
    return e;
}

static enum err decode_certificate(const struct source *s)
{
    size_t node = json_member(s->j, s->params, "certificate");
    return node == JSON_ABSENT
               ? ERR_OK
               : json_base64(s->j, node, 1, LIMIT_CERT, &s->r->store, &s->r->certificate);
}

static enum err decode_sign(const struct source *s)
{
    enum err e = decode_hash(s);
    if (e == ERR_OK) {
        e = decode_format(s);
    }
    if (e == ERR_OK) {
        e = decode_algorithms(s);
    }
    if (e == ERR_OK) {
        e = decode_flag(s, "attached", &s->r->attached);
    }
    if (e == ERR_OK) {
        e = decode_flag(s, "signingTime", &s->r->signing_time);
    }
    if (e == ERR_OK) {
        e = decode_documents(s);
    }
    if (e == ERR_OK) {
        e = decode_certificate(s);
    }
    return e == ERR_OK ? decode_choice(s) : e;
}

/* A page names what it sends by what it is: a wrong one for the algorithm is a mistake. */
static enum err decode_cryptogram(const struct source *s)
{
    bool point = alg_dec_kind(s->r->dec_alg) == KEY_EC;
    size_t node = json_member(s->j, s->params, point ? "publicKey" : "ciphertext");
    size_t other = json_member(s->j, s->params, point ? "ciphertext" : "publicKey");
    return other != JSON_ABSENT
               ? ERR_ARGUMENT
               : json_base64(s->j, node, 1, LIMIT_SIGNATURE, &s->r->store, &s->r->cryptogram);
}

static enum err decode_decrypt(const struct source *s)
{
    struct span name, hash = span_of(NULL, 0);
    enum err e = read_text(s, json_member(s->j, s->params, "algorithm"), LIMIT_MESSAGE, &name);
    if (e == ERR_OK) {
        e = read_optional(s, s->params, "hashAlgorithm", LIMIT_MESSAGE, &hash);
    }
    if (e == ERR_OK) {
        e = alg_dec_from_names(name, hash, &s->r->dec_alg);
    }
    if (e == ERR_OK) {
        e = decode_cryptogram(s);
    }
    if (e == ERR_OK) {
        e = decode_certificate(s);
    }
    return e == ERR_OK ? decode_choice(s) : e;
}

/* The version text is for a developer who looks at the traffic; nothing depends on it. */
static enum err decode_hello(const struct source *s)
{
    struct span library;
    return read_optional(s, s->params, "library", LIMIT_LIBRARY, &library);
}

static enum err decode_nothing(const struct source *s)
{
    (void)s; /* it has no params */
    return ERR_OK;
}

static enum err decode_cancel(const struct source *s)
{
    size_t node = json_member(s->j, s->params, "id");
    return node == JSON_ABSENT ? ERR_ARGUMENT : read_id(s, node, &s->r->cancel_id);
}

/* What its body says is judged by the dialect itself (wire/scs.h), not here. */
static enum err decode_scs(const struct source *s)
{
    size_t chosen = json_member(s->j, JSON_ROOT, "chosen");
    size_t body = json_member(s->j, s->params, "body");
    enum err e =
        read_text(s, json_member(s->j, s->params, "method"), LIMIT_SCS_VERB, &s->r->scs.verb);
    if (e == ERR_OK) {
        e = read_text(s, json_member(s->j, s->params, "path"), LIMIT_SCS_PATH, &s->r->scs.path);
    }
    if (e == ERR_OK && body != JSON_ABSENT) {
        e = json_string(s->j, body, 0, LIMIT_MESSAGE, &s->r->store, &s->r->scs.body);
    }
    if (e == ERR_OK && chosen != JSON_ABSENT) {
        e = json_bool(s->j, chosen, &s->r->scs.chosen);
    }
    return e;
}

#define COMMON "lang", "timeoutMs", "purpose", "onBehalfOf"
#define CHOICE COMMON, "certificateFilter"
static const struct {
    enum err (*decode)(const struct source *s);
    const char *params[14]; /* the last is NULL */
} methods[METHOD_COUNT] = {
    [METHOD_AUTHENTICATE] = {decode_authenticate, {CHOICE, "challengeNonce"}},
    [METHOD_GET_SIGNING_CERTIFICATE] = {decode_choice, {CHOICE}},
    [METHOD_SIGN] = {decode_sign,
                     {CHOICE, "documents", "hashAlgorithm", "signatureAlgorithms", "format",
                      "attached", "signingTime", "certificate"}},
    [METHOD_DECRYPT] = {decode_decrypt,
                        {CHOICE, "algorithm", "hashAlgorithm", "ciphertext", "publicKey",
                         "certificate"}},
    [METHOD_SUBSCRIBE] = {decode_common, {COMMON}},
    [METHOD_UNSUBSCRIBE] = {decode_nothing, {NULL}},
    [METHOD_HELLO] = {decode_hello, {"library"}},
    [METHOD_CANCEL] = {decode_cancel, {"id"}},
    [METHOD_SCS] = {decode_scs, {"method", "path", "body"}},
    [METHOD_SCS_SITES] = {decode_nothing, {NULL}},
};

static enum err decode_version(const struct source *s)
{
    struct span version;
    enum err e = read_text(s, json_member(s->j, JSON_ROOT, "jsonrpc"), 3, &version);
    return e == ERR_OK && !span_is(version, "2.0") ? ERR_ARGUMENT : e;
}

static enum err decode_origin(const struct source *s, struct span door_origin)
{
    struct buf *store = &s->r->store;
    if (s->r->door == DOOR_NATIVE) {
        return read_optional(s, JSON_ROOT, "origin", LIMIT_ORIGIN, &s->r->origin);
    }
    size_t start = store->len;
    if (door_origin.len == 0 || door_origin.len > LIMIT_ORIGIN) {
        return ERR_ARGUMENT;
    }
    enum err e = buf_append(store, door_origin);
    if (e == ERR_OK) {
        s->r->origin = span_sub(buf_span(store), start, door_origin.len);
    }
    return e;
}

/* What makes the object a JSON-RPC 2.0 request of this door; ERR_ARGUMENT when it is none. */
static enum err decode_envelope(const struct source *s, struct span door_origin)
{
    static const char *const members[DOOR_COUNT][7] = {
        [DOOR_NATIVE] = {"jsonrpc", "id", "method", "params", "origin", "chosen"},
        [DOOR_WEBSOCKET] = {"jsonrpc", "id", "method", "params"},
    };
    size_t id = json_member(s->j, JSON_ROOT, "id");
    enum err e = id == JSON_ABSENT ? ERR_OK : read_id(s, id, &s->r->id);
    if (e == ERR_OK && !json_has_only(s->j, JSON_ROOT, members[s->r->door])) {
        e = ERR_ARGUMENT;
    }
    if (e == ERR_OK) {
        e = decode_version(s);
    }
    if (e == ERR_OK) {
        e = decode_origin(s, door_origin);
    }
    return e;
}

static enum err decode_method(const struct source *s)
{
    struct span name;
    enum err e = read_text(s, json_member(s->j, JSON_ROOT, "method"), LIMIT_MESSAGE, &name);
    if (e != ERR_OK) {
        return e == ERR_ARGUMENT ? ERR_REQUEST_INVALID : e;
    }
    unsigned i = 0;
    while (i < METHOD_COUNT && !span_is(name, msg_method_name((enum method)i))) {
        i++;
    }
    bool is_extensions = i == METHOD_SCS || i == METHOD_SCS_SITES;
    if (i == METHOD_COUNT || (is_extensions && s->r->door != DOOR_NATIVE)) {
        return ERR_METHOD_UNKNOWN;
    }
    /* Only the extension itself can speak without an origin: it writes one for every page. */
    if ((s->r->origin.len == 0) != (i == METHOD_SCS_SITES)) {
        return ERR_REQUEST_INVALID;
    }
    if (i != METHOD_SCS && json_member(s->j, JSON_ROOT, "chosen") != JSON_ABSENT) {
        return ERR_REQUEST_INVALID;
    }
    s->r->method = (enum method)i;
    return s->r->id.len == 0 && i != METHOD_CANCEL ? ERR_REQUEST_INVALID : ERR_OK;
}

static enum err decode_params(const struct source *s)
{
    enum method method = s->r->method;
    if (s->params != JSON_ABSENT && (json_kind(s->j, s->params) != JSON_OBJECT ||
                                     !json_has_only(s->j, s->params, methods[method].params))) {
        return ERR_ARGUMENT;
    }
    enum err e = methods[method].decode(s);
    return e == ERR_OK ? bounds_check_request(s->r) : e;
}

/* Every text of the message is stored once at most, and the ids once more in their own spelling:
 * with this room the store never moves, and spans into it stay good while more is read. */
static enum err reserve(struct buf *store, size_t n_json, size_t n_origin)
{
    uint8_t *at;
    enum err e = buf_extend(store, n_json + n_origin + (size_t)2 * LIMIT_RPC_ID_JSON, &at);
    buf_truncate(store, 0);
    return e;
}

enum err native_decode(struct span json, enum door door, struct span door_origin, struct request *r)
{
    struct json *j = NULL;
    enum err e = json_open(json, &j);
    r->door = door;
    if (e != ERR_OK) {
        return e;
    }
    struct source s = {j, json_member(j, JSON_ROOT, "params"), r};
    e = reserve(&r->store, json.len, door_origin.len);
    if (e == ERR_OK) {
        e = decode_envelope(&s, door_origin);
        e = e == ERR_ARGUMENT ? ERR_REQUEST_INVALID : e;
    }
    if (e == ERR_OK) {
        e = decode_method(&s);
    }
    if (e == ERR_OK) {
        e = decode_params(&s);
    }
    json_close(&j);
    return e;
}
