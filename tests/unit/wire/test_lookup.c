#include "wire/lookup.h"

#include "unit/test.h"

static void a_question_comes_through(void **state)
{
    const struct lookup_question q = {span_str("cert"), span_str("issuer")};
    struct lookup_question got;
    struct buf record;
    (void)state;
    buf_init(&record, LIMIT_LOOKUP);
    assert_int_equal(lookup_pack_question(&q, &record), ERR_OK);
    assert_int_equal(lookup_unpack_question(buf_span(&record), &got), ERR_OK);
    assert_true(span_is(got.cert, "cert"));
    assert_true(span_is(got.issuer, "issuer"));
    for (size_t len = 0; len < record.len; len++) {
        assert_int_equal(lookup_unpack_question(span_of(record.at, len), &got), ERR_MALFORMED);
    }
    buf_clear(&record);
}

static void the_largest_question_fits(void **state)
{
    static const uint8_t full[LIMIT_CERT + 1];
    struct lookup_question q = {span_of(full, LIMIT_CERT), span_of(full, LIMIT_CERT)};
    struct lookup_question got;
    struct buf record;
    (void)state;
    buf_init(&record, LIMIT_LOOKUP);
    assert_int_equal(lookup_pack_question(&q, &record), ERR_OK);
    assert_int_equal(lookup_unpack_question(buf_span(&record), &got), ERR_OK);
    buf_truncate(&record, 0);
    q.issuer.len++;
    assert_int_equal(lookup_pack_question(&q, &record), ERR_OK);
    assert_int_equal(lookup_unpack_question(buf_span(&record), &got), ERR_MALFORMED);
    buf_clear(&record);
}

static void an_answer_is_one_of_three(void **state)
{
    (void)state;
    for (int e = 0; e < ERR_COUNT; e++) {
        const struct lookup_answer a = {(enum err)e, 1700000000};
        struct lookup_answer got;
        struct buf record;
        bool fits = e == ERR_OK || e == ERR_CERT_REVOKED || e == ERR_CERT_UNCHECKED;
        buf_init(&record, LIMIT_LOOKUP);
        assert_int_equal(lookup_pack_answer(&a, &record), ERR_OK);
        assert_int_equal(lookup_unpack_answer(buf_span(&record), &got),
                         fits ? ERR_OK : ERR_MALFORMED);
        if (fits) {
            assert_int_equal(got.err, e);
            assert_int_equal(got.at, 1700000000);
        }
        buf_clear(&record);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_comes_through),
        cmocka_unit_test(the_largest_question_fits),
        cmocka_unit_test(an_answer_is_one_of_three),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
