/* Complete requests and responses to start from. Texts are static, documents are on the heap. */
#ifndef UNIT_WIRE_SAMPLE_H
#define UNIT_WIRE_SAMPLE_H

#include "unit/test.h"
#include "wire/msg.h"

#define SAMPLE_ORIGIN "https://palvelu.example.fi"
#define SAMPLE_NONCE  "12345678123456781234567812345678912356789123"

static inline void sample_docs(struct request *r, size_t n)
{
    static const uint8_t digest[LIMIT_DIGEST] = {0xAB};
    r->docs = calloc(n, sizeof *r->docs);
    assert_non_null(r->docs);
    r->n_docs = n;
    r->has_hash = true;
    r->hash = HASH_SHA256;
    for (size_t i = 0; i < n; i++) {
        struct document *doc = &r->docs[i];
        doc->name = span_str("sopimus.pdf");
        doc->media_type = span_str("application/pdf");
        doc->has_content = i % 2 == 0;
        doc->content = doc->has_content ? span_str("content") : span_of(NULL, 0);
        doc->digest = doc->has_content ? span_of(NULL, 0) : span_of(digest, 32);
        doc->size = doc->has_content ? doc->content.len : 1234567;
    }
}

static inline void sample_request(struct request *r, enum method method)
{
    request_init(r);
    r->method = method;
    r->door = DOOR_WEBSOCKET;
    r->id = span_str("\"7f\"");
    r->origin = span_str(SAMPLE_ORIGIN);
    r->lang = LANG_SV;
    r->timeout_ms = 60000;
    r->purpose = span_str("P\xC3\xA4iv\xC3\xA4kotihakemus");
    r->behalf_name = span_str("Kunta Oy");
    r->behalf_id = span_str("1234567-8");
    r->behalf_mandate = span_str("m-1");
    r->presence_epoch = 0x1122334455667788;
    r->check = CHECK_NEVER;
    r->plain_readers = true;
    r->no_journal = true;
    if (method == METHOD_AUTHENTICATE || method == METHOD_GET_SIGNING_CERTIFICATE ||
        method == METHOD_SIGN) {
        r->filter.issuers[0] = span_str("CN=Test CA,C=FI");
        r->filter.issuers[1] = span_str("Test CA");
        r->filter.n_issuers = 2;
        r->filter.policies[0] = span_str("1.2.246.517.1");
        r->filter.n_policies = 1;
        r->filter.holder = span_str("99900335E");
        r->filter.key_usage = 3;
        r->filter.loose = true;
        r->filter.key_kinds = 1u << KEY_RSA;
    }
    if (method == METHOD_AUTHENTICATE) {
        r->nonce = span_str(SAMPLE_NONCE);
    } else if (method == METHOD_SIGN) {
        r->certificate = span_str("DER");
        r->format = FORMAT_CADES;
        r->accepts = 0x0FF;
        r->signing_time = true;
        sample_docs(r, 3);
    } else if (method == METHOD_DECRYPT) {
        static const uint8_t point[97] = {0x04, 0x55};
        r->certificate = span_str("DER");
        r->dec_alg = DEC_ECDH;
        r->cryptogram = span_of(point, sizeof point);
    } else if (method == METHOD_CANCEL) {
        r->cancel_id = span_str("1");
    } else if (method == METHOD_SCS) {
        r->door = DOOR_NATIVE;
        r->scs.verb = span_str("POST");
        r->scs.path = span_str("/sign");
        r->scs.body = span_str("{}");
    } else if (method == METHOD_SCS_SITES) {
        r->door = DOOR_NATIVE;
        r->origin = span_of(NULL, 0);
    }
}

/* As the SCS door makes them: a login, or one document without a name. */
static inline void sample_scs(struct request *r, enum method method)
{
    request_init(r);
    r->method = method;
    r->door = DOOR_SCS;
    r->origin = span_str(SAMPLE_ORIGIN);
    r->hash = HASH_SHA256;
    r->has_hash = true;
    if (method == METHOD_AUTHENTICATE) {
        r->challenge = span_str(SAMPLE_ORIGIN " " SAMPLE_NONCE SAMPLE_NONCE);
        r->binding = BINDING_OLD;
    } else if (method == METHOD_SIGN) {
        sample_docs(r, 1);
        r->docs[0].name = span_of(NULL, 0);
    }
}

static inline void sample_response(struct response *r, enum method method)
{
    response_init(r, method);
    if (method == METHOD_SUBSCRIBE) {
        return;
    }
    assert_int_equal(buf_append_str(&r->certificate, "certificate"), ERR_OK);
    if (method == METHOD_SIGN || method == METHOD_GET_SIGNING_CERTIFICATE) {
        assert_int_equal(buf_append_str(&r->chain[0], "issuer"), ERR_OK);
        assert_int_equal(buf_append_str(&r->chain[1], "root"), ERR_OK);
        r->n_chain = 2;
    }
    r->key = (struct key_type){KEY_EC, 384};
    if (method == METHOD_GET_SIGNING_CERTIFICATE) {
        r->algs[0] = (struct sig_alg){SIG_ECDSA, HASH_SHA384};
        r->algs[1] = (struct sig_alg){SIG_ECDSA, HASH_SHA256};
        r->n_algs = 2;
        return;
    }
    if (method == METHOD_DECRYPT) {
        assert_int_equal(
            buf_append(&r->plaintext, span_str("The x-coordinate of the point that both can find")),
            ERR_OK);
        return;
    }
    assert_int_equal(response_alloc_sigs(r, method == METHOD_SIGN ? 3 : 1), ERR_OK);
    r->sigs[r->n_sigs - 1].signed_data =
        method == METHOD_SIGN ? span_str("SignedData") : span_of(NULL, 0);
    for (size_t i = 0; i < r->n_sigs; i++) {
        r->sigs[i].alg = (struct sig_alg){SIG_ECDSA, HASH_SHA384};
        r->sigs[i].len = 96;
        memset(r->sigs[i].value, (int)i + 1, 96);
        memset(r->sigs[i].digest, (int)i + 0x10, 48);
    }
}

#endif
