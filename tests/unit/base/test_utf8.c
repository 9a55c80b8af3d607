#include "base/utf8.h"

#include "unit/test.h"

static void well_formed_text_is_valid(void **state)
{
    static const char *const rows[] = {
        "",
        "a",
        "\x7F",
        "\xC2\x80",
        "\xDF\xBF",
        "\xE0\xA0\x80",
        "\xED\x9F\xBF",
        "\xEE\x80\x80",
        "\xEF\xBF\xBF",
        "\xF0\x90\x80\x80",
        "\xF4\x8F\xBF\xBF",
        "\xC3\xA4iti \xF0\x9F\x98\x80",
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(utf8_valid(span_str(rows[i])));
    }
    assert_true(utf8_valid(span_of("\0", 1)));
}

/* Table 3-7 of Unicode, from its other side. */
static void ill_formed_text_is_not(void **state)
{
    static const char *const rows[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC1\xBF",
        "\xC2",
        "\xC2\x41",
        "\xC2\xC2",
        "\xE0\x80\x80",
        "\xE0\x9F\xBF",
        "\xE2\x82",
        "\xE2\x82\x41",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xF0\x80\x80\x80",
        "\xF0\x8F\xBF\xBF",
        "\xF0\x9F\x98",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xF8\x88\x80\x80\x80",
        "\xFC\x84\x80\x80\x80\x80",
        "\xFE",
        "\xFF",
        "a\xE4",
        "\xC3\xA4\x80",
        "\xED\xA0\xBD\xED\xB8\x80",
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (utf8_valid(span_str(rows[i]))) {
            fail_msg("accepted row %zu", i);
        }
    }
}

static void code_points_come_one_by_one(void **state)
{
    static const uint32_t want[] = {'a', 0xE4, 0x20AC, 0x1F600, 0};
    struct span text = span_of("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\0", 11);
    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        assert_true(text.len > 0);
        assert_int_equal(utf8_next(&text), want[i]);
    }
    assert_int_equal(text.len, 0);
}

static void what_misleads_a_reader_is_taken_away(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", ""},
        {"Sopimus \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80.pdf",
         "Sopimus \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80.pdf"},
        {"a\nb", "a b"},
        {"a\r\n\t\x1B"
         "b",
         "a b"},
        {"a \n b", "a  b"}, /* a space of the text's own stays */
        {"\x7F\xC2\x85x", " x"},
        {"a\xE2\x80\xA8\xE2\x80\xA9z", "a z"}, /* line and paragraph separator */
        {"gpj\xE2\x80\xAE.exe", "gpj.exe"},    /* right-to-left override */
        {"a\xE2\x81\xA6"
         "b\xE2\x81\xA9",
         "ab"},                                     /* isolates */
        {"\xE2\x80\x8F\xE2\x80\x8E\xD8\x9Cx", "x"}, /* marks */
        {"pa\xE2\x80\x8By\xE2\x80\x8Dp\xE2\x80\x8C"
         "al",
         "paypal"},                                 /* zero width */
        {"\xEF\xBB\xBFx", "x"},                     /* byte-order mark */
        {"s\xC2\xADh", "sh"},                       /* soft hyphen */
        {"x\xF3\xA0\x81\xA1\xF3\xA0\x84\x80", "x"}, /* tags, variation selectors */
        {"x\xEF\xB8\x8F", "x"},
        {"\xEE\x80\x80\xF3\xB0\x80\x80\xF4\x8F\xBF\xBDx", "x"}, /* private use */
        {"\xEF\xBF\xBE\xEF\xB7\x90x", "x"},                     /* noncharacters */
        {"\xE3\x85\xA4\xEF\xBE\xA0x", "x"},                     /* Hangul fillers */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out;
        buf_init(&out, 128);
        assert_int_equal(utf8_append_safe(&out, span_str(rows[i].text)), ERR_OK);
        if (!span_is(buf_span(&out), rows[i].want)) {
            fail_msg("row %zu", i);
        }
        assert_true(utf8_valid(buf_span(&out)));
        buf_clear(&out);
    }
}

static void safe_text_never_grows_and_is_appended(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 4);
    assert_int_equal(buf_append_str(&out, "ab"), ERR_OK);
    assert_int_equal(utf8_append_safe(&out, span_str("\n\xE2\x80\xAEz")), ERR_OK);
    assert_true(span_is(buf_span(&out), "ab z"));
    assert_int_equal(utf8_append_safe(&out, span_str("y")), ERR_TOO_LARGE);
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_text_is_valid),
        cmocka_unit_test(ill_formed_text_is_not),
        cmocka_unit_test(code_points_come_one_by_one),
        cmocka_unit_test(what_misleads_a_reader_is_taken_away),
        cmocka_unit_test(safe_text_never_grows_and_is_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
