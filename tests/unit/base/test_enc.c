#include "base/enc.h"

#include "unit/test.h"

static void the_vectors_of_rfc_4648_hold_both_ways(void **state)
{
    static const char *const rows[][3] = {
        {"", "", ""},
        {"f", "Zg==", "66"},
        {"fo", "Zm8=", "666f"},
        {"foo", "Zm9v", "666f6f"},
        {"foob", "Zm9vYg==", "666f6f62"},
        {"fooba", "Zm9vYmE=", "666f6f6261"},
        {"foobar", "Zm9vYmFy", "666f6f626172"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out;
        buf_init(&out, 64);
        assert_int_equal(enc_base64_encode(span_str(rows[i][0]), &out), ERR_OK);
        assert_true(span_is(buf_span(&out), rows[i][1]));
        buf_clear(&out);
        assert_int_equal(enc_base64_decode(span_str(rows[i][1]), &out), ERR_OK);
        assert_true(span_is(buf_span(&out), rows[i][0]));
        buf_clear(&out);
        assert_int_equal(enc_hex_encode(span_str(rows[i][0]), &out), ERR_OK);
        assert_true(span_is(buf_span(&out), rows[i][2]));
        buf_clear(&out);
        assert_int_equal(enc_hex_decode(span_str(rows[i][2]), &out), ERR_OK);
        assert_true(span_is(buf_span(&out), rows[i][0]));
        buf_clear(&out);
    }
}

static void every_byte_survives_both_encodings(void **state)
{
    uint8_t bytes[256];
    struct buf text;
    struct buf back;
    (void)state;
    for (unsigned i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 167);
    }
    buf_init(&text, 1024);
    buf_init(&back, 1024);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        assert_int_equal(enc_base64_encode(span_of(bytes, len), &text), ERR_OK);
        assert_int_equal(enc_base64_decode(buf_span(&text), &back), ERR_OK);
        assert_true(span_eq(buf_span(&back), span_of(bytes, len)));
        buf_clear(&text);
        buf_clear(&back);
        assert_int_equal(enc_hex_encode(span_of(bytes, len), &text), ERR_OK);
        assert_int_equal(enc_hex_decode(buf_span(&text), &back), ERR_OK);
        assert_true(span_eq(buf_span(&back), span_of(bytes, len)));
        buf_clear(&text);
        buf_clear(&back);
    }
}

/* The alphabet in order: 0x00 0x10 0x83 ... encodes to "ABCD...+/". */
static void the_alphabet_is_that_of_section_4(void **state)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct buf bytes;
    struct buf text;
    (void)state;
    buf_init(&bytes, 64);
    buf_init(&text, 64);
    assert_int_equal(enc_base64_decode(span_str(alphabet), &bytes), ERR_OK);
    for (unsigned i = 0; i < 64; i++) {
        unsigned bit = i * 6;
        unsigned pair = (unsigned)bytes.at[bit / 8] << 8;
        pair |= bit / 8 + 1 < bytes.len ? bytes.at[bit / 8 + 1] : 0u;
        assert_int_equal(pair >> (10 - bit % 8) & 63, i);
    }
    assert_int_equal(enc_base64_encode(buf_span(&bytes), &text), ERR_OK);
    assert_true(span_is(buf_span(&text), alphabet));
    buf_clear(&bytes);
    buf_clear(&text);
}

static void base64_that_is_not_canonical_is_refused_and_leaves_nothing(void **state)
{
    static const struct {
        const char *text;
        size_t len; /* 0: strlen */
    } rows[] = {
        {"Z", 0},          {"Zg", 0},           {"Zg=", 0},      {"Zg===", 0},    {"=", 0},
        {"====", 0},       {"Z===", 0},         {"=Zg=", 0},     {"Zg=g", 0},     {"Zm8=Zm8=", 0},
        {"Zh==", 0},       {"Zm9=", 0},         {"Zm9v=", 0},    {"Zm9v====", 0}, {"Zm9-", 0},
        {"Zm9_", 0},       {"Zm 9v", 0},        {" Zm9", 0},     {"Zm9v\n", 0},   {"Zm9\n", 0},
        {"Zm9\0", 4},      {"\0\0\0\0", 4},     {"Zm9\xC3", 0},  {"Zm9.", 0},     {"Zg==Zm9v", 0},
        {"Zm9vYg==\n", 0}, {"Zm9vYg==    ", 0}, {"Zm9v,Yg=", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out;
        size_t len = rows[i].len > 0 ? rows[i].len : strlen(rows[i].text);
        buf_init(&out, 64);
        assert_int_equal(buf_append_str(&out, "kept"), ERR_OK);
        if (enc_base64_decode(span_of(rows[i].text, len), &out) != ERR_ARGUMENT) {
            fail_msg("accepted: %s", rows[i].text);
        }
        assert_true(span_is(buf_span(&out), "kept"));
        buf_clear(&out);
    }
}

static void hex_that_is_not_pairs_of_digits_is_refused_and_leaves_nothing(void **state)
{
    static const char *const rows[] = {"0",  "000", "0g", "g0", "0x00",     " 00", "00 ",
                                       "0:", "0@",  "0G", "0`", "\xC3\xA4", "0/"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out;
        buf_init(&out, 64);
        assert_int_equal(buf_append_str(&out, "kept"), ERR_OK);
        if (enc_hex_decode(span_str(rows[i]), &out) != ERR_ARGUMENT) {
            fail_msg("accepted: %s", rows[i]);
        }
        assert_true(span_is(buf_span(&out), "kept"));
        buf_clear(&out);
    }
}

static void hex_is_read_in_either_case(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 8);
    assert_int_equal(enc_hex_decode(span_str("aBCdEf09"), &out), ERR_OK);
    assert_true(span_eq(buf_span(&out), span_of("\xAB\xCD\xEF\x09", 4)));
    buf_clear(&out);
}

static void a_full_buffer_takes_nothing(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 3);
    assert_int_equal(enc_base64_encode(span_str("a"), &out), ERR_TOO_LARGE);
    assert_int_equal(enc_base64_decode(span_str("Zm9vYg=="), &out), ERR_TOO_LARGE);
    assert_int_equal(enc_hex_encode(span_str("ab"), &out), ERR_TOO_LARGE);
    assert_int_equal(enc_hex_decode(span_str("00000000"), &out), ERR_TOO_LARGE);
    assert_int_equal(out.len, 0);
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_rfc_4648_hold_both_ways),
        cmocka_unit_test(every_byte_survives_both_encodings),
        cmocka_unit_test(the_alphabet_is_that_of_section_4),
        cmocka_unit_test(base64_that_is_not_canonical_is_refused_and_leaves_nothing),
        cmocka_unit_test(hex_that_is_not_pairs_of_digits_is_refused_and_leaves_nothing),
        cmocka_unit_test(hex_is_read_in_either_case),
        cmocka_unit_test(a_full_buffer_takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
