#include "wire/record.h"

#include "unit/test.h"

enum { TAG_A = 1, TAG_B = 2, TAG_GROUP = 9 };

static void what_is_put_is_taken(void **state)
{
    struct buf out;
    struct record_writer w;
    struct record_reader r;
    (void)state;
    buf_init(&out, 1024);
    record_write_open(&w, &out);
    record_put_u64(&w, TAG_A, UINT64_MAX);
    record_put_i64(&w, TAG_A, INT64_MIN);
    record_put_i64(&w, TAG_A, -1);
    size_t mark = record_begin(&w, TAG_GROUP);
    record_put_span(&w, TAG_B, span_str("in"));
    record_put_span(&w, TAG_B, span_of(NULL, 0));
    record_end(&w, mark);
    record_put_u64(&w, TAG_B, 1);
    assert_int_equal(record_write_close(&w), ERR_OK);

    record_read_open(&r, buf_span(&out));
    assert_true(record_take_u64(&r, TAG_A, 0, UINT64_MAX) == UINT64_MAX);
    assert_true(record_take_i64(&r, TAG_A, INT64_MIN, INT64_MAX) == INT64_MIN);
    assert_true(record_take_i64(&r, TAG_A, -1, 0) == -1);
    assert_true(record_next_is(&r, TAG_GROUP));
    assert_false(record_next_is(&r, TAG_A));
    struct record_reader inner = record_enter(&r, TAG_GROUP);
    assert_true(span_is(record_take_span(&inner, TAG_B, 0, 2), "in"));
    assert_int_equal(record_take_span(&inner, TAG_B, 0, 0).len, 0);
    assert_int_equal(inner.err, ERR_OK);
    record_leave(&r, &inner);
    assert_true(record_take_bool(&r, TAG_B));
    assert_int_equal(record_read_close(&r), ERR_OK);
    buf_clear(&out);
}

static void the_bytes_are_tag_length_value(void **state)
{
    static const uint8_t want[] = {9, 0, 0, 0, 8, 2, 0, 0, 0, 3, 'a', 'b', 'c'};
    struct buf out;
    struct record_writer w;
    (void)state;
    buf_init(&out, 64);
    record_write_open(&w, &out);
    size_t mark = record_begin(&w, TAG_GROUP);
    record_put_span(&w, TAG_B, span_str("abc"));
    record_end(&w, mark);
    assert_int_equal(record_write_close(&w), ERR_OK);
    assert_true(span_eq(buf_span(&out), span_of(want, sizeof want)));
    buf_clear(&out);
}

static void a_record_that_does_not_fit_leaves_the_buffer_as_it_was(void **state)
{
    struct buf out;
    struct record_writer w;
    (void)state;
    buf_init(&out, 16);
    assert_int_equal(buf_append_str(&out, "x"), ERR_OK);
    record_write_open(&w, &out);
    size_t mark = record_begin(&w, TAG_GROUP);
    record_put_u64(&w, TAG_A, 1);
    record_put_u64(&w, TAG_A, 2);
    record_end(&w, mark);
    assert_int_equal(record_write_close(&w), ERR_TOO_LARGE);
    assert_true(span_is(buf_span(&out), "x"));
    buf_clear(&out);
}

/* Each row is a record of one field that must not be taken as the u64 with tag 1 in 2..5. */
static void a_wrong_field_fails_and_stays_failed(void **state)
{
    static const struct {
        const char *why;
        size_t len;
        uint8_t bytes[16];
    } rows[] = {
        {"nothing", 0, {0}},
        {"header cut", 4, {1, 0, 0, 0}},
        {"value cut", 12, {1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0}},
        {"value cut, the rest fits", 12, {1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 3}},
        {"other tag", 13, {2, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 3}},
        {"short value", 12, {1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 3}},
        {"long value", 14, {1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 3}},
        {"huge length", 13, {1, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 3}},
        {"below", 13, {1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1}},
        {"above", 13, {1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 6}},
        {"far above", 13, {1, 0, 0, 0, 8, 0x80, 0, 0, 0, 0, 0, 0, 3}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct record_reader r;
        record_read_open(&r, span_of(rows[i].bytes, rows[i].len));
        if (record_take_u64(&r, TAG_A, 2, 5) != 2 || r.err != ERR_MALFORMED) {
            fail_msg("accepted: %s", rows[i].why);
        }
        assert_int_equal(record_take_span(&r, TAG_A, 0, 99).len, 0);
        assert_true(record_take_i64(&r, TAG_A, -7, 7) == -7);
        assert_false(record_next_is(&r, TAG_A));
        assert_int_equal(record_read_close(&r), ERR_MALFORMED);
    }
}

static void bytes_after_the_last_field_are_malformed(void **state)
{
    static const uint8_t bytes[] = {1, 0, 0, 0, 0, 7};
    struct record_reader r;
    (void)state;
    record_read_open(&r, span_of(bytes, sizeof bytes));
    assert_int_equal(record_take_span(&r, TAG_A, 0, 9).len, 0);
    assert_int_equal(r.err, ERR_OK);
    assert_int_equal(record_read_close(&r), ERR_MALFORMED);
}

static void a_group_must_be_used_up(void **state)
{
    static const uint8_t bytes[] = {9, 0, 0, 0, 6, 2, 0, 0, 0, 1, 'x'};
    struct record_reader r;
    (void)state;
    record_read_open(&r, span_of(bytes, sizeof bytes));
    struct record_reader inner = record_enter(&r, TAG_GROUP);
    record_leave(&r, &inner);
    assert_int_equal(r.err, ERR_MALFORMED);

    record_read_open(&r, span_of(bytes, sizeof bytes));
    inner = record_enter(&r, TAG_GROUP);
    assert_int_equal(record_take_span(&inner, TAG_B, 2, 9).len, 0); /* too short: inner fails */
    record_leave(&r, &inner);
    assert_int_equal(r.err, ERR_MALFORMED);

    record_read_open(&r, span_of(bytes, sizeof bytes));
    inner = record_enter(&r, TAG_A); /* not there: inner is failed from the start */
    assert_int_equal(inner.err, ERR_MALFORMED);
}

static void a_signed_number_out_of_bounds_fails(void **state)
{
    struct buf out;
    struct record_writer w;
    struct record_reader r;
    (void)state;
    buf_init(&out, 64);
    record_write_open(&w, &out);
    record_put_i64(&w, TAG_A, -2);
    assert_int_equal(record_write_close(&w), ERR_OK);
    record_read_open(&r, buf_span(&out));
    assert_true(record_take_i64(&r, TAG_A, -1, 15) == -1);
    assert_int_equal(r.err, ERR_MALFORMED);
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_is_taken),
        cmocka_unit_test(the_bytes_are_tag_length_value),
        cmocka_unit_test(a_record_that_does_not_fit_leaves_the_buffer_as_it_was),
        cmocka_unit_test(a_wrong_field_fails_and_stays_failed),
        cmocka_unit_test(bytes_after_the_last_field_are_malformed),
        cmocka_unit_test(a_group_must_be_used_up),
        cmocka_unit_test(a_signed_number_out_of_bounds_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
