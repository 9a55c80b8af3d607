#include "wire/msg.h"

#include "wire/bounds.h"
#include "wire/record.h"

#include <stdlib.h>

/* Fields in the order in which they stand in a record. */
enum tag {
    TAG_METHOD = 1,
    TAG_DOOR,
    TAG_ID,
    TAG_ORIGIN,
    TAG_LANG,
    TAG_TIMEOUT,
    TAG_PURPOSE,
    TAG_BEHALF_NAME,
    TAG_BEHALF_ID,
    TAG_BEHALF_MANDATE,
    TAG_NONCE,
    TAG_CERTIFICATE,
    TAG_FORMAT,
    TAG_ATTACHED,
    TAG_HAS_HASH,
    TAG_HASH,
    TAG_EPOCH,
    TAG_CHECK,
    TAG_DEC_ALG,
    TAG_CRYPTOGRAM,
    TAG_COUNT,
    TAG_DOC,
    TAG_NAME,
    TAG_MEDIA_TYPE,
    TAG_SIZE,
    TAG_HAS_CONTENT,
    TAG_CONTENT,
    TAG_DIGEST,
    TAG_ERR,
    TAG_KEY_KIND,
    TAG_KEY_BITS,
    TAG_ALG,
    TAG_SIG,
    TAG_SCHEME,
    TAG_VALUE,
    TAG_PLAINTEXT,
    TAG_SIGNED_DATA,
    TAG_STOPPED,
    TAG_DONE,
    TAG_TOTAL,
    TAG_FILTER,
    TAG_CHALLENGE,
    TAG_BINDING,
    TAG_PLAIN_READERS,
    TAG_ACCEPTS,
    TAG_SIGNING_TIME,
    TAG_NO_JOURNAL,
};

void request_init(struct request *r)
{
    *r = (struct request){.timeout_ms = LIMIT_TIMEOUT_DEF_MS};
    buf_init(&r->store, LIMIT_IPC);
}

void request_clear(struct request *r)
{
    free(r->docs);
    buf_clear(&r->store);
    request_init(r);
}

void response_init(struct response *r, enum method method)
{
    *r = (struct response){.method = method};
    buf_init(&r->certificate, LIMIT_CERT);
    for (size_t i = 0; i < LIMIT_CHAIN; i++) {
        buf_init(&r->chain[i], LIMIT_CERT);
    }
    buf_init(&r->plaintext, LIMIT_SIGNATURE);
    buf_init(&r->store, LIMIT_IPC);
}

void response_clear(struct response *r)
{
    free(r->sigs);
    buf_clear(&r->certificate);
    for (size_t i = 0; i < LIMIT_CHAIN; i++) {
        buf_clear(&r->chain[i]);
    }
    buf_clear(&r->plaintext);
    buf_clear(&r->store);
    response_init(r, r->method);
}

enum err response_alloc_sigs(struct response *r, size_t n)
{
    if (n == 0 || n > LIMIT_DOCS) {
        return ERR_TOO_LARGE;
    }
    struct signature *sigs = calloc(n, sizeof *sigs);
    if (sigs == NULL) {
        return ERR_NOMEM;
    }
    free(r->sigs);
    r->sigs = sigs;
    r->n_sigs = n;
    return ERR_OK;
}

bool msg_needs_pin(enum method m)
{
    return m == METHOD_AUTHENTICATE || m == METHOD_SIGN || m == METHOD_DECRYPT;
}

const char *msg_method_name(enum method m)
{
    static const char *const names[METHOD_COUNT] = {
        [METHOD_AUTHENTICATE] = "authenticate",
        [METHOD_GET_SIGNING_CERTIFICATE] = "getSigningCertificate",
        [METHOD_SIGN] = "sign",
        [METHOD_DECRYPT] = "decrypt",
        [METHOD_SUBSCRIBE] = "subscribe",
        [METHOD_UNSUBSCRIBE] = "unsubscribe",
        [METHOD_HELLO] = "hello",
        [METHOD_CANCEL] = "cancel",
        [METHOD_SCS] = "scs",
        [METHOD_SCS_SITES] = "scsSites",
    };
    return names[m];
}

const char *msg_lang_name(enum lang l)
{
    static const char *const names[LANG_COUNT] = {
        [LANG_SYSTEM] = "", [LANG_FI] = "fi", [LANG_SV] = "sv", [LANG_EN] = "en"};
    return names[l];
}

const char *msg_format_name(enum sign_format f)
{
    static const char *const names[FORMAT_COUNT] = {[FORMAT_RAW] = "raw",
                                                    [FORMAT_CMS] = "cms",
                                                    [FORMAT_CADES] = "cades",
                                                    [FORMAT_PADES_CMS] = "pades-cms"};
    return names[f];
}

static void put_document(struct record_writer *w, const struct document *doc)
{
    size_t mark = record_begin(w, TAG_DOC);
    record_put_span(w, TAG_NAME, doc->name);
    record_put_span(w, TAG_MEDIA_TYPE, doc->media_type);
    record_put_u64(w, TAG_SIZE, doc->size);
    record_put_u64(w, TAG_HAS_CONTENT, doc->has_content);
    record_put_span(w, TAG_CONTENT, doc->content);
    record_put_span(w, TAG_DIGEST, doc->digest);
    record_end(w, mark);
}

static void put_request(struct record_writer *w, const struct request *r)
{
    record_put_u64(w, TAG_METHOD, r->method);
    record_put_u64(w, TAG_DOOR, r->door);
    record_put_span(w, TAG_ID, r->id);
    record_put_span(w, TAG_ORIGIN, r->origin);
    record_put_u64(w, TAG_LANG, r->lang);
    record_put_u64(w, TAG_TIMEOUT, r->timeout_ms);
    record_put_span(w, TAG_PURPOSE, r->purpose);
    record_put_span(w, TAG_BEHALF_NAME, r->behalf_name);
    record_put_span(w, TAG_BEHALF_ID, r->behalf_id);
    record_put_span(w, TAG_BEHALF_MANDATE, r->behalf_mandate);
    record_put_span(w, TAG_NONCE, r->nonce);
    record_put_span(w, TAG_CHALLENGE, r->challenge);
    record_put_u64(w, TAG_BINDING, r->binding);
    record_put_span(w, TAG_CERTIFICATE, r->certificate);
    filter_put(w, TAG_FILTER, &r->filter);
    record_put_u64(w, TAG_FORMAT, r->format);
    record_put_u64(w, TAG_ATTACHED, r->attached);
    record_put_u64(w, TAG_HAS_HASH, r->has_hash);
    record_put_u64(w, TAG_HASH, r->hash);
    record_put_u64(w, TAG_ACCEPTS, r->accepts);
    record_put_u64(w, TAG_SIGNING_TIME, r->signing_time);
    record_put_u64(w, TAG_EPOCH, r->presence_epoch);
    record_put_u64(w, TAG_CHECK, r->check);
    record_put_u64(w, TAG_PLAIN_READERS, r->plain_readers);
    record_put_u64(w, TAG_NO_JOURNAL, r->no_journal);
    record_put_u64(w, TAG_DEC_ALG, r->dec_alg);
    record_put_span(w, TAG_CRYPTOGRAM, r->cryptogram);
    record_put_u64(w, TAG_COUNT, r->n_docs);
    for (size_t i = 0; i < r->n_docs; i++) {
        put_document(w, &r->docs[i]);
    }
}

/* What one message adds to `out` is bounded, whatever the buffer may hold. */
static enum err close_record(struct record_writer *w)
{
    if (w->err == ERR_OK && w->out->len - w->start > LIMIT_IPC) {
        w->err = ERR_TOO_LARGE;
    }
    return record_write_close(w);
}

/* The origin has been judged before (core/origin.h): here it is ASCII without white space. */
static bool is_for_signer(const struct request *r)
{
    for (size_t i = 0; i < r->origin.len; i++) {
        if (r->origin.at[i] <= 0x20 || r->origin.at[i] > 0x7E) {
            return false;
        }
    }
    return r->method <= METHOD_SUBSCRIBE && bounds_check_request(r) == ERR_OK;
}

enum err msg_pack_request(const struct request *r, struct buf *out)
{
    struct record_writer w;
    if (!is_for_signer(r)) {
        return ERR_INTERNAL;
    }
    record_write_open(&w, out);
    put_request(&w, r);
    return close_record(&w);
}

static void take_document(struct record_reader *r, struct document *doc)
{
    struct record_reader in = record_enter(r, TAG_DOC);
    doc->name = record_take_span(&in, TAG_NAME, 0, LIMIT_DOC_NAME);
    doc->media_type = record_take_span(&in, TAG_MEDIA_TYPE, 1, LIMIT_MEDIA_TYPE);
    doc->size = record_take_u64(&in, TAG_SIZE, 0, LIMIT_DOC_SIZE);
    doc->has_content = record_take_bool(&in, TAG_HAS_CONTENT);
    doc->content = record_take_span(&in, TAG_CONTENT, 0, LIMIT_MESSAGE);
    doc->digest = record_take_span(&in, TAG_DIGEST, 0, LIMIT_DIGEST);
    record_leave(r, &in);
}

static enum err take_documents(struct record_reader *in, struct request *r)
{
    size_t n = (size_t)record_take_u64(in, TAG_COUNT, 0, LIMIT_DOCS);
    if (in->err != ERR_OK || n == 0) {
        return in->err;
    }
    r->docs = calloc(n, sizeof *r->docs);
    if (r->docs == NULL) {
        return ERR_NOMEM;
    }
    r->n_docs = n;
    for (size_t i = 0; i < n; i++) {
        take_document(in, &r->docs[i]);
    }
    return in->err;
}

static enum err take_request(struct record_reader *in, struct request *r)
{
    r->method = (enum method)record_take_u64(in, TAG_METHOD, 0, METHOD_SUBSCRIBE);
    r->door = (enum door)record_take_u64(in, TAG_DOOR, 0, DOOR_COUNT - 1);
    r->id = record_take_span(in, TAG_ID, 0, LIMIT_RPC_ID_JSON);
    r->origin = record_take_span(in, TAG_ORIGIN, 1, LIMIT_ORIGIN);
    r->lang = (enum lang)record_take_u64(in, TAG_LANG, 0, LANG_COUNT - 1);
    r->timeout_ms =
        (uint32_t)record_take_u64(in, TAG_TIMEOUT, LIMIT_TIMEOUT_MIN_MS, LIMIT_TIMEOUT_MAX_MS);
    r->purpose = record_take_span(in, TAG_PURPOSE, 0, LIMIT_PURPOSE);
    r->behalf_name = record_take_span(in, TAG_BEHALF_NAME, 0, LIMIT_BEHALF);
    r->behalf_id = record_take_span(in, TAG_BEHALF_ID, 0, LIMIT_BEHALF);
    r->behalf_mandate = record_take_span(in, TAG_BEHALF_MANDATE, 0, LIMIT_BEHALF);
    r->nonce = record_take_span(in, TAG_NONCE, 0, LIMIT_NONCE_MAX);
    r->challenge = record_take_span(in, TAG_CHALLENGE, 0, LIMIT_CHALLENGE);
    r->binding = (enum binding)record_take_u64(in, TAG_BINDING, 0, BINDING_COUNT - 1);
    r->certificate = record_take_span(in, TAG_CERTIFICATE, 0, LIMIT_CERT);
    filter_take(in, TAG_FILTER, &r->filter);
    r->format = (enum sign_format)record_take_u64(in, TAG_FORMAT, 0, FORMAT_COUNT - 1);
    r->attached = record_take_bool(in, TAG_ATTACHED);
    r->has_hash = record_take_bool(in, TAG_HAS_HASH);
    r->hash = (enum hash_alg)record_take_u64(in, TAG_HASH, 0, HASH_COUNT - 1);
    r->accepts = (uint16_t)record_take_u64(in, TAG_ACCEPTS, 0, (1u << ALG_BITS) - 1);
    r->signing_time = record_take_bool(in, TAG_SIGNING_TIME);
    r->presence_epoch = record_take_u64(in, TAG_EPOCH, 0, UINT64_MAX);
    r->check = (enum revocation_check)record_take_u64(in, TAG_CHECK, 0, CHECK_COUNT - 1);
    r->plain_readers = record_take_bool(in, TAG_PLAIN_READERS);
    r->no_journal = record_take_bool(in, TAG_NO_JOURNAL);
    r->dec_alg = (enum dec_alg)record_take_u64(in, TAG_DEC_ALG, 0, DEC_COUNT - 1);
    r->cryptogram = record_take_span(in, TAG_CRYPTOGRAM, 0, LIMIT_SIGNATURE);
    return take_documents(in, r);
}

enum err msg_unpack_request(struct span record, struct request *r)
{
    struct record_reader in;
    if (record.len > LIMIT_IPC) {
        return ERR_MALFORMED;
    }
    enum err e = buf_append(&r->store, record);
    if (e != ERR_OK) {
        return e;
    }
    record_read_open(&in, buf_span(&r->store));
    e = take_request(&in, r);
    if (e == ERR_OK) {
        e = record_read_close(&in);
    }
    if (e == ERR_OK && !is_for_signer(r)) {
        e = ERR_MALFORMED;
    }
    return e;
}

static void put_alg(struct record_writer *w, struct sig_alg alg)
{
    record_put_u64(w, TAG_SCHEME, alg.scheme);
    record_put_u64(w, TAG_HASH, alg.hash);
}

static void put_signature(struct record_writer *w, const struct signature *sig)
{
    size_t mark = record_begin(w, TAG_SIG);
    put_alg(w, sig->alg);
    record_put_span(w, TAG_VALUE, span_of(sig->value, sig->len));
    record_put_span(w, TAG_SIGNED_DATA, sig->signed_data);
    record_put_span(w, TAG_DIGEST, span_of(sig->digest, alg_hash_len(sig->alg.hash)));
    record_end(w, mark);
}

static void put_result(struct record_writer *w, const struct response *r)
{
    record_put_span(w, TAG_CERTIFICATE, buf_span(&r->certificate));
    record_put_u64(w, TAG_COUNT, r->n_chain);
    for (size_t i = 0; i < r->n_chain; i++) {
        record_put_span(w, TAG_CERTIFICATE, buf_span(&r->chain[i]));
    }
    record_put_u64(w, TAG_KEY_KIND, r->key.kind);
    record_put_u64(w, TAG_KEY_BITS, r->key.bits);
    record_put_u64(w, TAG_COUNT, r->n_algs);
    for (size_t i = 0; i < r->n_algs; i++) {
        size_t mark = record_begin(w, TAG_ALG);
        put_alg(w, r->algs[i]);
        record_end(w, mark);
    }
    record_put_span(w, TAG_PLAINTEXT, buf_span(&r->plaintext));
    record_put_u64(w, TAG_STOPPED, r->stopped);
    record_put_u64(w, TAG_COUNT, r->n_sigs);
    for (size_t i = 0; i < r->n_sigs; i++) {
        put_signature(w, &r->sigs[i]);
    }
}

enum err msg_pack_response(const struct response *r, struct buf *out)
{
    struct record_writer w;
    if (bounds_check_response(r) != ERR_OK) {
        return ERR_INTERNAL;
    }
    record_write_open(&w, out);
    record_put_u64(&w, TAG_ERR, r->err);
    record_put_u64(&w, TAG_METHOD, r->method);
    if (r->err == ERR_OK && r->method != METHOD_SUBSCRIBE) {
        put_result(&w, r);
    }
    return close_record(&w);
}

static struct sig_alg take_alg(struct record_reader *in)
{
    struct sig_alg alg;
    alg.scheme = (enum sig_scheme)record_take_u64(in, TAG_SCHEME, 0, SIG_ECDSA);
    alg.hash = (enum hash_alg)record_take_u64(in, TAG_HASH, 0, HASH_COUNT - 1);
    return alg;
}

static void take_algs(struct record_reader *in, struct response *r)
{
    size_t n = (size_t)record_take_u64(in, TAG_COUNT, 0, sizeof r->algs / sizeof r->algs[0]);
    for (size_t i = 0; i < n; i++) {
        struct record_reader inner = record_enter(in, TAG_ALG);
        r->algs[i] = take_alg(&inner);
        record_leave(in, &inner);
    }
    r->n_algs = n;
}

static void take_signature(struct record_reader *in, struct signature *sig)
{
    struct record_reader inner = record_enter(in, TAG_SIG);
    sig->alg = take_alg(&inner);
    struct span value = record_take_span(&inner, TAG_VALUE, 1, LIMIT_SIGNATURE);
    sig->signed_data = record_take_span(&inner, TAG_SIGNED_DATA, 0, LIMIT_SIGNED_DATA);
    size_t len = alg_hash_len(sig->alg.hash);
    struct span digest = record_take_span(&inner, TAG_DIGEST, len, len);
    if (inner.err == ERR_OK) {
        memcpy(sig->value, value.at, value.len);
        memcpy(sig->digest, digest.at, digest.len);
        sig->len = value.len;
    }
    record_leave(in, &inner);
}

static enum err take_signatures(struct record_reader *in, struct response *r)
{
    size_t n = (size_t)record_take_u64(in, TAG_COUNT, 0, LIMIT_DOCS);
    if (in->err != ERR_OK || n == 0) {
        return in->err;
    }
    enum err e = response_alloc_sigs(r, n);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        take_signature(in, &r->sigs[i]);
        e = in->err;
    }
    return e;
}

static enum err take_chain(struct record_reader *in, struct response *r)
{
    enum err e = ERR_OK;
    size_t n = (size_t)record_take_u64(in, TAG_COUNT, 0, LIMIT_CHAIN);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        e = buf_append(&r->chain[i], record_take_span(in, TAG_CERTIFICATE, 1, LIMIT_CERT));
    }
    r->n_chain = n;
    return e;
}

static enum err take_result(struct record_reader *in, struct response *r)
{
    struct span certificate = record_take_span(in, TAG_CERTIFICATE, 1, LIMIT_CERT);
    enum err taken = take_chain(in, r);
    if (taken != ERR_OK) {
        return taken;
    }
    r->key.kind = (enum key_kind)record_take_u64(in, TAG_KEY_KIND, 0, KEY_EC);
    r->key.bits = (unsigned)record_take_u64(in, TAG_KEY_BITS, 0, LIMIT_SIGNATURE * 8);
    take_algs(in, r);
    struct span plaintext = record_take_span(in, TAG_PLAINTEXT, 0, LIMIT_SIGNATURE);
    r->stopped = record_take_bool(in, TAG_STOPPED);
    enum err e = take_signatures(in, r);
    e = e == ERR_OK ? buf_append(&r->plaintext, plaintext) : e;
    return e == ERR_OK ? buf_append(&r->certificate, certificate) : e;
}

enum err msg_unpack_response(struct span record, struct response *r)
{
    struct record_reader in;
    enum err e = ERR_OK;
    if (record.len > LIMIT_IPC) {
        return ERR_MALFORMED;
    }
    e = buf_append(&r->store, record);
    if (e != ERR_OK) {
        return e;
    }
    record_read_open(&in, buf_span(&r->store));
    r->err = (enum err)record_take_u64(&in, TAG_ERR, 0, ERR_COUNT - 1);
    r->method = (enum method)record_take_u64(&in, TAG_METHOD, 0, METHOD_SUBSCRIBE);
    if (in.err == ERR_OK && r->err == ERR_OK && r->method != METHOD_SUBSCRIBE) {
        e = take_result(&in, r);
    }
    if (e == ERR_OK) {
        e = record_read_close(&in);
    }
    if (e == ERR_OK && bounds_check_response(r) != ERR_OK) {
        e = ERR_MALFORMED;
    }
    return e;
}

enum err msg_pack_progress(const struct progress *p, struct buf *out)
{
    struct record_writer w;
    record_write_open(&w, out);
    record_put_u64(&w, TAG_DONE, p->done);
    record_put_u64(&w, TAG_TOTAL, p->total);
    return close_record(&w);
}

bool msg_unpack_progress(struct span record, struct progress *ret)
{
    struct record_reader in;
    struct progress p;
    record_read_open(&in, record);
    p.done = (uint32_t)record_take_u64(&in, TAG_DONE, 0, LIMIT_DOCS);
    p.total = (uint32_t)record_take_u64(&in, TAG_TOTAL, 1, LIMIT_DOCS);
    if (record_read_close(&in) != ERR_OK || p.done > p.total) {
        return false;
    }
    *ret = p;
    return true;
}
