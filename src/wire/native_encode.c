#include "wire/native.h"
#include "wire/result_json.h"

static void begin_message(struct json_writer *w, struct buf *out)
{
    json_write_open(w, out, LIMIT_REPLY);
    json_begin_object(w, NULL);
    json_put_text(w, "jsonrpc", "2.0");
}

static enum err end_message(struct json_writer *w)
{
    json_end_object(w);
    return json_write_close(w);
}

static struct span value_of(const struct signature *sig)
{
    return span_of(sig->value, sig->len);
}

static void put_chain(struct json_writer *w, const struct response *resp)
{
    json_begin_array(w, "chain");
    for (size_t i = 0; i < resp->n_chain; i++) {
        json_put_base64(w, NULL, buf_span(&resp->chain[i]));
    }
    json_end_array(w);
}

static void put_certificate(struct json_writer *w, const struct response *resp)
{
    json_put_base64(w, "certificate", buf_span(&resp->certificate));
    put_chain(w, resp);
    result_put_algorithms(w, resp);
}

static void put_plaintext(struct json_writer *w, const struct request *r,
                          const struct response *resp)
{
    bool agreed = alg_dec_kind(r->dec_alg) == KEY_EC;
    json_put_base64(w, "certificate", buf_span(&resp->certificate));
    json_put_base64(w, agreed ? "sharedSecret" : "plaintext", buf_span(&resp->plaintext));
}

/* The signer answers what was asked, with one signature for each thing asked, or for the first of
 * them when the person stopped it. */
static bool fits(const struct request *r, const struct response *resp)
{
    size_t n_sigs = r->method == METHOD_AUTHENTICATE ? 1 : r->n_docs;
    bool count_fits = resp->stopped ? resp->n_sigs < n_sigs : resp->n_sigs == n_sigs;
    return r->method <= METHOD_SUBSCRIBE && resp->method == r->method && count_fits;
}

static void put_signature(struct json_writer *w, struct span name, const struct signature *sig)
{
    json_begin_object(w, NULL);
    json_put_string(w, "name", name);
    json_put_base64(w, "digest", span_of(sig->digest, alg_hash_len(sig->alg.hash)));
    json_put_base64(w, "signature", sig->signed_data.len > 0 ? sig->signed_data : value_of(sig));
    result_put_algorithm(w, "signatureAlgorithm", sig->alg);
    json_end_object(w);
}

/* The signatures from `from` to before `to`. */
static void put_signatures(struct json_writer *w, const struct request *r,
                           const struct response *resp, size_t from, size_t to)
{
    json_begin_array(w, "signatures");
    for (size_t i = from; i < to; i++) {
        put_signature(w, r->docs[i].name, &resp->sigs[i]);
    }
    json_end_array(w);
}

static void put_result(struct json_writer *w, const struct request *r, const struct response *resp,
                       size_t from)
{
    json_put_base64(w, "certificate", buf_span(&resp->certificate));
    put_chain(w, resp);
    json_put_bool(w, "complete", !resp->stopped);
    put_signatures(w, r, resp, from, resp->n_sigs);
}

/* Room that a message has for signatures beside certificates and JSON's own. */
#define PIECE (LIMIT_REPLY - 128u * 1024)

/* At most: names without control characters grow twofold. */
static size_t size_of(const struct request *r, const struct response *resp, size_t i)
{
    const struct signature *sig = &resp->sigs[i];
    size_t value = sig->signed_data.len > 0 ? sig->signed_data.len : sig->len;
    return 2 * r->docs[i].name.len + (value + 2) / 3 * 4 + 512;
}

size_t native_piece(const struct request *r, const struct response *resp, size_t from)
{
    size_t size = 0;
    size_t to = from;
    if (r->method != METHOD_SIGN || !fits(r, resp)) {
        return resp->n_sigs;
    }
    while (to < resp->n_sigs && (to == from || size + size_of(r, resp, to) <= PIECE)) {
        size += size_of(r, resp, to++);
    }
    return to;
}

enum err native_encode_signatures(const struct request *r, const struct response *resp, size_t from,
                                  size_t to, struct buf *out)
{
    struct json_writer w;
    begin_message(&w, out);
    json_put_text(&w, "method", "signatures");
    json_begin_object(&w, "params");
    json_put_raw(&w, "id", r->id);
    put_signatures(&w, r, resp, from, to);
    json_end_object(&w);
    return end_message(&w);
}

enum err native_encode_response(const struct request *r, const struct response *resp, size_t from,
                                struct buf *out)
{
    struct json_writer w;
    if (resp->err != ERR_OK) {
        return native_encode_error(r->id, resp->err, out);
    }
    if (!fits(r, resp)) {
        return ERR_INTERNAL;
    }
    begin_message(&w, out);
    json_put_raw(&w, "id", r->id);
    json_begin_object(&w, "result");
    if (r->method == METHOD_AUTHENTICATE) {
        result_put_token(&w, resp);
    } else if (r->method == METHOD_GET_SIGNING_CERTIFICATE) {
        put_certificate(&w, resp);
    } else if (r->method == METHOD_SIGN) {
        put_result(&w, r, resp, from);
    } else if (r->method == METHOD_DECRYPT) {
        put_plaintext(&w, r, resp);
    }
    json_end_object(&w);
    return end_message(&w);
}

enum err native_encode_error(struct span id, enum err e, struct buf *out)
{
    struct json_writer w;
    begin_message(&w, out);
    json_put_raw(&w, "id", id);
    json_begin_object(&w, "error");
    json_put_integer(&w, "code", err_code(e));
    json_put_text(&w, "message", err_text(e));
    json_begin_object(&w, "data");
    json_put_text(&w, "name", err_name(e));
    json_put_bool(&w, "retry", err_may_retry(e));
    json_end_object(&w);
    json_end_object(&w);
    return end_message(&w);
}

/* A constant but for the id: a page learns nothing about cards or people from it. */
enum err native_encode_hello(struct span id, struct buf *out)
{
    struct json_writer w;
    begin_message(&w, out);
    json_put_raw(&w, "id", id);
    json_begin_object(&w, "result");
    json_put_text(&w, "product", "korttisilta");
    json_put_text(&w, "version", KORTTISILTA_VERSION);
    json_put_integer(&w, "protocol", 1);
    json_begin_array(&w, "methods");
    for (unsigned i = 0; i < METHOD_SCS; i++) { /* that one is no page's to call */
        json_put_text(&w, NULL, msg_method_name((enum method)i));
    }
    json_end_array(&w);
    json_begin_array(&w, "formats");
    for (unsigned i = 0; i < FORMAT_COUNT; i++) {
        json_put_text(&w, NULL, msg_format_name((enum sign_format)i));
    }
    json_end_array(&w);
    json_begin_array(&w, "hashAlgorithms");
    for (unsigned i = 0; i < HASH_COUNT; i++) {
        json_put_text(&w, NULL, alg_hash_name((enum hash_alg)i));
    }
    json_end_array(&w);
    json_put_integer(&w, "maxMessage", LIMIT_MESSAGE);
    json_end_object(&w);
    return end_message(&w);
}

enum err native_encode_empty(struct span id, struct buf *out)
{
    struct json_writer w;
    begin_message(&w, out);
    json_put_raw(&w, "id", id);
    json_begin_object(&w, "result");
    json_end_object(&w);
    return end_message(&w);
}

enum err native_encode_scs(struct span id, int status, struct span body, struct buf *out)
{
    struct json_writer w;
    begin_message(&w, out);
    json_put_raw(&w, "id", id);
    json_begin_object(&w, "result");
    json_put_integer(&w, "status", status);
    json_put_string(&w, "body", body);
    json_end_object(&w);
    return end_message(&w);
}

enum err native_encode_scs_sites(struct span id, const struct span *origins, size_t n_origins,
                                 struct buf *out)
{
    struct json_writer w;
    begin_message(&w, out);
    json_put_raw(&w, "id", id);
    json_begin_object(&w, "result");
    json_begin_array(&w, "origins");
    for (size_t i = 0; i < n_origins; i++) {
        json_put_string(&w, NULL, origins[i]);
    }
    json_end_array(&w);
    json_end_object(&w);
    return end_message(&w);
}

enum err native_encode_progress(struct span id, const struct progress *p, struct buf *out)
{
    struct json_writer w;
    begin_message(&w, out);
    json_put_text(&w, "method", "progress");
    json_begin_object(&w, "params");
    json_put_raw(&w, "id", id);
    json_put_integer(&w, "done", p->done);
    json_put_integer(&w, "total", p->total);
    json_end_object(&w);
    return end_message(&w);
}

enum err native_encode_card_event(bool inserted, struct buf *out)
{
    struct json_writer w;
    begin_message(&w, out);
    json_put_text(&w, "method", "card");
    json_begin_object(&w, "params");
    json_put_text(&w, "event", inserted ? "inserted" : "removed");
    json_end_object(&w);
    return end_message(&w);
}
