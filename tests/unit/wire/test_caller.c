#include "wire/caller.h"

#include "unit/test.h"

static char long_text[LIMIT_CALLER_TEXT + 2];

static void cross(char *const *arguments, struct caller *ret, struct buf *record)
{
    buf_init(record, LIMIT_INTRODUCTION);
    assert_int_equal(caller_pack(arguments, record), ERR_OK);
    assert_int_equal(caller_unpack(buf_span(record), ret), ERR_OK);
}

static void what_a_browser_says_arrives(void **state)
{
    char *firefox[] = {"/usr/lib/mozilla/native-messaging-hosts/x.json", "{id}", NULL};
    char *nothing[] = {NULL};
    struct caller c;
    struct buf record;
    (void)state;
    cross(firefox, &c, &record);
    assert_int_equal(c.n, 2);
    assert_true(span_is(c.arguments[0], firefox[0]) && span_is(c.arguments[1], "{id}"));
    buf_clear(&record);
    cross(nothing, &c, &record);
    assert_int_equal(c.n, 0);
    buf_clear(&record);
}

static void what_is_beyond_the_limits_is_left_out(void **state)
{
    char *many[] = {long_text, "a", "b", "c", "d", "e", NULL};
    struct caller c;
    struct buf record;
    (void)state;
    memset(long_text, 'x', LIMIT_CALLER_TEXT + 1);
    cross(many, &c, &record);
    assert_int_equal(c.n, LIMIT_CALLER_ARGUMENTS);
    assert_true(span_is(c.arguments[0], "a") && span_is(c.arguments[3], "d"));
    buf_clear(&record);
    long_text[LIMIT_CALLER_TEXT] = '\0';
    many[1] = many[2] = many[3] = long_text;
    many[4] = NULL;
    cross(many, &c, &record);
    assert_int_equal(c.n, 4);
    assert_int_equal(c.arguments[3].len, LIMIT_CALLER_TEXT);
    buf_clear(&record);
}

static void another_record_is_none(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } rows[] = {
        {"", 0},
        {"{\"jsonrpc\":\"2.0\"}", 17},
        {"\1\0\0\0\1a", 6}, /* without an end */
        {"\1\0\0\0\0x", 6}, /* something after it */
        {"\2\0\0\0\0", 5},  /* another tag */
        {"\1\0\0\0\1a\1\0\0\0\1a\1\0\0\0\1a\1\0\0\0\1a\1\0\0\0\1a\1\0\0\0\0", 35}, /* too many */
        {"\1\xFF\xFF\xFF\xFF", 5},
    };
    struct caller c;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(caller_unpack(span_of(rows[i].bytes, rows[i].len), &c), ERR_MALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_browser_says_arrives),
        cmocka_unit_test(what_is_beyond_the_limits_is_left_out),
        cmocka_unit_test(another_record_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
