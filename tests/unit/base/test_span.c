#include "base/span.h"

#include "unit/test.h"

static void spans_are_equal_by_their_bytes(void **state)
{
    (void)state;
    assert_true(span_eq(span_of(NULL, 0), span_str("")));
    assert_true(span_eq(span_str("ab"), span_of("abc", 2)));
    assert_false(span_eq(span_str("ab"), span_str("abc")));
    assert_false(span_eq(span_str("ab"), span_str("aB")));
    assert_true(span_eq(span_of("a\0b", 3), span_of("a\0b", 3)));
    assert_false(span_eq(span_of("a\0b", 3), span_of("a\0c", 3)));
    assert_true(span_is(span_str("x"), "x"));
    assert_true(span_is(span_of(NULL, 0), ""));
    assert_false(span_is(span_of("x\0", 2), "x"));
}

static void a_part_never_reaches_past_the_end(void **state)
{
    static const struct {
        size_t from, len;
        const char *want;
    } rows[] = {
        {0, 5, "hello"},
        {0, 0, ""},
        {1, 3, "ell"},
        {4, 1, "o"},
        {4, 9, "o"},
        {5, 1, ""},
        {6, 1, ""},
        {SIZE_MAX, 1, ""},
        {1, SIZE_MAX, "ello"},
        {SIZE_MAX, SIZE_MAX, ""},
    };
    struct span text = span_str("hello");
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(span_is(span_sub(text, rows[i].from, rows[i].len), rows[i].want));
    }
    assert_int_equal(span_sub(span_of(NULL, 0), 0, 1).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_are_equal_by_their_bytes),
        cmocka_unit_test(a_part_never_reaches_past_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
