#include "wire/json_grammar.h"

#include "base/limits.h"
#include "unit/test.h"

struct row {
    const char *text;
    size_t len; /* 0: strlen */
};

static struct span text_of(const struct row *row)
{
    return row->len > 0 ? span_of(row->text, row->len) : span_str(row->text);
}

static void every_form_of_the_grammar_is_accepted(void **state)
{
    static const char *const rows[] = {
        "{}",
        "[]",
        " \t\r\n{ } \n",
        "null",
        "true",
        "false",
        "0",
        "-0",
        "12",
        "-1.5",
        "1e9",
        "1E+9",
        "0.25e-3",
        "10",
        "\"\"",
        "\"a\"",
        "[1,2 , 3]",
        "[[],{},[[]]]",
        "{\"a\":1}",
        "{ \"a\" : [ true , null ] , \"b\" : { } }",
        "\"\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u00e4 \\uD83D\\uDE00 \\ud83d\\ude00\"",
        "\"\x7F\"",
        "\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"",
        "\"\\uFFFF\"",
        "\"{[,:]}\"",
        "{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":{}}}}}}}}",
        "[[[[[[[[1]]]]]]]]",
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (json_grammar_check(span_str(rows[i])) != ERR_OK) {
            fail_msg("refused: %s", rows[i]);
        }
    }
}

static void everything_else_is_refused(void **state)
{
    static const struct row rows[] = {
        /* nothing, or more than one */
        {"", 0},
        {" ", 0},
        {"{}{}", 0},
        {"{} {}", 0},
        {"1 2", 0},
        {"{}x", 0},
        {"}", 0},
        {"]", 0},
        {"{}}", 0},
        {"{\"a\":1}\0{\"b\":2}", 15},
        {"\0", 1},
        {"{}\0", 3},
        {"\xEF\xBB\xBF{}", 0},
        /* commas and colons */
        {"{\"a\":1,}", 0},
        {"{,}", 0},
        {"{,\"a\":1}", 0},
        {"[1,,3]", 0},
        {"[1,]", 0},
        {"[,1]", 0},
        {"[1 2]", 0},
        {"{\"a\":1 \"b\":2}", 0},
        {"{\"a\"}", 0},
        {"{\"a\" 1}", 0},
        {"{\"a\":}", 0},
        {"{\"a\"::1}", 0},
        {"{\"a\":\"b\":\"c\"}", 0},
        {"{\"a\",1}", 0},
        {"[\"a\":1]", 0},
        {"{\"a\":1,,\"b\":2}", 0},
        {",", 0},
        {":", 0},
        {"1,", 0},
        {"[1],", 0},
        {"{1:2}", 0},
        {"{a:1}", 0},
        {"{'a':1}", 0},
        {"{null:1}", 0},
        {"{[]:1}", 0},
        {"{\"a\":1:2}", 0},
        /* brackets */
        {"{", 0},
        {"[", 0},
        {"[1", 0},
        {"[1,", 0},
        {"{\"a\"", 0},
        {"{\"a\":", 0},
        {"{\"a\":1", 0},
        {"{]", 0},
        {"[}", 0},
        {"[1}", 0},
        {"{\"a\":1]", 0},
        {"[{\"a\":[}]", 0},
        {"[[]", 0},
        /* words */
        {"nope", 0},
        {"nul", 0},
        {"nulll", 0},
        {"True", 0},
        {"TRUE", 0},
        {"tru", 0},
        {"truex", 0},
        {"fals", 0},
        {"undefined", 0},
        {"NaN", 0},
        {"Infinity", 0},
        {"-Infinity", 0},
        {"n", 0},
        {"[true false]", 0},
        {"[truefalse]", 0},
        {"// c\n{}", 0},
        {"/**/{}", 0},
        {"{}#", 0},
        /* numbers */
        {"01", 0},
        {"-01", 0},
        {"00", 0},
        {"-", 0},
        {"+1", 0},
        {"1.", 0},
        {".5", 0},
        {"1.e5", 0},
        {"01e", 0},
        {"1e", 0},
        {"1e+", 0},
        {"1e-", 0},
        {"1ee5", 0},
        {"0x10", 0},
        {"1_000", 0},
        {"1.2.3", 0},
        {"--1", 0},
        {"1-2", 0},
        {"1a", 0},
        {"1e5.0", 0},
        {"\xD9\xA1", 0},
        /* strings */
        {"\"", 0},
        {"\"a", 0},
        {"\"\\\"", 0},
        {"\"a\nb\"", 0},
        {"\"a\tb\"", 0},
        {"\"\x01\"", 0},
        {"\"\x1F\"", 0},
        {"\"a\0b\"", 5},
        {"\"\\u0000\"", 0},
        {"\"\\x41\"", 0},
        {"\"\\a\"", 0},
        {"\"\\0\"", 0},
        {"\"\\u12\"", 0},
        {"\"\\u12G4\"", 0},
        {"\"\\U0041\"", 0},
        {"\"\\u 041\"", 0},
        {"\"\\uD800\"", 0},
        {"\"\\uD800x\"", 0},
        {"\"\\uD800\\n\"", 0},
        {"\"\\uD800\\u0041\"", 0},
        {"\"\\uD800\\uD800\"", 0},
        {"\"\\uDC00\"", 0},
        {"\"\\uDC00\\uD800\"", 0},
        {"\"\\uDBFF\\uE000\"", 0},
        {"\"\\\0\"", 4},
        {"'a'", 0},
        {"\"\\'\"", 0},
        /* UTF-8 */
        {"\"\xFF\"", 0},
        {"\"\x80\"", 0},
        {"\"\xC3\"", 0},
        {"\"\xC0\x80\"", 0},
        {"\"\xC1\xBF\"", 0},
        {"\"\xE0\x80\x80\"", 0},
        {"\"\xED\xA0\x80\"", 0},
        {"\"\xF4\x90\x80\x80\"", 0},
        {"\"\xF0\x80\x80\x80\"", 0},
        {"\"\xF8\x88\x80\x80\x80\"", 0},
        {"\"\xE2\x82\"", 0},
        {"{}\xC2\xA0", 0},
        {"\xC2\xA0{}", 0},
        /* white space of other kinds */
        {"\v{}", 0},
        {"\f{}", 0},
        {"{}\x1E", 0},
        /* depth 9 */
        {"[[[[[[[[[]]]]]]]]]", 0},
        {"[[[[[[[[{}]]]]]]]]", 0},
        {"{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":[]}}}}}}}}", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (json_grammar_check(text_of(&rows[i])) != ERR_MALFORMED) {
            fail_msg("accepted row %zu: %s", i, rows[i].text);
        }
    }
}

static void a_million_brackets_are_refused_at_the_limit(void **state)
{
    size_t len = 1000000;
    char *text = malloc(len);
    (void)state;
    assert_non_null(text);
    memset(text, '[', len);
    assert_int_equal(json_grammar_check(span_of(text, len)), ERR_MALFORMED);
    free(text);
}

static void every_cut_of_a_text_is_refused(void **state)
{
    static const char text[] = "{\"a\":[1.5e3,\"\\u00e4\\ud83d\\ude00\",true],\"b\":{\"c\":null}}";
    (void)state;
    for (size_t len = 0; len < sizeof text - 1; len++) {
        assert_int_equal(json_grammar_check(span_of(text, len)), ERR_MALFORMED);
    }
    assert_int_equal(json_grammar_check(span_of(text, sizeof text - 1)), ERR_OK);
}

static void escapes_become_what_they_mean(void **state)
{
    static const struct {
        const char *inner, *want;
    } rows[] = {
        {"", ""},
        {"plain \xC3\xA4", "plain \xC3\xA4"},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"},
        {"\\u0041\\u007f\\u0080\\u07FF\\u0800\\uFFFF",
         "A\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF"},
        {"\\uD800\\uDC00\\uDBFF\\uDFFF", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"},
        {"a\\u00e4b\\\\u0041", "a\xC3\xA4"
                               "b\\u0041"},
    };
    uint8_t to[64];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = json_grammar_unescape(span_str(rows[i].inner), to);
        assert_true(n <= strlen(rows[i].inner));
        assert_true(span_is(span_of(to, n), rows[i].want));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_the_grammar_is_accepted),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(a_million_brackets_are_refused_at_the_limit),
        cmocka_unit_test(every_cut_of_a_text_is_refused),
        cmocka_unit_test(escapes_become_what_they_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
