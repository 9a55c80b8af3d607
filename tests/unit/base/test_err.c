#include "base/err.h"

#include "unit/test.h"

static void every_error_has_its_own_name_and_code(void **state)
{
    (void)state;
    for (unsigned a = 0; a < ERR_COUNT; a++) {
        for (unsigned b = a + 1; b < ERR_COUNT; b++) {
            assert_string_not_equal(err_name((enum err)a), err_name((enum err)b));
            assert_int_not_equal(err_code((enum err)a), err_code((enum err)b));
        }
    }
}

static void every_error_is_told_in_a_sentence_with_codes_of_both_dialects(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ERR_COUNT; i++) {
        enum err e = (enum err)i;
        size_t len = strlen(err_text(e));
        assert_true(len > 0 && err_text(e)[len - 1] == '.');
        bool is_reason = err_scs(e) == 400 || err_scs(e) == 401 || err_scs(e) == 403 ||
                         err_scs(e) == 500 || err_scs(e) == 501;
        assert_true(e == ERR_OK ? err_scs(e) == 200 : is_reason);
        assert_null(strpbrk(err_text(e), "|\n\"\\"));
    }
}

static void ok_is_zero_in_every_dialect_but_http(void **state)
{
    (void)state;
    assert_int_equal(ERR_OK, 0);
    assert_int_equal(err_code(ERR_OK), 0);
    assert_int_equal(err_scs(ERR_OK), 200);
    assert_string_equal(err_name(ERR_OK), "OK");
    assert_false(err_may_retry(ERR_OK));
}

/* What pages were promised; a change here breaks them. */
static void published_codes_stay(void **state)
{
    static const struct {
        enum err err;
        int code;
        int scs;
        bool retry;
        const char *name;
    } rows[] = {
        {ERR_MALFORMED, -32700, 400, false, "MALFORMED"},
        {ERR_REQUEST_INVALID, -32600, 400, false, "REQUEST_INVALID"},
        {ERR_METHOD_UNKNOWN, -32601, 400, false, "METHOD_UNKNOWN"},
        {ERR_ARGUMENT, -32602, 400, false, "ARGUMENT"},
        {ERR_INTERNAL, -32603, 500, true, "INTERNAL"},
        {ERR_ORIGIN_INVALID, 10, 403, false, "ORIGIN_INVALID"},
        {ERR_BUSY, 14, 403, true, "BUSY"},
        {ERR_NOT_BOUND, 15, 403, false, "NOT_BOUND"},
        {ERR_CANCELLED, 20, 401, true, "CANCELLED"},
        {ERR_NO_CARD, 32, 400, true, "NO_CARD"},
        {ERR_PIN_BLOCKED, 41, 401, false, "PIN_BLOCKED"},
        {ERR_CLOSED, 62, 500, true, "CLOSED"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(err_code(rows[i].err), rows[i].code);
        assert_int_equal(err_scs(rows[i].err), rows[i].scs);
        assert_int_equal(err_may_retry(rows[i].err), rows[i].retry);
        assert_string_equal(err_name(rows[i].err), rows[i].name);
    }
}

static void a_number_that_is_no_error_is_internal(void **state)
{
    (void)state;
    assert_string_equal(err_name(ERR_COUNT), "INTERNAL");
    assert_int_equal(err_code((enum err)(ERR_COUNT + 1000)), -32603);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_its_own_name_and_code),
        cmocka_unit_test(every_error_is_told_in_a_sentence_with_codes_of_both_dialects),
        cmocka_unit_test(ok_is_zero_in_every_dialect_but_http),
        cmocka_unit_test(published_codes_stay),
        cmocka_unit_test(a_number_that_is_no_error_is_internal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
