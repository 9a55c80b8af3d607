#include "wire/msg.h"

#include "unit/wire/sample.h"

static void expect_same_document(const struct document *a, const struct document *b)
{
    assert_true(span_eq(a->name, b->name));
    assert_true(span_eq(a->media_type, b->media_type));
    assert_true(a->size == b->size);
    assert_int_equal(a->has_content, b->has_content);
    assert_true(span_eq(a->content, b->content));
    assert_true(span_eq(a->digest, b->digest));
}

static void expect_same_texts(const struct span *a, size_t n_a, const struct span *b, size_t n_b)
{
    assert_int_equal(n_a, n_b);
    for (size_t i = 0; i < n_a; i++) {
        assert_true(span_eq(a[i], b[i]));
    }
}

static void expect_same_request(const struct request *a, const struct request *b)
{
    assert_int_equal(a->method, b->method);
    assert_int_equal(a->door, b->door);
    assert_true(span_eq(a->id, b->id));
    assert_true(span_eq(a->origin, b->origin));
    assert_int_equal(a->lang, b->lang);
    assert_int_equal(a->timeout_ms, b->timeout_ms);
    assert_true(span_eq(a->purpose, b->purpose));
    assert_true(span_eq(a->behalf_name, b->behalf_name));
    assert_true(span_eq(a->behalf_id, b->behalf_id));
    assert_true(span_eq(a->behalf_mandate, b->behalf_mandate));
    assert_true(span_eq(a->nonce, b->nonce));
    assert_true(span_eq(a->challenge, b->challenge));
    assert_int_equal(a->binding, b->binding);
    assert_true(span_eq(a->certificate, b->certificate));
    expect_same_texts(a->filter.issuers, a->filter.n_issuers, b->filter.issuers,
                      b->filter.n_issuers);
    expect_same_texts(a->filter.policies, a->filter.n_policies, b->filter.policies,
                      b->filter.n_policies);
    assert_true(span_eq(a->filter.holder, b->filter.holder));
    assert_int_equal(a->filter.key_usage, b->filter.key_usage);
    assert_int_equal(a->filter.key_kinds, b->filter.key_kinds);
    assert_int_equal(a->filter.loose, b->filter.loose);
    assert_int_equal(a->format, b->format);
    assert_int_equal(a->has_hash, b->has_hash);
    assert_int_equal(a->hash, b->hash);
    assert_int_equal(a->accepts, b->accepts);
    assert_int_equal(a->signing_time, b->signing_time);
    assert_true(a->presence_epoch == b->presence_epoch);
    assert_int_equal(a->check, b->check);
    assert_int_equal(a->plain_readers, b->plain_readers);
    assert_int_equal(a->no_journal, b->no_journal);
    assert_int_equal(a->dec_alg, b->dec_alg);
    assert_true(span_eq(a->cryptogram, b->cryptogram));
    assert_int_equal(a->n_docs, b->n_docs);
    for (size_t i = 0; i < a->n_docs; i++) {
        expect_same_document(&a->docs[i], &b->docs[i]);
    }
}

static void pack_sample(enum method method, struct buf *out)
{
    struct request r;
    sample_request(&r, method);
    assert_int_equal(msg_pack_request(&r, out), ERR_OK);
    request_clear(&r);
}

static void a_request_arrives_as_it_was_sent(void **state)
{
    (void)state;
    for (unsigned i = 0; i <= METHOD_SUBSCRIBE + 2; i++) {
        struct buf out;
        struct request sent;
        struct request got;
        buf_init(&out, LIMIT_IPC);
        if (i <= METHOD_SUBSCRIBE) {
            sample_request(&sent, (enum method)i);
        } else {
            sample_scs(&sent, i == METHOD_SUBSCRIBE + 1 ? METHOD_AUTHENTICATE : METHOD_SIGN);
        }
        assert_int_equal(msg_pack_request(&sent, &out), ERR_OK);
        request_init(&got);
        assert_int_equal(msg_unpack_request(buf_span(&out), &got), ERR_OK);
        buf_clear(&out); /* what was unpacked lives in its own store */
        expect_same_request(&sent, &got);
        request_clear(&sent);
        request_clear(&got);
    }
}

static void what_the_agent_answers_itself_never_goes_to_a_signer(void **state)
{
    static const enum method methods[] = {METHOD_HELLO, METHOD_UNSUBSCRIBE, METHOD_CANCEL,
                                          METHOD_SCS, METHOD_SCS_SITES};
    (void)state;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        struct buf out;
        struct request r;
        buf_init(&out, LIMIT_IPC);
        sample_request(&r, methods[i]);
        assert_int_equal(msg_pack_request(&r, &out), ERR_INTERNAL);
        assert_int_equal(out.len, 0);
        request_clear(&r);
    }
}

static void a_request_out_of_bounds_is_not_packed(void **state)
{
    static const char *const origins[] = {"https://\xC3\xA4.fi", "https://a fi", "https://a\n", ""};
    (void)state;
    for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
        struct buf out;
        struct request r;
        buf_init(&out, LIMIT_IPC);
        sample_request(&r, METHOD_SIGN);
        r.origin = span_str(origins[i]);
        assert_int_equal(msg_pack_request(&r, &out), ERR_INTERNAL);
        request_clear(&r);
    }
}

static enum err try_unpack_request(struct span record)
{
    struct request r;
    uint8_t *copy = malloc(record.len + 1); /* its own block, so that any read past it is seen */
    assert_non_null(copy);
    if (record.len > 0) {
        memcpy(copy, record.at, record.len);
    }
    request_init(&r);
    enum err e = msg_unpack_request(span_of(copy, record.len), &r);
    request_clear(&r);
    free(copy);
    return e;
}

static enum err try_unpack_response(struct span record)
{
    struct response r;
    response_init(&r, METHOD_SIGN);
    enum err e = msg_unpack_response(record, &r);
    response_clear(&r);
    return e;
}

static void a_record_cut_at_any_byte_is_malformed(void **state)
{
    (void)state;
    for (unsigned m = 0; m <= METHOD_SUBSCRIBE; m++) {
        struct buf out;
        buf_init(&out, LIMIT_IPC);
        pack_sample((enum method)m, &out);
        for (size_t len = 0; len < out.len; len++) {
            assert_int_equal(try_unpack_request(span_sub(buf_span(&out), 0, len)), ERR_MALFORMED);
        }
        buf_clear(&out);

        struct response r;
        sample_response(&r, (enum method)m);
        assert_int_equal(msg_pack_response(&r, &out), ERR_OK);
        response_clear(&r);
        for (size_t len = 0; len < out.len; len++) {
            assert_int_equal(try_unpack_response(span_sub(buf_span(&out), 0, len)), ERR_MALFORMED);
        }
        buf_clear(&out);
    }
}

static void a_byte_after_a_record_is_malformed(void **state)
{
    struct buf out;
    struct response r;
    (void)state;
    buf_init(&out, LIMIT_IPC);
    pack_sample(METHOD_SIGN, &out);
    assert_int_equal(buf_append_u8(&out, 0), ERR_OK);
    assert_int_equal(try_unpack_request(buf_span(&out)), ERR_MALFORMED);
    buf_clear(&out);
    sample_response(&r, METHOD_SIGN);
    assert_int_equal(msg_pack_response(&r, &out), ERR_OK);
    assert_int_equal(buf_append_u8(&out, 0), ERR_OK);
    assert_int_equal(try_unpack_response(buf_span(&out)), ERR_MALFORMED);
    response_clear(&r);
    buf_clear(&out);
}

/* Whatever one changed byte does, the result is a message in bounds or ERR_MALFORMED: what was
 * accepted can be packed again. */
static void a_changed_byte_never_gets_past_the_bounds(void **state)
{
    struct buf out;
    size_t accepted = 0;
    size_t refused = 0;
    (void)state;
    buf_init(&out, LIMIT_IPC);
    pack_sample(METHOD_SIGN, &out);
    for (size_t i = 0; i < out.len; i++) {
        static const uint8_t flips[] = {0x01, 0x80, 0xFF};
        for (size_t k = 0; k < sizeof flips; k++) {
            struct request r;
            struct buf again;
            request_init(&r);
            buf_init(&again, LIMIT_IPC);
            out.at[i] ^= flips[k];
            enum err e = msg_unpack_request(buf_span(&out), &r);
            out.at[i] ^= flips[k];
            if (e == ERR_OK) {
                assert_int_equal(msg_pack_request(&r, &again), ERR_OK);
                accepted++;
            } else {
                assert_int_equal(e, ERR_MALFORMED);
                refused++;
            }
            buf_clear(&again);
            request_clear(&r);
        }
    }
    assert_true(accepted > 0 && refused > 0);
    buf_clear(&out);
}

static void a_record_larger_than_the_border_allows_is_malformed(void **state)
{
    uint8_t *big = calloc(1, LIMIT_IPC + 1);
    (void)state;
    assert_non_null(big);
    assert_int_equal(try_unpack_request(span_of(big, LIMIT_IPC + 1)), ERR_MALFORMED);
    assert_int_equal(try_unpack_response(span_of(big, LIMIT_IPC + 1)), ERR_MALFORMED);
    free(big);
}

static void contents_that_do_not_fit_the_border_are_too_large(void **state)
{
    struct buf out;
    struct request r;
    uint8_t *big = calloc(1, LIMIT_MESSAGE);
    (void)state;
    assert_non_null(big);
    buf_init(&out, (size_t)4 * LIMIT_IPC);
    sample_request(&r, METHOD_SIGN);
    r.docs[0].content = span_of(big, LIMIT_MESSAGE);
    r.docs[0].size = LIMIT_MESSAGE;
    assert_int_equal(msg_pack_request(&r, &out), ERR_OK);
    buf_clear(&out);
    r.docs[2].content = span_of(big, LIMIT_MESSAGE);
    r.docs[2].size = LIMIT_MESSAGE;
    assert_int_equal(msg_pack_request(&r, &out), ERR_TOO_LARGE);
    assert_int_equal(out.len, 0);
    buf_clear(&out);
    request_clear(&r);
    free(big);
}

static void a_response_arrives_as_it_was_sent(void **state)
{
    (void)state;
    for (unsigned m = 0; m <= METHOD_SUBSCRIBE; m++) {
        struct buf out;
        struct response sent;
        struct response got;
        buf_init(&out, LIMIT_IPC);
        sample_response(&sent, (enum method)m);
        assert_int_equal(msg_pack_response(&sent, &out), ERR_OK);
        response_init(&got, METHOD_SIGN);
        assert_int_equal(msg_unpack_response(buf_span(&out), &got), ERR_OK);
        assert_int_equal(got.err, ERR_OK);
        assert_int_equal(got.method, m);
        assert_true(span_eq(buf_span(&got.certificate), buf_span(&sent.certificate)));
        assert_true(span_eq(buf_span(&got.plaintext), buf_span(&sent.plaintext)));
        assert_true(span_eq(buf_span(&got.plaintext), buf_span(&sent.plaintext)));
        assert_memory_equal(&got.key, &sent.key, sizeof got.key);
        assert_int_equal(got.n_algs, sent.n_algs);
        assert_memory_equal(got.algs, sent.algs, sizeof got.algs);
        assert_int_equal(got.n_sigs, sent.n_sigs);
        for (size_t i = 0; i < got.n_sigs; i++) {
            assert_memory_equal(&got.sigs[i].alg, &sent.sigs[i].alg, sizeof got.sigs[i].alg);
            assert_int_equal(got.sigs[i].len, sent.sigs[i].len);
            assert_memory_equal(got.sigs[i].value, sent.sigs[i].value, LIMIT_SIGNATURE);
            assert_memory_equal(got.sigs[i].digest, sent.sigs[i].digest, LIMIT_DIGEST);
            assert_true(span_eq(got.sigs[i].signed_data, sent.sigs[i].signed_data));
        }
        response_clear(&sent);
        response_clear(&got);
        buf_clear(&out);
    }
}

static void an_error_travels_alone(void **state)
{
    (void)state;
    for (unsigned e = 1; e < ERR_COUNT; e++) {
        struct buf out;
        struct response sent;
        struct response got;
        buf_init(&out, 64);
        sample_response(&sent, METHOD_SIGN);
        sent.err = (enum err)e;
        assert_int_equal(msg_pack_response(&sent, &out), ERR_OK);
        response_init(&got, METHOD_AUTHENTICATE);
        assert_int_equal(msg_unpack_response(buf_span(&out), &got), ERR_OK);
        assert_int_equal(got.err, e);
        assert_int_equal(got.method, METHOD_SIGN);
        assert_int_equal(got.n_sigs, 0);
        assert_int_equal(got.certificate.len, 0);
        response_clear(&sent);
        response_clear(&got);
        buf_clear(&out);
    }
}

static void a_response_out_of_bounds_is_not_packed(void **state)
{
    struct buf out;
    struct response r;
    (void)state;
    buf_init(&out, LIMIT_IPC);
    sample_response(&r, METHOD_SIGN);
    r.sigs[1].len = 95;
    assert_int_equal(msg_pack_response(&r, &out), ERR_INTERNAL);
    assert_int_equal(out.len, 0);
    response_clear(&r);
}

static void signatures_are_counted_before_they_are_allocated(void **state)
{
    struct response r;
    (void)state;
    response_init(&r, METHOD_SIGN);
    assert_int_equal(response_alloc_sigs(&r, 0), ERR_TOO_LARGE);
    assert_int_equal(response_alloc_sigs(&r, LIMIT_DOCS + 1), ERR_TOO_LARGE);
    assert_int_equal(response_alloc_sigs(&r, SIZE_MAX), ERR_TOO_LARGE);
    assert_int_equal(response_alloc_sigs(&r, LIMIT_DOCS), ERR_OK);
    assert_int_equal(response_alloc_sigs(&r, 1), ERR_OK);
    assert_int_equal(r.n_sigs, 1);
    response_clear(&r);
    response_clear(&r);
}

static void progress_is_told_from_a_response_and_keeps_its_bounds(void **state)
{
    static const struct progress good[] = {{0, 1}, {1, 1}, {3, 50}, {LIMIT_DOCS, LIMIT_DOCS}};
    static const struct progress bad[] = {{0, 0}, {2, 1}, {1, LIMIT_DOCS + 1}};
    struct progress got;
    struct response resp;
    struct buf out;
    (void)state;
    buf_init(&out, LIMIT_IPC);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        buf_truncate(&out, 0);
        assert_int_equal(msg_pack_progress(&good[i], &out), ERR_OK);
        assert_true(msg_unpack_progress(buf_span(&out), &got));
        assert_int_equal(got.done, good[i].done);
        assert_int_equal(got.total, good[i].total);
        response_init(&resp, METHOD_SIGN);
        assert_int_equal(msg_unpack_response(buf_span(&out), &resp), ERR_MALFORMED);
        response_clear(&resp);
        assert_false(msg_unpack_progress(span_sub(buf_span(&out), 0, out.len - 1), &got));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        buf_truncate(&out, 0);
        assert_int_equal(msg_pack_progress(&bad[i], &out), ERR_OK);
        assert_false(msg_unpack_progress(buf_span(&out), &got));
    }
    buf_clear(&out);
}

static void names_are_those_of_the_protocol(void **state)
{
    static const char *const names[] = {"authenticate", "getSigningCertificate",
                                        "sign",         "decrypt",
                                        "subscribe",    "unsubscribe",
                                        "hello",        "cancel",
                                        "scs",          "scsSites"};
    (void)state;
    for (unsigned m = 0; m < METHOD_COUNT; m++) {
        assert_string_equal(msg_method_name((enum method)m), names[m]);
    }
    assert_string_equal(msg_lang_name(LANG_SYSTEM), "");
    assert_string_equal(msg_lang_name(LANG_FI), "fi");
    assert_string_equal(msg_lang_name(LANG_SV), "sv");
    assert_string_equal(msg_lang_name(LANG_EN), "en");
    assert_string_equal(msg_format_name(FORMAT_RAW), "raw");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_arrives_as_it_was_sent),
        cmocka_unit_test(what_the_agent_answers_itself_never_goes_to_a_signer),
        cmocka_unit_test(a_request_out_of_bounds_is_not_packed),
        cmocka_unit_test(a_record_cut_at_any_byte_is_malformed),
        cmocka_unit_test(a_byte_after_a_record_is_malformed),
        cmocka_unit_test(a_changed_byte_never_gets_past_the_bounds),
        cmocka_unit_test(a_record_larger_than_the_border_allows_is_malformed),
        cmocka_unit_test(contents_that_do_not_fit_the_border_are_too_large),
        cmocka_unit_test(a_response_arrives_as_it_was_sent),
        cmocka_unit_test(an_error_travels_alone),
        cmocka_unit_test(a_response_out_of_bounds_is_not_packed),
        cmocka_unit_test(signatures_are_counted_before_they_are_allocated),
        cmocka_unit_test(progress_is_told_from_a_response_and_keeps_its_bounds),
        cmocka_unit_test(names_are_those_of_the_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
