#include "wire/json_write.h"

#include "unit/test.h"
#include "wire/json_grammar.h"

static void every_kind_of_value_is_written_with_its_commas(void **state)
{
    struct buf out;
    struct json_writer w;
    (void)state;
    buf_init(&out, 1024);
    json_write_open(&w, &out, 1024);
    json_begin_object(&w, NULL);
    json_put_text(&w, "s", "x");
    json_put_integer(&w, "i", INT64_MIN);
    json_put_bool(&w, "t", true);
    json_put_bool(&w, "f", false);
    json_put_raw(&w, "n", span_of(NULL, 0));
    json_put_raw(&w, "r", span_str("[1]"));
    json_put_base64(&w, "b", span_str("ab"));
    json_put_base64(&w, "e", span_of(NULL, 0));
    json_begin_array(&w, "a");
    json_put_integer(&w, NULL, 1);
    json_begin_object(&w, NULL);
    json_end_object(&w);
    json_begin_array(&w, NULL);
    json_end_array(&w);
    json_put_text(&w, NULL, "");
    json_end_array(&w);
    json_put_integer(&w, "z", 0);
    json_end_object(&w);
    assert_int_equal(json_write_close(&w), ERR_OK);
    assert_true(span_is(buf_span(&out),
                        "{\"s\":\"x\",\"i\":-9223372036854775808,\"t\":true,\"f\":false,\"n\":null,"
                        "\"r\":[1],\"b\":\"YWI=\",\"e\":\"\",\"a\":[1,{},[],\"\"],\"z\":0}"));
    assert_int_equal(json_grammar_check(buf_span(&out)), ERR_OK);
    buf_clear(&out);
}

static void what_must_be_escaped_is_and_nothing_else(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", "\"\""},
        {"a/b", "\"a/b\""},
        {"\"\\", "\"\\\"\\\\\""},
        {"\n\t\x01\x1F", "\"\\u000a\\u0009\\u0001\\u001f\""},
        {"\x7F", "\"\x7F\""},
        {"\xC3\xA4\xF0\x9F\x98\x80", "\"\xC3\xA4\xF0\x9F\x98\x80\""},
        {"x\"y\"z", "\"x\\\"y\\\"z\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out;
        struct json_writer w;
        buf_init(&out, 128);
        json_write_open(&w, &out, 128);
        json_put_text(&w, NULL, rows[i].text);
        assert_int_equal(json_write_close(&w), ERR_OK);
        assert_true(span_is(buf_span(&out), rows[i].want));
        assert_int_equal(json_grammar_check(buf_span(&out)), ERR_OK);
        buf_clear(&out);
    }
}

static void an_error_leaves_the_buffer_as_it_was(void **state)
{
    struct buf out;
    struct json_writer w;
    (void)state;
    buf_init(&out, 64);
    assert_int_equal(buf_append_str(&out, "kept"), ERR_OK);

    json_write_open(&w, &out, 64);
    json_put_string(&w, NULL, span_str("\xFF"));
    json_put_text(&w, NULL, "after");
    assert_int_equal(json_write_close(&w), ERR_MALFORMED);
    assert_true(span_is(buf_span(&out), "kept"));

    json_write_open(&w, &out, 9);
    json_put_text(&w, NULL, "12345678");
    assert_int_equal(json_write_close(&w), ERR_TOO_LARGE);
    assert_true(span_is(buf_span(&out), "kept"));

    json_write_open(&w, &out, 10);
    json_put_text(&w, NULL, "12345678");
    assert_int_equal(json_write_close(&w), ERR_OK);
    assert_true(span_is(buf_span(&out), "kept\"12345678\""));

    json_write_open(&w, &out, 1000);
    json_put_base64(&w, NULL, span_of((const uint8_t[64]){0}, 64));
    assert_int_equal(json_write_close(&w), ERR_TOO_LARGE);
    assert_true(span_is(buf_span(&out), "kept\"12345678\""));
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_is_written_with_its_commas),
        cmocka_unit_test(what_must_be_escaped_is_and_nothing_else),
        cmocka_unit_test(an_error_leaves_the_buffer_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
