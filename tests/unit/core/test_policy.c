#include "core/policy.h"
#include "unit/test.h"

static void any_secure_origin_may_ask_the_person(void **state)
{
    (void)state;
    for (int door = 0; door < DOOR_COUNT; door++) {
        for (int method = 0; method < METHOD_COUNT; method++) {
            assert_int_equal(
                policy_decide(span_str("https://a.example"), (enum door)door, (enum method)method),
                ERR_OK);
        }
    }
}

static void without_an_origin_nothing_is_allowed(void **state)
{
    (void)state;
    assert_int_equal(policy_decide(span_of(NULL, 0), DOOR_NATIVE, METHOD_HELLO), ERR_ORIGIN_DENIED);
}

static void doors_and_methods_that_do_not_exist_are_denied(void **state)
{
    struct span origin = span_str("https://a.example");
    (void)state;
    assert_int_equal(policy_decide(origin, DOOR_COUNT, METHOD_HELLO), ERR_ORIGIN_DENIED);
    assert_int_equal(policy_decide(origin, DOOR_NATIVE, METHOD_COUNT), ERR_ORIGIN_DENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_secure_origin_may_ask_the_person),
        cmocka_unit_test(without_an_origin_nothing_is_allowed),
        cmocka_unit_test(doors_and_methods_that_do_not_exist_are_denied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
