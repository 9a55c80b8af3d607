#include "core/policy.h"
#include "unit/test.h"

#include <stdio.h>

static const struct policy none;

static void any_secure_origin_may_ask_the_person(void **state)
{
    (void)state;
    for (int door = 0; door < DOOR_COUNT; door++) {
        for (int method = 0; method < METHOD_COUNT; method++) {
            assert_int_equal(policy_decide(&none, span_str("https://a.example"), (enum door)door,
                                           (enum method)method),
                             method == METHOD_DECRYPT || method == METHOD_SCS ? ERR_ORIGIN_DENIED
                                                                              : ERR_OK);
        }
    }
}

static void without_an_origin_nothing_is_allowed(void **state)
{
    (void)state;
    assert_int_equal(policy_decide(&none, span_of(NULL, 0), DOOR_NATIVE, METHOD_HELLO),
                     ERR_ORIGIN_DENIED);
}

static void doors_and_methods_that_do_not_exist_are_denied(void **state)
{
    struct span origin = span_str("https://a.example");
    (void)state;
    assert_int_equal(policy_decide(&none, origin, DOOR_COUNT, METHOD_HELLO), ERR_ORIGIN_DENIED);
    assert_int_equal(policy_decide(&none, origin, DOOR_NATIVE, METHOD_COUNT), ERR_ORIGIN_DENIED);
}

static void what_needs_the_policy_is_granted_to_the_origins_it_names(void **state)
{
    static struct policy p;
    (void)state;
    assert_false(policy_grants(&p, span_str("https://a.example"), POLICY_DECRYPT));
    policy_origin_at(&p, span_str("https://a.example"))->rights = 1u << POLICY_DECRYPT;
    assert_ptr_equal(policy_origin_at(&p, span_str("https://a.example")), &p.origins[0]);
    assert_int_equal(policy_origin_at(&p, span_str("https://b.example"))->rights, 0);
    assert_int_equal(p.n_origins, 2);
    assert_true(policy_grants(&p, span_str("https://a.example"), POLICY_DECRYPT));
    assert_false(policy_grants(&p, span_str("https://a.example:444"), POLICY_DECRYPT));
    assert_false(policy_grants(&p, span_str("https://a.exampl"), POLICY_DECRYPT));
    assert_false(policy_grants(&p, span_str("https://b.example"), POLICY_DECRYPT));
    for (int door = 0; door < DOOR_COUNT; door++) {
        assert_int_equal(
            policy_decide(&p, span_str("https://a.example"), (enum door)door, METHOD_DECRYPT),
            ERR_OK);
        assert_int_equal(
            policy_decide(&p, span_str("https://b.example"), (enum door)door, METHOD_DECRYPT),
            ERR_ORIGIN_DENIED);
    }
}

static void a_right_can_be_taken_from_everybody(void **state)
{
    static struct policy p;
    (void)state;
    policy_origin_at(&p, span_str("https://a.example"))->rights =
        1u << POLICY_DECRYPT | 1u << POLICY_SCS_EXTENSION;
    policy_origin_at(&p, span_str("https://b.example"))->rights = 1u << POLICY_SCS_EXTENSION;
    assert_int_equal(policy_decide(&p, span_str("https://b.example"), DOOR_NATIVE, METHOD_SCS),
                     ERR_OK);
    policy_revoke(&p, POLICY_SCS_EXTENSION);
    assert_int_equal(policy_decide(&p, span_str("https://b.example"), DOOR_NATIVE, METHOD_SCS),
                     ERR_ORIGIN_DENIED);
    assert_false(policy_grants(&p, span_str("https://a.example"), POLICY_SCS_EXTENSION));
    assert_true(policy_grants(&p, span_str("https://a.example"), POLICY_DECRYPT));
}

static void web_eids_dialect_can_be_shut(void **state)
{
    static struct policy p;
    struct span origin = span_str("https://a.example");
    (void)state;
    assert_int_equal(policy_decide(&p, origin, DOOR_WEBEID, METHOD_SIGN), ERR_OK);
    p.no_webeid = true;
    assert_int_equal(policy_decide(&p, origin, DOOR_WEBEID, METHOD_SIGN), ERR_ORIGIN_DENIED);
    assert_int_equal(policy_decide(&p, origin, DOOR_NATIVE, METHOD_SIGN), ERR_OK);
}

static void origins_are_bounded(void **state)
{
    static struct policy p;
    static const uint8_t longest[LIMIT_ORIGIN + 1];
    char name[32];
    (void)state;
    for (size_t i = 0; i < LIMIT_POLICY_ORIGINS; i++) {
        snprintf(name, sizeof name, "https://n%zu.example", i);
        assert_non_null(policy_origin_at(&p, span_str(name)));
    }
    assert_null(policy_origin_at(&p, span_str("https://one-more.example")));
    assert_non_null(policy_origin_at(&p, span_str(name)));
    p.n_origins = 0;
    assert_null(policy_origin_at(&p, span_of(longest, sizeof longest)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_secure_origin_may_ask_the_person),
        cmocka_unit_test(without_an_origin_nothing_is_allowed),
        cmocka_unit_test(doors_and_methods_that_do_not_exist_are_denied),
        cmocka_unit_test(what_needs_the_policy_is_granted_to_the_origins_it_names),
        cmocka_unit_test(a_right_can_be_taken_from_everybody),
        cmocka_unit_test(web_eids_dialect_can_be_shut),
        cmocka_unit_test(origins_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
