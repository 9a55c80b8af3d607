#include "wire/bounds.h"

#include "unit/wire/sample.h"

#define LONG_TEXT 600u

static const char *text_of(char c, size_t len)
{
    static char text[LONG_TEXT + 1];
    memset(text, c, len);
    text[len] = '\0';
    return text;
}

static void complete_messages_of_every_method_pass(void **state)
{
    (void)state;
    for (unsigned m = 0; m < METHOD_COUNT; m++) {
        struct request r;
        sample_request(&r, (enum method)m);
        assert_int_equal(bounds_check_request(&r), ERR_OK);
        request_clear(&r);
    }
    for (unsigned m = 0; m <= METHOD_SUBSCRIBE; m++) {
        struct response r;
        sample_response(&r, (enum method)m);
        assert_int_equal(bounds_check_response(&r), ERR_OK);
        response_clear(&r);
    }
}

/* The SCS door has a challenge where the others have a nonce, and documents without a name. */
static void what_belongs_to_the_scs_door_passes_there_only(void **state)
{
    static const enum method methods[] = {METHOD_AUTHENTICATE, METHOD_SIGN};
    (void)state;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        struct request r;
        sample_scs(&r, methods[i]);
        assert_int_equal(bounds_check_request(&r), ERR_OK);
        r.door = DOOR_NATIVE;
        assert_int_equal(bounds_check_request(&r), ERR_ARGUMENT);
        request_clear(&r);
        sample_request(&r, methods[i]);
        r.door = DOOR_SCS;
        assert_int_equal(bounds_check_request(&r), ERR_ARGUMENT);
        request_clear(&r);
    }
}

/* Web eID's dialect has a nonce, and a document without a name. */
static void what_belongs_to_web_eid_passes(void **state)
{
    struct request r;
    (void)state;
    sample_request(&r, METHOD_AUTHENTICATE);
    r.door = DOOR_WEBEID;
    assert_int_equal(bounds_check_request(&r), ERR_OK);
    request_clear(&r);
    sample_scs(&r, METHOD_SIGN);
    r.door = DOOR_WEBEID;
    assert_int_equal(bounds_check_request(&r), ERR_OK);
    r.docs[0].name = span_str("sopimus.pdf");
    assert_int_equal(bounds_check_request(&r), ERR_ARGUMENT);
    request_clear(&r);
    sample_scs(&r, METHOD_AUTHENTICATE);
    r.door = DOOR_WEBEID;
    assert_int_equal(bounds_check_request(&r), ERR_ARGUMENT);
    request_clear(&r);
}

static void a_challenge_has_bytes_a_hash_and_a_rule(void **state)
{
    static uint8_t bytes[LIMIT_CHALLENGE + 1];
    struct request r;
    (void)state;
    sample_scs(&r, METHOD_AUTHENTICATE);
    r.challenge = span_of(bytes, LIMIT_CHALLENGE);
    assert_int_equal(bounds_check_request(&r), ERR_OK);
    r.challenge = span_of(bytes, LIMIT_CHALLENGE + 1);
    assert_int_equal(bounds_check_request(&r), ERR_ARGUMENT);
    r.challenge = span_of(bytes, 0);
    assert_int_equal(bounds_check_request(&r), ERR_ARGUMENT);
    r.challenge = span_of(bytes, 1);
    r.has_hash = false;
    assert_int_equal(bounds_check_request(&r), ERR_ARGUMENT);
    r.has_hash = true;
    r.nonce = span_str(SAMPLE_NONCE);
    assert_int_equal(bounds_check_request(&r), ERR_ARGUMENT);
    r.nonce.len = 0;
    r.binding = BINDING_COUNT;
    assert_int_equal(bounds_check_request(&r), ERR_ARGUMENT);
    request_clear(&r);
    sample_scs(&r, METHOD_SIGN);
    r.binding = BINDING_NONE;
    assert_int_equal(bounds_check_request(&r), ERR_ARGUMENT);
    r.binding = BINDING_STRICT;
    r.challenge = span_of(bytes, 1);
    assert_int_equal(bounds_check_request(&r), ERR_ARGUMENT);
    r.challenge.len = 0;
    r.filter.key_kinds = FILTER_KEY_KINDS;
    assert_int_equal(bounds_check_request(&r), ERR_OK);
    r.filter.key_kinds = FILTER_KEY_KINDS + 1;
    assert_int_equal(bounds_check_request(&r), ERR_ARGUMENT);
    request_clear(&r);
}

/* Each row spoils one field of a good request and says whether it must still pass. */
struct change {
    const char *why;
    enum method method;
    void (*apply)(struct request *r);
    bool passes;
};

#define CHANGE(name, statement)                                                                    \
    static void name(struct request *r)                                                            \
    {                                                                                              \
        statement;                                                                                 \
    }

CHANGE(method_above, r->method = METHOD_COUNT)
CHANGE(door_above, r->door = DOOR_COUNT)
CHANGE(lang_above, r->lang = LANG_COUNT)
CHANGE(format_above, r->format = FORMAT_COUNT)
CHANGE(hash_above, r->hash = HASH_COUNT)
CHANGE(check_above, r->check = CHECK_COUNT)
CHANGE(dec_above, r->dec_alg = DEC_COUNT)
CHANGE(dec_rsa, r->dec_alg = DEC_RSA_PKCS1)
CHANGE(dec_none, r->cryptogram.len = 0)
CHANGE(dec_short, r->cryptogram.len--)
CHANGE(dec_p256, r->cryptogram.len = 65)
CHANGE(dec_raw, r->cryptogram = span_str(
                    "\x02..............................................................."
                    "................................."))
CHANGE(dec_infinity, r->cryptogram = span_of("\0", 1))
CHANGE(dec_there, r->cryptogram = span_str("x"))
CHANGE(dec_digest, r->has_hash = true)
CHANGE(dec_rsa_2048, r->dec_alg = DEC_OAEP_SHA512; r->cryptogram = span_str(text_of('c', 256)))
CHANGE(dec_rsa_3072, r->dec_alg = DEC_RSA_PKCS1; r->cryptogram = span_str(text_of('c', 384)))
CHANGE(dec_rsa_4096, r->dec_alg = DEC_RSA_PKCS1; r->cryptogram = span_str(text_of('c', 512)))
CHANGE(dec_rsa_odd, r->dec_alg = DEC_RSA_PKCS1; r->cryptogram = span_str(text_of('c', 383)))
CHANGE(dec_rsa_long, r->dec_alg = DEC_RSA_PKCS1; r->cryptogram = span_str(text_of('c', 513)))
CHANGE(dec_point_as_rsa, r->cryptogram = span_str(text_of('c', 256)))
CHANGE(timeout_short, r->timeout_ms = LIMIT_TIMEOUT_MIN_MS - 1)
CHANGE(timeout_long, r->timeout_ms = LIMIT_TIMEOUT_MAX_MS + 1)
CHANGE(timeout_least, r->timeout_ms = LIMIT_TIMEOUT_MIN_MS)
CHANGE(timeout_most, r->timeout_ms = LIMIT_TIMEOUT_MAX_MS)
CHANGE(origin_none, r->origin.len = 0)
CHANGE(origin_long, r->origin = span_str(text_of('a', LIMIT_ORIGIN + 1)))
CHANGE(origin_nul, r->origin = span_of("https://a\0b", 11))
CHANGE(id_none, r->id.len = 0)
CHANGE(id_long, r->id = span_str(text_of('1', LIMIT_RPC_ID_JSON + 1)))
CHANGE(purpose_none, r->purpose.len = 0)
CHANGE(purpose_most, r->purpose = span_str(text_of('p', LIMIT_PURPOSE)))
CHANGE(purpose_long, r->purpose = span_str(text_of('p', LIMIT_PURPOSE + 1)))
CHANGE(purpose_nul, r->purpose = span_of("a\0b", 3))
CHANGE(purpose_latin1, r->purpose = span_str("\xE4"))
CHANGE(purpose_lines, r->purpose = span_str("a\nb"))
CHANGE(behalf_none, r->behalf_name.len = r->behalf_id.len = r->behalf_mandate.len = 0)
CHANGE(behalf_id_alone, r->behalf_name.len = r->behalf_mandate.len = 0)
CHANGE(behalf_mandate_alone, r->behalf_name.len = r->behalf_id.len = 0)
CHANGE(behalf_name_long, r->behalf_name = span_str(text_of('b', LIMIT_BEHALF + 1)))
CHANGE(behalf_id_long, r->behalf_id = span_str(text_of('b', LIMIT_BEHALF + 1)))
CHANGE(behalf_mandate_long, r->behalf_mandate = span_str(text_of('b', LIMIT_BEHALF + 1)))
CHANGE(nonce_none, r->nonce.len = 0)
CHANGE(nonce_short, r->nonce.len = LIMIT_NONCE_MIN - 1)
CHANGE(nonce_most, r->nonce = span_str(text_of('~', LIMIT_NONCE_MAX)))
CHANGE(nonce_long, r->nonce = span_str(text_of('n', LIMIT_NONCE_MAX + 1)))
CHANGE(nonce_tab, r->nonce = span_str(text_of('\t', LIMIT_NONCE_MIN)))
CHANGE(nonce_del, r->nonce = span_str(text_of('\x7F', LIMIT_NONCE_MIN)))
CHANGE(nonce_high, r->nonce = span_str(text_of('\xE4', LIMIT_NONCE_MIN)))
CHANGE(nonce_there, r->nonce = span_str(SAMPLE_NONCE))
CHANGE(cancel_there, r->cancel_id = span_str("1"))
CHANGE(cancel_none, r->cancel_id.len = 0)
CHANGE(cert_there, r->certificate = span_str("DER"))
CHANGE(cert_none, r->certificate.len = 0)
CHANGE(cert_long, r->certificate.len = LIMIT_CERT + 1)
CHANGE(hash_there, r->has_hash = true)
CHANGE(docs_there, sample_docs(r, 1); r->has_hash = false)
CHANGE(docs_none, r->n_docs = 0)
CHANGE(docs_most, free(r->docs); sample_docs(r, LIMIT_DOCS))
CHANGE(docs_many, free(r->docs); sample_docs(r, LIMIT_DOCS + 1))
CHANGE(hash_none_with_digest, r->has_hash = false)
CHANGE(hash_none_content_only, r->has_hash = false; r->n_docs = 1)
CHANGE(accepts_other_hash, r->accepts = alg_bits_of_hash(HASH_SHA384))
CHANGE(accepts_this_hash, r->accepts = alg_bits_of_hash(HASH_SHA256))
CHANGE(accepts_above, r->accepts = 1u << ALG_BITS)
CHANGE(accepts_there, r->accepts = 1)
CHANGE(time_in_pdf, r->format = FORMAT_PADES_CMS)
CHANGE(time_in_raw, r->format = FORMAT_RAW)
CHANGE(time_there, r->signing_time = true)
CHANGE(digest_other_hash, r->hash = HASH_SHA384)
CHANGE(digest_short, r->docs[1].digest.len = 31)
CHANGE(digest_none, r->docs[1].digest.len = 0)
CHANGE(digest_and_content, r->docs[0].digest = r->docs[1].digest)
CHANGE(content_unannounced, r->docs[1].content = r->docs[0].content)
CHANGE(content_empty, r->docs[0].content.len = r->docs[0].size = 0)
CHANGE(content_size, r->docs[0].size++)
CHANGE(digest_size_most, r->docs[1].size = LIMIT_DOC_SIZE)
CHANGE(digest_size_above, r->docs[1].size = LIMIT_DOC_SIZE + 1)
CHANGE(filter_issuers_many, r->filter.n_issuers = LIMIT_FILTER_VALUES + 1)
CHANGE(filter_issuer_long, r->filter.issuers[1] = span_str(text_of('i', LIMIT_FILTER_ISSUER + 1)))
CHANGE(filter_issuer_nul, r->filter.issuers[0] = span_of("a\0b", 3))
CHANGE(filter_policies_many, r->filter.n_policies = LIMIT_FILTER_VALUES + 1)
CHANGE(filter_policy_text, r->filter.policies[0] = span_str("1.2.x"))
CHANGE(filter_holder_long, r->filter.holder = span_str(text_of('h', LIMIT_FILTER_HOLDER + 1)))
CHANGE(filter_usage_above, r->filter.key_usage = 1u << 9)
CHANGE(filter_none, r->filter = (struct cert_filter){0})
CHANGE(filter_there, r->filter.key_usage = 1)
CHANGE(last_doc_bad, r->docs[2].name.len = 0)
CHANGE(name_most, r->docs[0].name = span_str(text_of('n', LIMIT_DOC_NAME)))
CHANGE(name_long, r->docs[0].name = span_str(text_of('n', LIMIT_DOC_NAME + 1)))
CHANGE(name_nul, r->docs[0].name = span_of("a\0b", 3))
CHANGE(name_newline, r->docs[0].name = span_str("a\nb"))
CHANGE(name_del, r->docs[0].name = span_str("a\x7F"))
CHANGE(name_latin1, r->docs[0].name = span_str("\xE4"))
CHANGE(name_quotes, r->docs[0].name = span_str("a \"b\" \\ /c\xC3\xA4.pdf"))
CHANGE(type_none, r->docs[0].media_type.len = 0)
CHANGE(type_full, r->docs[0].media_type = span_str("A9!#$&-^_.+/1-+xml"))
CHANGE(type_half, r->docs[0].media_type = span_str("text"))
CHANGE(type_no_sub, r->docs[0].media_type = span_str("text/"))
CHANGE(type_no_type, r->docs[0].media_type = span_str("/plain"))
CHANGE(type_two, r->docs[0].media_type = span_str("a/b/c"))
CHANGE(type_param, r->docs[0].media_type = span_str("text/plain;charset=utf-8"))
CHANGE(type_space, r->docs[0].media_type = span_str("text/ plain"))
CHANGE(type_first, r->docs[0].media_type = span_str("-a/b"))
CHANGE(type_nul, r->docs[0].media_type = span_of("a/b\0c", 5))
CHANGE(type_high, r->docs[0].media_type = span_str("a/\xC3\xA4"))
CHANGE(type_long, static char t[129]; memset(t, 'a', 128); t[3] = '/';
       r->docs[0].media_type = span_str(t))
CHANGE(type_most, static char t[128]; memset(t, 'a', 127); t[3] = '/';
       r->docs[0].media_type = span_str(t))

static void each_bound_of_a_request_holds(void **state)
{
#define ROW(method, change, passes)                                                                \
    {                                                                                              \
#change, METHOD_##method, change, passes                                                   \
    }
    static const struct change rows[] = {
        ROW(SUBSCRIBE, method_above, false),
        ROW(SUBSCRIBE, door_above, false),
        ROW(SUBSCRIBE, lang_above, false),
        ROW(SIGN, format_above, false),
        ROW(SIGN, hash_above, false),
        ROW(SIGN, check_above, false),
        ROW(DECRYPT, dec_above, false),
        ROW(DECRYPT, dec_rsa, false),
        ROW(DECRYPT, dec_none, false),
        ROW(DECRYPT, dec_short, false),
        ROW(DECRYPT, dec_p256, true),
        ROW(DECRYPT, dec_raw, false),
        ROW(DECRYPT, dec_infinity, false),
        ROW(DECRYPT, dec_digest, false),
        ROW(DECRYPT, dec_rsa_2048, true),
        ROW(DECRYPT, dec_rsa_3072, true),
        ROW(DECRYPT, dec_rsa_4096, true),
        ROW(DECRYPT, dec_rsa_odd, false),
        ROW(DECRYPT, dec_rsa_long, false),
        ROW(DECRYPT, dec_point_as_rsa, false),
        ROW(DECRYPT, cert_none, true),
        ROW(DECRYPT, cert_long, false),
        ROW(DECRYPT, nonce_there, false),
        ROW(SIGN, dec_there, false),
        ROW(AUTHENTICATE, dec_there, false),
        ROW(SIGN, timeout_short, false),
        ROW(SIGN, timeout_long, false),
        ROW(SIGN, timeout_least, true),
        ROW(SIGN, timeout_most, true),
        ROW(SIGN, origin_none, false),
        ROW(SIGN, origin_long, false),
        ROW(SIGN, origin_nul, false),
        ROW(SIGN, id_none, true),
        ROW(SIGN, id_long, false),
        ROW(SIGN, purpose_none, true),
        ROW(SIGN, purpose_most, true),
        ROW(SIGN, purpose_long, false),
        ROW(SIGN, purpose_nul, false),
        ROW(SIGN, purpose_latin1, false),
        ROW(SIGN, purpose_lines, true),
        ROW(SIGN, behalf_none, true),
        ROW(SIGN, behalf_id_alone, false),
        ROW(SIGN, behalf_mandate_alone, false),
        ROW(SIGN, behalf_name_long, false),
        ROW(SIGN, behalf_id_long, false),
        ROW(SIGN, behalf_mandate_long, false),
        ROW(AUTHENTICATE, nonce_none, false),
        ROW(AUTHENTICATE, nonce_short, false),
        ROW(AUTHENTICATE, nonce_most, true),
        ROW(AUTHENTICATE, nonce_long, false),
        ROW(AUTHENTICATE, nonce_tab, false),
        ROW(AUTHENTICATE, nonce_del, false),
        ROW(AUTHENTICATE, nonce_high, false),
        ROW(AUTHENTICATE, cert_there, false),
        ROW(AUTHENTICATE, hash_there, false),
        ROW(AUTHENTICATE, docs_there, false),
        ROW(AUTHENTICATE, cancel_there, false),
        ROW(GET_SIGNING_CERTIFICATE, nonce_there, false),
        ROW(GET_SIGNING_CERTIFICATE, cert_there, false),
        ROW(SUBSCRIBE, docs_there, false),
        ROW(HELLO, nonce_there, false),
        ROW(UNSUBSCRIBE, cancel_there, false),
        ROW(CANCEL, cancel_none, false),
        ROW(SIGN, nonce_there, false),
        ROW(SIGN, cert_none, true),
        ROW(SIGN, cert_long, false),
        ROW(SIGN, docs_none, false),
        ROW(SIGN, docs_most, true),
        ROW(SIGN, docs_many, false),
        ROW(SIGN, hash_none_with_digest, false),
        ROW(SIGN, hash_none_content_only, true),
        ROW(SIGN, accepts_other_hash, false),
        ROW(SIGN, accepts_this_hash, true),
        ROW(SIGN, accepts_above, false),
        ROW(AUTHENTICATE, accepts_there, false),
        ROW(SIGN, time_in_pdf, false),
        ROW(SIGN, time_in_raw, false),
        ROW(DECRYPT, time_there, false),
        ROW(SIGN, digest_other_hash, false),
        ROW(SIGN, digest_short, false),
        ROW(SIGN, digest_none, false),
        ROW(SIGN, digest_and_content, false),
        ROW(SIGN, content_unannounced, false),
        ROW(SIGN, content_empty, true),
        ROW(SIGN, content_size, false),
        ROW(SIGN, digest_size_most, true),
        ROW(SIGN, digest_size_above, false),
        ROW(SIGN, filter_issuers_many, false),
        ROW(SIGN, filter_issuer_long, false),
        ROW(SIGN, filter_issuer_nul, false),
        ROW(SIGN, filter_policies_many, false),
        ROW(SIGN, filter_policy_text, false),
        ROW(SIGN, filter_holder_long, false),
        ROW(SIGN, filter_usage_above, false),
        ROW(SIGN, filter_none, true),
        ROW(SUBSCRIBE, filter_there, false),
        ROW(CANCEL, filter_there, false),
        ROW(SIGN, last_doc_bad, false),
        ROW(SIGN, name_most, true),
        ROW(SIGN, name_long, false),
        ROW(SIGN, name_nul, false),
        ROW(SIGN, name_newline, false),
        ROW(SIGN, name_del, false),
        ROW(SIGN, name_latin1, false),
        ROW(SIGN, name_quotes, true),
        ROW(SIGN, type_none, false),
        ROW(SIGN, type_full, true),
        ROW(SIGN, type_half, false),
        ROW(SIGN, type_no_sub, false),
        ROW(SIGN, type_no_type, false),
        ROW(SIGN, type_two, false),
        ROW(SIGN, type_param, false),
        ROW(SIGN, type_space, false),
        ROW(SIGN, type_first, false),
        ROW(SIGN, type_nul, false),
        ROW(SIGN, type_high, false),
        ROW(SIGN, type_most, true),
        ROW(SIGN, type_long, false),
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request r;
        sample_request(&r, rows[i].method);
        rows[i].apply(&r);
        if ((bounds_check_request(&r) == ERR_OK) != rows[i].passes) {
            fail_msg("wrong: %s", rows[i].why);
        }
        request_clear(&r);
    }
}

static enum err check_changed(enum method method, void (*apply)(struct response *r))
{
    struct response r;
    sample_response(&r, method);
    apply(&r);
    enum err e = bounds_check_response(&r);
    response_clear(&r);
    return e;
}

#define CHANGE_RESPONSE(name, statement)                                                           \
    static void name(struct response *r)                                                           \
    {                                                                                              \
        statement;                                                                                 \
    }

CHANGE_RESPONSE(err_above, r->err = ERR_COUNT)
CHANGE_RESPONSE(err_set, r->err = ERR_CANCELLED)
CHANGE_RESPONSE(agent_method, r->method = METHOD_HELLO)
CHANGE_RESPONSE(no_certificate, buf_clear(&r->certificate))
CHANGE_RESPONSE(key_size, r->key.bits = 512)
CHANGE_RESPONSE(key_kind, r->key.kind = KEY_RSA)
CHANGE_RESPONSE(no_algs, r->n_algs = 0)
CHANGE_RESPONSE(many_algs, r->n_algs = 9)
CHANGE_RESPONSE(alg_other_key, r->algs[1].scheme = SIG_RSA_PSS)
CHANGE_RESPONSE(alg_hash, r->algs[1].hash = HASH_COUNT)
CHANGE_RESPONSE(no_plaintext, buf_clear(&r->plaintext))
CHANGE_RESPONSE(a_plaintext, assert_int_equal(buf_append_u8(&r->plaintext, 1), ERR_OK))
CHANGE_RESPONSE(key_rsa, r->key = ((struct key_type){KEY_RSA, 2048}))
CHANGE_RESPONSE(key_rsa_full, r->key = ((struct key_type){KEY_RSA, 2048});
                assert_int_equal(buf_append(&r->plaintext, span_str(text_of('x', 198))), ERR_OK))
CHANGE_RESPONSE(no_sigs, r->n_sigs = 0)
CHANGE_RESPONSE(sig_other_key, r->sigs[0].alg.scheme = SIG_RSA_PKCS1)
CHANGE_RESPONSE(sig_hash, r->sigs[0].alg.hash = HASH_COUNT)
CHANGE_RESPONSE(sig_short, r->sigs[0].len--)
CHANGE_RESPONSE(sig_long, r->sigs[0].len++)
CHANGE_RESPONSE(sig_huge, r->sigs[0].len = LIMIT_SIGNATURE + 1)
CHANGE_RESPONSE(two_sigs, assert_int_equal(response_alloc_sigs(r, 2), ERR_OK))
CHANGE_RESPONSE(a_sig, assert_int_equal(response_alloc_sigs(r, 1), ERR_OK))

static void each_bound_of_a_response_holds(void **state)
{
    static const struct {
        enum method method;
        void (*apply)(struct response *r);
        enum err want;
    } rows[] = {
        {METHOD_SIGN, err_above, ERR_ARGUMENT},
        {METHOD_SIGN, err_set, ERR_OK},
        {METHOD_SIGN, agent_method, ERR_ARGUMENT},
        {METHOD_SIGN, no_certificate, ERR_ARGUMENT},
        {METHOD_AUTHENTICATE, no_certificate, ERR_ARGUMENT},
        {METHOD_GET_SIGNING_CERTIFICATE, no_certificate, ERR_ARGUMENT},
        {METHOD_SIGN, key_size, ERR_ARGUMENT},
        {METHOD_SIGN, key_kind, ERR_ARGUMENT},
        {METHOD_GET_SIGNING_CERTIFICATE, no_algs, ERR_ARGUMENT},
        {METHOD_GET_SIGNING_CERTIFICATE, many_algs, ERR_ARGUMENT},
        {METHOD_GET_SIGNING_CERTIFICATE, alg_other_key, ERR_ARGUMENT},
        {METHOD_GET_SIGNING_CERTIFICATE, alg_hash, ERR_ARGUMENT},
        {METHOD_GET_SIGNING_CERTIFICATE, a_sig, ERR_ARGUMENT},
        {METHOD_DECRYPT, no_certificate, ERR_ARGUMENT},
        {METHOD_DECRYPT, no_plaintext, ERR_ARGUMENT},
        {METHOD_DECRYPT, a_plaintext, ERR_ARGUMENT},
        {METHOD_DECRYPT, a_sig, ERR_ARGUMENT},
        {METHOD_DECRYPT, key_rsa, ERR_OK},
        {METHOD_DECRYPT, key_rsa_full, ERR_ARGUMENT},
        {METHOD_SIGN, a_plaintext, ERR_ARGUMENT},
        {METHOD_AUTHENTICATE, a_plaintext, ERR_ARGUMENT},
        {METHOD_GET_SIGNING_CERTIFICATE, a_plaintext, ERR_ARGUMENT},
        {METHOD_SIGN, no_sigs, ERR_ARGUMENT},
        {METHOD_AUTHENTICATE, no_sigs, ERR_ARGUMENT},
        {METHOD_AUTHENTICATE, two_sigs, ERR_ARGUMENT},
        {METHOD_SIGN, sig_other_key, ERR_ARGUMENT},
        {METHOD_SIGN, sig_hash, ERR_ARGUMENT},
        {METHOD_SIGN, sig_short, ERR_ARGUMENT},
        {METHOD_SIGN, sig_long, ERR_ARGUMENT},
        {METHOD_SIGN, sig_huge, ERR_ARGUMENT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (check_changed(rows[i].method, rows[i].apply) != rows[i].want) {
            fail_msg("wrong: row %zu", i);
        }
    }
}

static void every_key_of_the_table_fits_its_signature(void **state)
{
    static const struct key_type keys[] = {{KEY_RSA, 2048}, {KEY_RSA, 3072}, {KEY_RSA, 4096},
                                           {KEY_EC, 256},   {KEY_EC, 384},   {KEY_EC, 521}};
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct response r;
        sample_response(&r, METHOD_AUTHENTICATE);
        r.key = keys[i];
        r.sigs[0].alg.scheme = keys[i].kind == KEY_EC ? SIG_ECDSA : SIG_RSA_PSS;
        r.sigs[0].len = alg_signature_len(keys[i]);
        assert_true(r.sigs[0].len <= LIMIT_SIGNATURE);
        assert_int_equal(bounds_check_response(&r), ERR_OK);
        response_clear(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complete_messages_of_every_method_pass),
        cmocka_unit_test(what_belongs_to_the_scs_door_passes_there_only),
        cmocka_unit_test(what_belongs_to_web_eid_passes),
        cmocka_unit_test(a_challenge_has_bytes_a_hash_and_a_rule),
        cmocka_unit_test(each_bound_of_a_request_holds),
        cmocka_unit_test(each_bound_of_a_response_holds),
        cmocka_unit_test(every_key_of_the_table_fits_its_signature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
