#include "wire/bounds.h"

#include "base/utf8.h"

#define POINT_UNCOMPRESSED 0x04u /* SEC 1 §2.3.3 */

static bool in(size_t value, size_t min, size_t max)
{
    return value >= min && value <= max;
}

static bool is_printable(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < 0x20 || text.at[i] > 0x7E) {
            return false;
        }
    }
    return true;
}

/* U+0000 would end the text early wherever a C string follows. */
static bool is_text(struct span text, size_t min, size_t max)
{
    return in(text.len, min, max) && (text.len == 0 || memchr(text.at, 0, text.len) == NULL) &&
           utf8_valid(text);
}

/* Without control characters a name grows at most twofold in JSON: then the answer to the largest
 * request fits LIMIT_REPLY, and no signature is made that can't be delivered. */
static bool is_doc_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] < 0x20 || name.at[i] == 0x7F) {
            return false;
        }
    }
    return is_text(name, 1, LIMIT_DOC_NAME);
}

static bool is_alnum(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* restricted-name of RFC 6838 §4.2. */
static bool is_restricted_name(struct span name)
{
    if (name.len == 0 || !is_alnum(name.at[0])) {
        return false;
    }
    for (size_t i = 1; i < name.len; i++) {
        if (!is_alnum(name.at[i]) && (name.at[i] == 0 || strchr("!#$&-^_.+", name.at[i]) == NULL)) {
            return false;
        }
    }
    return true;
}

static bool is_media_type(struct span text)
{
    const uint8_t *slash = text.len > 0 ? memchr(text.at, '/', text.len) : NULL;
    if (slash == NULL || text.len > LIMIT_MEDIA_TYPE) {
        return false;
    }
    size_t at = (size_t)(slash - text.at);
    return is_restricted_name(span_sub(text, 0, at)) &&
           is_restricted_name(span_sub(text, at + 1, text.len));
}

static bool is_document(const struct document *doc, const struct request *r)
{
    bool is_nameless = r->door == DOOR_SCS || r->door == DOOR_WEBEID;
    bool is_named = is_nameless ? doc->name.len == 0 : is_doc_name(doc->name);
    if (!is_named || !is_media_type(doc->media_type) || doc->size > LIMIT_DOC_SIZE) {
        return false;
    }
    if (doc->has_content) {
        return doc->digest.len == 0 && doc->content.len <= LIMIT_MESSAGE &&
               doc->size == doc->content.len;
    }
    return doc->content.len == 0 && r->has_hash && doc->digest.len == alg_hash_len(r->hash);
}

static bool can_be_attached(const struct document *doc, const struct request *r)
{
    bool has_place = r->format == FORMAT_CMS || r->format == FORMAT_CADES;
    return !r->attached || (has_place && doc->has_content && doc->content.len <= LIMIT_ATTACHED);
}

/* What no key could do, or no format has a place for, never opens a window. EN 319 142-1 §6.3: the
 * time of a PDF's signature stands in the PDF. */
static bool fits_choices(const struct request *r)
{
    bool has_place = r->format == FORMAT_CMS || r->format == FORMAT_CADES;
    bool meets = r->accepts == 0 || !r->has_hash || (r->accepts & alg_bits_of_hash(r->hash)) != 0;
    return r->accepts < 1u << ALG_BITS && meets && (!r->signing_time || has_place);
}

static bool is_sign(const struct request *r)
{
    if (!in(r->n_docs, 1, LIMIT_DOCS) || r->certificate.len > LIMIT_CERT || !fits_choices(r)) {
        return false;
    }
    for (size_t i = 0; i < r->n_docs; i++) {
        if (!is_document(&r->docs[i], r) || !can_be_attached(&r->docs[i], r)) {
            return false;
        }
    }
    return true;
}

static const struct key_type known_keys[] = {{KEY_RSA, 2048}, {KEY_RSA, 3072}, {KEY_RSA, 4096},
                                             {KEY_EC, 256},   {KEY_EC, 384},   {KEY_EC, 521}};
#define KNOWN_KEYS (sizeof known_keys / sizeof known_keys[0])

/* What no key could take never opens a window. */
static bool is_decrypt(const struct request *r)
{
    enum key_kind kind = alg_dec_kind(r->dec_alg);
    bool fits = false;
    for (size_t i = 0; i < KNOWN_KEYS; i++) {
        fits = fits || (known_keys[i].kind == kind &&
                        alg_dec_input_len(known_keys[i]) == r->cryptogram.len);
    }
    return fits && (kind == KEY_RSA || r->cryptogram.at[0] == POINT_UNCOMPRESSED) &&
           r->certificate.len <= LIMIT_CERT;
}

/* What the page wants signed to know who it is: a nonce, or on the SCS door a challenge. */
static bool is_authenticate(const struct request *r)
{
    if (r->door == DOOR_SCS) {
        return r->nonce.len == 0 && in(r->challenge.len, 1, LIMIT_CHALLENGE) && r->has_hash;
    }
    return in(r->nonce.len, LIMIT_NONCE_MIN, LIMIT_NONCE_MAX) && is_printable(r->nonce) &&
           r->challenge.len == 0 && r->binding == BINDING_STRICT && !r->has_hash;
}

static bool is_without_challenge(const struct request *r)
{
    return r->nonce.len == 0 && r->challenge.len == 0 && r->binding == BINDING_STRICT;
}

/* The methods that use a certificate. */
static bool takes_filter(enum method m)
{
    return m == METHOD_AUTHENTICATE || m == METHOD_GET_SIGNING_CERTIFICATE || m == METHOD_SIGN ||
           m == METHOD_DECRYPT;
}

static bool is_empty(const struct cert_filter *f)
{
    return f->n_issuers == 0 && f->n_policies == 0 && f->holder.len == 0 && f->key_usage == 0 &&
           f->key_kinds == 0 && !f->loose;
}

static bool fits_scs(const struct request *r)
{
    if (r->method != METHOD_SCS) {
        return r->scs.verb.len == 0 && r->scs.path.len == 0 && r->scs.body.len == 0;
    }
    return r->door == DOOR_NATIVE && in(r->scs.verb.len, 1, LIMIT_SCS_VERB) &&
           in(r->scs.path.len, 1, LIMIT_SCS_PATH) && r->scs.body.len <= LIMIT_MESSAGE;
}

static bool fits_method(const struct request *r)
{
    bool is_plain = r->format == FORMAT_RAW && !r->attached && r->accepts == 0 && !r->signing_time;
    if (r->method == METHOD_SIGN ? !is_sign(r) : r->n_docs > 0 || !is_plain) {
        return false;
    }
    if (r->has_hash && r->method != METHOD_SIGN && r->method != METHOD_AUTHENTICATE) {
        return false;
    }
    if (r->method == METHOD_DECRYPT ? !is_decrypt(r) : r->cryptogram.len > 0) {
        return false;
    }
    if (r->certificate.len > 0 && r->method != METHOD_SIGN && r->method != METHOD_DECRYPT) {
        return false;
    }
    if (!takes_filter(r->method) && !is_empty(&r->filter)) {
        return false;
    }
    if (r->method == METHOD_AUTHENTICATE ? !is_authenticate(r) : !is_without_challenge(r)) {
        return false;
    }
    return (r->cancel_id.len > 0) == (r->method == METHOD_CANCEL) && fits_scs(r);
}

static bool has_good_texts(const struct request *r)
{
    if (!is_text(r->purpose, 0, LIMIT_PURPOSE) || !is_text(r->behalf_name, 0, LIMIT_BEHALF) ||
        !is_text(r->behalf_id, 0, LIMIT_BEHALF) || !is_text(r->behalf_mandate, 0, LIMIT_BEHALF)) {
        return false;
    }
    return r->behalf_name.len > 0 || (r->behalf_id.len == 0 && r->behalf_mandate.len == 0);
}

enum err bounds_check_request(const struct request *r)
{
    bool ok = r->method < METHOD_COUNT && r->door < DOOR_COUNT && r->lang < LANG_COUNT &&
              r->format < FORMAT_COUNT && r->hash < HASH_COUNT && r->check < CHECK_COUNT &&
              r->dec_alg < DEC_COUNT && r->binding < BINDING_COUNT;
    ok = ok && in(r->timeout_ms, LIMIT_TIMEOUT_MIN_MS, LIMIT_TIMEOUT_MAX_MS);
    ok = ok && is_text(r->origin, 0, LIMIT_ORIGIN) &&
         (r->origin.len == 0) == (r->method == METHOD_SCS_SITES);
    ok = ok && is_text(r->id, 0, LIMIT_RPC_ID_JSON) && is_text(r->cancel_id, 0, LIMIT_RPC_ID_JSON);
    ok = ok && filter_is_sound(&r->filter);
    return ok && has_good_texts(r) && fits_method(r) ? ERR_OK : ERR_ARGUMENT;
}

static bool is_key(struct key_type key)
{
    for (size_t i = 0; i < KNOWN_KEYS; i++) {
        if (key.kind == known_keys[i].kind && key.bits == known_keys[i].bits) {
            return true;
        }
    }
    return false;
}

static bool is_alg(struct sig_alg alg, struct key_type key)
{
    return alg.scheme <= SIG_ECDSA && alg.hash < HASH_COUNT &&
           (alg.scheme == SIG_ECDSA) == (key.kind == KEY_EC);
}

static bool is_plaintext(size_t len, struct key_type key)
{
    size_t agreed = alg_dec_output_max(DEC_ECDH, key);
    size_t transported = alg_dec_output_max(DEC_RSA_PKCS1, key);
    return key.kind == KEY_EC ? len == agreed : in(len, 1, transported);
}

static bool has_good_count(const struct response *r)
{
    static const struct {
        size_t min_cert, min_algs, min_sigs, max_sigs;
    } rows[METHOD_COUNT] = {
        [METHOD_AUTHENTICATE] = {1, 0, 1, 1},
        [METHOD_GET_SIGNING_CERTIFICATE] = {1, 1, 0, 0},
        [METHOD_SIGN] = {1, 0, 1, LIMIT_DOCS},
        [METHOD_DECRYPT] = {1, 0, 0, 0},
    };
    if (r->n_chain > (r->method == METHOD_DECRYPT ? 0 : LIMIT_CHAIN)) {
        return false;
    }
    for (size_t i = 0; i < r->n_chain; i++) {
        if (!in(r->chain[i].len, 1, LIMIT_CERT)) {
            return false;
        }
    }
    return in(r->certificate.len, rows[r->method].min_cert, LIMIT_CERT) &&
           in(r->n_algs, rows[r->method].min_algs, sizeof r->algs / sizeof r->algs[0]) &&
           in(r->n_sigs, rows[r->method].min_sigs, rows[r->method].max_sigs);
}

enum err bounds_check_response(const struct response *r)
{
    if ((unsigned)r->err >= ERR_COUNT || r->method > METHOD_SUBSCRIBE) {
        return ERR_ARGUMENT;
    }
    if (r->err != ERR_OK || r->method == METHOD_SUBSCRIBE) {
        return ERR_OK;
    }
    bool ok = has_good_count(r) && is_key(r->key) && (!r->stopped || r->method == METHOD_SIGN);
    ok = ok && (r->method == METHOD_DECRYPT ? is_plaintext(r->plaintext.len, r->key)
                                            : r->plaintext.len == 0);
    for (size_t i = 0; ok && i < r->n_algs; i++) {
        ok = is_alg(r->algs[i], r->key);
    }
    for (size_t i = 0; ok && i < r->n_sigs; i++) {
        ok = is_alg(r->sigs[i].alg, r->key) && r->sigs[i].len == alg_signature_len(r->key) &&
             r->sigs[i].signed_data.len <= LIMIT_SIGNED_DATA;
    }
    return ok ? ERR_OK : ERR_ARGUMENT;
}
