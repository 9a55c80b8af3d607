#include "os/clock.h"
#include "unit/test.h"

#include <poll.h>
#include <time.h>

static void the_monotonic_clock_counts_milliseconds(void **state)
{
    uint64_t before = clock_monotonic_ms();
    (void)state;
    poll(NULL, 0, 30); /* the passing of time is what is measured */
    uint64_t passed = clock_monotonic_ms() - before;
    assert_in_range(passed, 29, 5000);
}

static void the_calendar_is_the_systems(void **state)
{
    int64_t before = time(NULL);
    (void)state;
    int64_t now = clock_calendar_s();
    assert_true(now >= before && now <= before + 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_monotonic_clock_counts_milliseconds),
        cmocka_unit_test(the_calendar_is_the_systems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
