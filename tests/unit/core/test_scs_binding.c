#include "core/scs_binding.h"

#include "core/tbs.h"
#include "unit/test.h"

#define ORIGIN "https://palvelu.example.fi"
#define N64    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define N63    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"

static void what_is_bound_to_the_origin_is_signed_and_nothing_else(void **state)
{
    static const struct {
        const char *challenge;
        bool strict, old; /* passes under the rule */
    } rows[] = {
        {ORIGIN ";" N64, true, true},
        {ORIGIN ";" N64 N64, true, true},
        {ORIGIN ";" N64 ";c2VydmVyS2V5", true, true},
        {ORIGIN "\n" N64 "\n1700000000000\npayload", false, true},
        {ORIGIN " " N64, false, true},
        {ORIGIN "\r\n" N64, false, false},
        {ORIGIN "\t" N64, false, false},
        {ORIGIN "," N64, false, false},
        {ORIGIN N64, false, false},
        {ORIGIN ";" N63, false, false},
        {ORIGIN " " N63, false, false},
        {ORIGIN ";" N63 "\xC3\xA4", true, true},
        {ORIGIN ";" N63 "\xC3", false, false}, /* no UTF-8 */
        {ORIGIN ";", false, false},
        {ORIGIN, false, false},
        {"", false, false},
        /* other origins, or none */
        {"https://paha.example;" N64, false, false},
        {ORIGIN ".paha.example;" N64, false, false},
        {ORIGIN ":8443;" N64, false, false},
        {ORIGIN "/;" N64, false, false},
        {ORIGIN "/kirjaudu;" N64, false, false},
        {"http://palvelu.example.fi;" N64, false, false},
        {"HTTPS://palvelu.example.fi;" N64, false, false},
        {" " ORIGIN ";" N64, false, false},
        {N64, false, false},
        {N64 ";" ORIGIN, false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span text = span_str(rows[i].challenge);
        enum err strict = scs_binding_check(span_str(ORIGIN), text, BINDING_STRICT);
        enum err old = scs_binding_check(span_str(ORIGIN), text, BINDING_OLD);
        if (strict != (rows[i].strict ? ERR_OK : ERR_NOT_BOUND) ||
            old != (rows[i].old ? ERR_OK : ERR_NOT_BOUND)) {
            fail_msg("%s", rows[i].challenge);
        }
        assert_int_equal(scs_binding_check(span_str(ORIGIN), text, BINDING_NONE), ERR_OK);
    }
}

/* 64 characters of two bytes each are enough, 63 of them are not, though they are 126 bytes. */
static void a_nonce_is_measured_in_characters(void **state)
{
    struct buf text;
    (void)state;
    buf_init(&text, 1024);
    assert_int_equal(buf_append_str(&text, ORIGIN ";"), ERR_OK);
    for (int i = 0; i < 63; i++) {
        assert_int_equal(buf_append_str(&text, "\xC3\xB6"), ERR_OK);
    }
    assert_int_equal(scs_binding_check(span_str(ORIGIN), buf_span(&text), BINDING_STRICT),
                     ERR_NOT_BOUND);
    assert_int_equal(buf_append_str(&text, "\xC3\xB6"), ERR_OK);
    assert_int_equal(scs_binding_check(span_str(ORIGIN), buf_span(&text), BINDING_STRICT), ERR_OK);
    buf_clear(&text);
}

static void without_an_origin_nothing_is_bound(void **state)
{
    (void)state;
    assert_int_equal(scs_binding_check(span_of(NULL, 0), span_str(";" N64), BINDING_STRICT),
                     ERR_NOT_BOUND);
}

/* The digest is of the page's bytes as they are: what services verify. */
static void a_bound_challenge_is_hashed_as_it_stands(void **state)
{
    uint8_t got[LIMIT_DIGEST];
    uint8_t want[LIMIT_DIGEST];
    struct span text = span_str(ORIGIN ";" N64);
    const struct document same = {.has_content = true, .content = text};
    (void)state;
    assert_int_equal(tbs_challenge(span_str(ORIGIN), text, BINDING_STRICT, HASH_SHA256, got),
                     ERR_OK);
    assert_int_equal(tbs_document(&same, HASH_SHA256, want), ERR_OK);
    assert_memory_equal(got, want, 32);
    assert_int_equal(
        tbs_challenge(span_str("https://paha.example"), text, BINDING_OLD, HASH_SHA256, got),
        ERR_NOT_BOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_bound_to_the_origin_is_signed_and_nothing_else),
        cmocka_unit_test(a_nonce_is_measured_in_characters),
        cmocka_unit_test(without_an_origin_nothing_is_bound),
        cmocka_unit_test(a_bound_challenge_is_hashed_as_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
