#include "base/wipe.h"

#include "unit/test.h"

static void wiped_bytes_are_zero_and_their_neighbours_stay(void **state)
{
    uint8_t bytes[6] = {1, 2, 3, 4, 5, 6};
    (void)state;
    wipe(bytes + 1, 4);
    assert_memory_equal(bytes, "\x01\0\0\0\0\x06", 6);
    wipe(NULL, 0);
}

static void bytes_are_compared_to_the_last(void **state)
{
    uint8_t a[64] = {0};
    uint8_t b[64] = {0};
    (void)state;
    assert_true(wipe_equal(a, b, sizeof a));
    assert_true(wipe_equal(NULL, NULL, 0));
    for (size_t i = 0; i < sizeof a; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            b[i] = (uint8_t)(1u << bit);
            assert_false(wipe_equal(a, b, sizeof a));
        }
        b[i] = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wiped_bytes_are_zero_and_their_neighbours_stay),
        cmocka_unit_test(bytes_are_compared_to_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
