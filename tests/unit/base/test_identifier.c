#include "base/identifier.h"

#include "unit/test.h"

static void tells_identifiers_by_their_form(void **state)
{
    static const struct {
        const char *text;
        enum id_kind want;
    } rows[] = {
        {"99900335E", ID_SATU},
        {"99900335F", ID_OTHER}, /* wrong check character */
        {"9990033E", ID_OTHER},
        {"999003355E", ID_OTHER},
        {"SE2321000016-T0335", ID_HSA},
        {"SE2321000016-1a", ID_HSA},
        {"SE2321000016-", ID_OTHER},
        {"SE-T0335", ID_OTHER},
        {"NO2321000016-T0335", ID_OTHER},
        {"SE23210000A6-T0335", ID_OTHER},
        {"SE2321000016-T 35", ID_OTHER},
        {"SE2321000016", ID_OTHER},
        {"191212121212", ID_PERSONAL},
        {"191212721219", ID_PERSONAL}, /* coordination number: the day plus 60 */
        {"191212121213", ID_OTHER},    /* wrong check digit */
        {"191213121211", ID_OTHER},    /* no such month */
        {"191212001216", ID_OTHER},    /* no such day */
        {"1212121212", ID_OTHER},
        {"19121212-1212", ID_OTHER},
        {"", ID_OTHER},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (identifier_kind(span_str(rows[i].text)) != rows[i].want) {
            fail_msg("%s: not kind %d", rows[i].text, rows[i].want);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_identifiers_by_their_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
