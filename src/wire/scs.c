#include "wire/scs.h"

#include "wire/bounds.h"
#include "wire/json_read.h"

#include <stdlib.h>

#define MEDIA_TYPE "application/octet-stream" /* SCS has none */

struct source {
    const struct json *j;
    struct request *r;
};

/* A word of the interface and what it is here. Services write them in any case. */
struct word {
    const char *text;
    unsigned value;
};

enum content { CONTENT_DATA, CONTENT_DIGEST };
enum { USE_AUTH = 1, USE_SIGN = 2 }; /* bits */

static const struct word contents[] = {
    {"data", CONTENT_DATA}, {"digest", CONTENT_DIGEST}, {NULL, 0}};
static const struct word types[] = {
    {"signature", FORMAT_RAW}, {"cms", FORMAT_CMS}, {"cms-pades", FORMAT_PADES_CMS}, {NULL, 0}};
static const struct word hashes[] = {
    {"sha224", HASH_SHA224},  {"sha256", HASH_SHA256},  {"sha384", HASH_SHA384},
    {"sha512", HASH_SHA512},  {"sha-224", HASH_SHA224}, {"sha-256", HASH_SHA256},
    {"sha-384", HASH_SHA384}, {"sha-512", HASH_SHA512}, {NULL, 0}};
static const struct word kinds[] = {
    {"rsa", 1u << KEY_RSA}, {"ec", 1u << KEY_EC}, {"ecdsa", 1u << KEY_EC}, {NULL, 0}};
static const struct word usages[] = {
    {"digitalsignature", USE_AUTH}, {"nonrepudiation", USE_SIGN}, {NULL, 0}};
/* Of before 1.3. What is none of them follows the rules of 1.3, the strictest. */
static const struct word old_versions[] = {{"1.0", 0}, {"1.1", 0}, {"1.2", 0}, {NULL, 0}};

static bool same_word(struct span text, const char *word)
{
    size_t i = 0;
    for (; i < text.len && word[i] != '\0'; i++) {
        uint8_t c = text.at[i];
        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != word[i]) {
            return false;
        }
    }
    return i == text.len && word[i] == '\0';
}

static const struct word *find_word(struct span text, const struct word *words)
{
    while (words->text != NULL && !same_word(text, words->text)) {
        words++;
    }
    return words->text == NULL ? NULL : words;
}

/* The member, or JSON_ABSENT when it is null or not there. */
static size_t member(const struct source *s, size_t object, const char *name)
{
    size_t node = json_member(s->j, object, name);
    return json_kind(s->j, node) == JSON_NULL ? JSON_ABSENT : node;
}

static enum err read_text(const struct source *s, size_t node, struct span *ret)
{
    return json_string(s->j, node, 0, LIMIT_MESSAGE, &s->r->store, ret);
}

/* *value stays as it is when the member is not there; `unknown` when it is no word of the list. */
static enum err read_word(const struct source *s, const char *name, const struct word *words,
                          enum err unknown, unsigned *value)
{
    struct span text;
    size_t node = member(s, JSON_ROOT, name);
    if (node == JSON_ABSENT) {
        return ERR_OK;
    }
    enum err e = read_text(s, node, &text);
    if (e != ERR_OK) {
        return e;
    }
    const struct word *word = find_word(text, words);
    if (word == NULL) {
        return unknown;
    }
    *value = word->value;
    return ERR_OK;
}

/* The values of a list of words, together. `unknown` when no word of a list that has some is known,
 * and with `all` when one is not. */
static enum err read_words(const struct source *s, size_t array, const struct word *words, bool all,
                           enum err unknown, unsigned *ret)
{
    unsigned value = 0;
    bool missed = false;
    if (array == JSON_ABSENT) {
        return ERR_OK;
    }
    if (json_kind(s->j, array) != JSON_ARRAY) {
        return ERR_ARGUMENT;
    }
    for (size_t node = json_first(s->j, array); node != JSON_ABSENT; node = json_next(s->j, node)) {
        struct span text;
        enum err e = read_text(s, node, &text);
        if (e != ERR_OK) {
            return e;
        }
        const struct word *word = find_word(text, words);
        missed = missed || word == NULL;
        value |= word == NULL ? 0 : word->value;
    }
    *ret = value;
    return missed && (all || value == 0) ? unknown : ERR_OK;
}

/* ---- selector ---- */

static enum err decode_issuers(const struct source *s, size_t array)
{
    struct cert_filter *f = &s->r->filter;
    enum err e = ERR_OK;
    if (array == JSON_ABSENT) {
        return ERR_OK;
    }
    if (json_kind(s->j, array) != JSON_ARRAY) {
        return ERR_ARGUMENT;
    }
    if (json_count(s->j, array) > LIMIT_FILTER_VALUES) {
        return ERR_TOO_LARGE;
    }
    for (size_t node = json_first(s->j, array); e == ERR_OK && node != JSON_ABSENT;
         node = json_next(s->j, node)) {
        e = json_string(s->j, node, 1, LIMIT_FILTER_ISSUER, &s->r->store,
                        &f->issuers[f->n_issuers++]);
    }
    f->loose = true;
    return e;
}

/* What the selector and signatureAlgorithm say must both be true of the key. */
static enum err decode_kinds(const struct source *s, size_t selector)
{
    unsigned listed = FILTER_KEY_KINDS, named = FILTER_KEY_KINDS;
    size_t array = member(s, selector, "keyalgorithms");
    enum err e = json_count(s->j, array) == 0 && json_kind(s->j, array) == JSON_ARRAY
                     ? ERR_OK
                     : read_words(s, array, kinds, false, ERR_ALG_UNSUPPORTED, &listed);
    if (e == ERR_OK) {
        e = read_word(s, "signatureAlgorithm", kinds, ERR_ALG_UNSUPPORTED, &named);
    }
    if (e == ERR_OK && (listed & named) == 0) {
        e = ERR_ALG_UNSUPPORTED;
    }
    s->r->filter.key_kinds = (listed & named) == FILTER_KEY_KINDS ? 0 : listed & named;
    return e;
}

/* Which key: the one that signs, for who asks for it; since 1.3 who does not say means the other.
 * Before, the program let the person choose: here it is the key that signs, which needs no binding
 * to an origin and proves no login. */
static enum err decode_method(const struct source *s, size_t selector, bool is_old)
{
    unsigned uses = 0;
    enum err e =
        read_words(s, member(s, selector, "keyusages"), usages, true, ERR_CERT_NOT_FOUND, &uses);
    bool signs = (uses & USE_SIGN) != 0 || (uses == 0 && is_old);
    s->r->method = signs ? METHOD_SIGN : METHOD_AUTHENTICATE;
    return e;
}

static enum err decode_selector(const struct source *s, bool is_old)
{
    size_t selector = member(s, JSON_ROOT, "selector");
    if (selector != JSON_ABSENT && json_kind(s->j, selector) != JSON_OBJECT) {
        return ERR_ARGUMENT;
    }
    enum err e = decode_method(s, selector, is_old);
    if (e == ERR_OK) {
        e = decode_issuers(s, member(s, selector, "issuers"));
    }
    return e == ERR_OK ? decode_kinds(s, selector) : e;
}

/* ---- what is signed ---- */

static enum err put_bytes(struct buf *store, struct span bytes, struct span *ret)
{
    size_t start = store->len;
    enum err e = buf_append(store, bytes);
    *ret = span_sub(buf_span(store), start, bytes.len);
    return e;
}

static enum err take_document(const struct source *s, struct span bytes, enum content kind)
{
    struct request *r = s->r;
    r->docs = calloc(1, sizeof *r->docs);
    if (r->docs == NULL) {
        return ERR_NOMEM;
    }
    r->n_docs = 1;
    struct document *doc = &r->docs[0];
    doc->has_content = kind == CONTENT_DATA;
    *(doc->has_content ? &doc->content : &doc->digest) = bytes;
    doc->size = doc->content.len;
    /* The only CMS of SCS whose content is inside (1.0): PAdES never has it. */
    r->attached = r->format == FORMAT_CMS && doc->has_content;
    if (r->attached && bytes.len > LIMIT_ATTACHED) {
        return ERR_TOO_LARGE;
    }
    return put_bytes(&r->store, span_str(MEDIA_TYPE), &doc->media_type);
}

/* A digest can hold anything: the key that logs in signs only what can be read. */
static enum err take_challenge(const struct source *s, struct span bytes, enum content kind)
{
    if (kind == CONTENT_DIGEST) {
        return ERR_NOT_BOUND;
    }
    if (s->r->format != FORMAT_RAW) {
        return ERR_UNSUPPORTED;
    }
    s->r->challenge = bytes;
    return bytes.len > LIMIT_CHALLENGE ? ERR_TOO_LARGE : ERR_OK;
}

static enum err decode_content(const struct source *s)
{
    unsigned kind = CONTENT_DATA, format = FORMAT_RAW, hash = HASH_SHA256;
    struct span bytes = span_of(NULL, 0);
    enum err e = read_word(s, "contentType", contents, ERR_ARGUMENT, &kind);
    if (e == ERR_OK) {
        e = read_word(s, "signatureType", types, ERR_UNSUPPORTED, &format);
    }
    if (e == ERR_OK) {
        e = read_word(s, "hashAlgorithm", hashes, ERR_UNSUPPORTED, &hash);
    }
    if (e == ERR_OK) {
        e = json_base64(s->j, member(s, JSON_ROOT, "content"), 1, LIMIT_MESSAGE, &s->r->store,
                        &bytes);
    }
    s->r->format = (enum sign_format)format;
    s->r->hash = (enum hash_alg)hash;
    s->r->has_hash = true;
    if (e != ERR_OK) {
        return e;
    }
    return s->r->method == METHOD_SIGN ? take_document(s, bytes, (enum content)kind)
                                       : take_challenge(s, bytes, (enum content)kind);
}

static enum err decode_version(const struct source *s, bool *ret_is_old)
{
    struct span text;
    size_t node = member(s, JSON_ROOT, "version");
    enum err e = node == JSON_ABSENT ? ERR_OK : read_text(s, node, &text);
    *ret_is_old = node == JSON_ABSENT || (e == ERR_OK && find_word(text, old_versions) != NULL);
    return e;
}

static enum err decode(const struct source *s, struct span origin)
{
    bool is_old = false;
    enum err e = origin.len == 0 || origin.len > LIMIT_ORIGIN
                     ? ERR_ORIGIN_INVALID
                     : put_bytes(&s->r->store, origin, &s->r->origin);
    if (e == ERR_OK) {
        e = decode_version(s, &is_old);
    }
    if (e == ERR_OK) {
        e = decode_selector(s, is_old);
    }
    if (e == ERR_OK) {
        e = decode_content(s);
    }
    if (e == ERR_OK && s->r->method == METHOD_AUTHENTICATE) {
        s->r->binding = is_old ? BINDING_OLD : BINDING_STRICT;
    }
    return e == ERR_OK ? bounds_check_request(s->r) : e;
}

enum err scs_decode(struct span json, struct span id, struct span origin, struct request *r)
{
    struct json *j = NULL;
    uint8_t *room;
    enum err e = json_open(json, &j);
    r->door = DOOR_SCS;
    if (e != ERR_OK) {
        return e;
    }
    const struct source s = {j, r};
    /* Room for everything at once: the store never moves, and spans into it stay good. */
    e = buf_extend(&r->store, json.len + id.len + origin.len + strlen(MEDIA_TYPE), &room);
    buf_truncate(&r->store, 0);
    if (e == ERR_OK) {
        e = put_bytes(&r->store, id, &r->id);
    }
    if (e == ERR_OK) {
        e = decode(&s, origin);
    }
    json_close(&j);
    return e;
}
