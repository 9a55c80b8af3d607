#include "base/buf.h"

#include "unit/test.h"

static void what_is_appended_stands_in_order(void **state)
{
    static const uint8_t want[] = {'a',  'b',  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
                                   0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 'z'};
    struct buf b;
    uint8_t *at;
    (void)state;
    buf_init(&b, 64);
    assert_null(b.at);
    assert_int_equal(buf_append(&b, span_str("a")), ERR_OK);
    assert_int_equal(buf_append_str(&b, "b"), ERR_OK);
    assert_int_equal(buf_append_u8(&b, 0x01), ERR_OK);
    assert_int_equal(buf_append_u16be(&b, 0x0203), ERR_OK);
    assert_int_equal(buf_append_u32be(&b, 0x04050607), ERR_OK);
    assert_int_equal(buf_append_u64be(&b, 0x08090A0B0C0D0E0F), ERR_OK);
    assert_int_equal(buf_append(&b, span_of(NULL, 0)), ERR_OK);
    assert_int_equal(buf_extend(&b, 1, &at), ERR_OK);
    *at = 'z';
    assert_true(span_eq(buf_span(&b), span_of(want, sizeof want)));
    buf_clear(&b);
}

static void the_maximum_is_never_passed_and_the_content_stays(void **state)
{
    struct buf b;
    uint8_t *at = NULL;
    (void)state;
    buf_init(&b, 3);
    assert_int_equal(buf_append_str(&b, "abc"), ERR_OK);
    assert_true(b.cap <= 3);
    assert_int_equal(buf_append_u8(&b, 0), ERR_TOO_LARGE);
    assert_int_equal(buf_append_str(&b, "d"), ERR_TOO_LARGE);
    assert_int_equal(buf_extend(&b, SIZE_MAX, &at), ERR_TOO_LARGE);
    assert_null(at);
    assert_int_equal(buf_append(&b, span_of(NULL, 0)), ERR_OK);
    assert_true(span_is(buf_span(&b), "abc"));
    buf_clear(&b);

    buf_init(&b, 0);
    assert_int_equal(buf_append_u8(&b, 1), ERR_TOO_LARGE);
    buf_clear(&b);
}

static void growth_keeps_every_byte_and_ends_at_the_maximum(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 1000);
    for (unsigned i = 0; i < 1000; i++) {
        assert_int_equal(buf_append_u8(&b, (uint8_t)i), ERR_OK);
        assert_true(b.cap <= b.max && b.len <= b.cap);
    }
    for (unsigned i = 0; i < 1000; i++) {
        assert_int_equal(b.at[i], (uint8_t)i);
    }
    assert_int_equal(buf_append_u8(&b, 0), ERR_TOO_LARGE);
    buf_clear(&b);
}

static void an_empty_extension_is_fine(void **state)
{
    struct buf b;
    uint8_t *at;
    (void)state;
    buf_init(&b, 8);
    assert_int_equal(buf_extend(&b, 0, &at), ERR_OK);
    assert_int_equal(b.len, 0);
    assert_int_equal(buf_span(&b).len, 0);
    buf_consume(&b, 0);
    buf_truncate(&b, 0);
    buf_clear(&b);
}

static void consumed_and_truncated_bytes_are_wiped(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 8);
    assert_int_equal(buf_append_str(&b, "12345678"), ERR_OK);
    buf_consume(&b, 3);
    assert_true(span_is(buf_span(&b), "45678"));
    assert_memory_equal(b.at + 5, "\0\0\0", 3);
    buf_truncate(&b, 2);
    assert_true(span_is(buf_span(&b), "45"));
    assert_memory_equal(b.at + 2, "\0\0\0\0\0\0", 6);
    buf_truncate(&b, 9);
    assert_int_equal(b.len, 2);
    buf_consume(&b, 2);
    assert_int_equal(b.len, 0);
    buf_clear(&b);
}

static void a_cleared_buffer_is_usable_again(void **state)
{
    struct buf b;
    struct buf zero = {0};
    (void)state;
    buf_init(&b, 4);
    assert_int_equal(buf_append_str(&b, "abcd"), ERR_OK);
    buf_clear(&b);
    assert_null(b.at);
    assert_int_equal(b.cap, 0);
    assert_int_equal(buf_append_str(&b, "efgh"), ERR_OK);
    buf_clear(&b);
    buf_clear(&b);
    buf_clear(&zero);
}

static void a_move_empties_the_source(void **state)
{
    struct buf a;
    struct buf b;
    (void)state;
    buf_init(&a, 4);
    buf_init(&b, 8);
    assert_int_equal(buf_append_str(&a, "old"), ERR_OK);
    assert_int_equal(buf_append_str(&b, "newer"), ERR_OK);
    buf_move(&a, &b);
    assert_true(span_is(buf_span(&a), "newer"));
    assert_int_equal(a.max, 8);
    assert_null(b.at);
    assert_int_equal(b.len, 0);
    assert_int_equal(buf_append_str(&b, "again"), ERR_OK);
    buf_clear(&a);
    buf_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_appended_stands_in_order),
        cmocka_unit_test(the_maximum_is_never_passed_and_the_content_stays),
        cmocka_unit_test(growth_keeps_every_byte_and_ends_at_the_maximum),
        cmocka_unit_test(an_empty_extension_is_fine),
        cmocka_unit_test(consumed_and_truncated_bytes_are_wiped),
        cmocka_unit_test(a_cleared_buffer_is_usable_again),
        cmocka_unit_test(a_move_empties_the_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
