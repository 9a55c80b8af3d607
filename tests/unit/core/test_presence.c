#include "card/readers.h"
#include "core/presence.h"
#include "unit/test.h"

/* "A1": reader A holds a card, inserted for the first time; "A": it is empty. */
static size_t parse(const char *text, struct reader_state *ret)
{
    size_t n = 0;
    for (; *text != '\0'; text++) {
        if (*text >= 'A' && *text <= 'Z') {
            ret[n++] = (struct reader_state){.name = {*text}};
        } else {
            ret[n - 1].has_card = true;
            ret[n - 1].insertion_count = (uint32_t)*text;
        }
    }
    return n;
}

static void note(void *user, bool inserted)
{
    strcat(user, inserted ? "+" : "-");
}

static void each_card_that_goes_or_comes_is_told(void **state)
{
    static const struct {
        const char *before, *now, *events;
    } rows[] = {
        {"", "", ""},         {"A", "A1", "+"},     {"A1", "A", "-"},     {"A1", "A1", ""},
        {"A1", "A2", "-+"},   {"A1", "", "-"},      {"", "A1", "+"},      {"", "A", ""},
        {"A1B", "AB1", "-+"}, {"A1B1", "B1A1", ""}, {"A1B1", "AB", "--"}, {"AB", "A1B1", "++"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct reader_state before[LIMIT_READERS], now[LIMIT_READERS];
        char events[16] = "";
        size_t n_before = parse(rows[i].before, before), n_now = parse(rows[i].now, now);
        presence_compare(before, n_before, now, n_now, note, events);
        assert_string_equal(events, rows[i].events);
    }
}

static void before_it_watches_there_is_nothing(void **state)
{
    struct presence *p = NULL;
    char events[16] = "";
    (void)state;
    assert_int_equal(presence_open(&p), ERR_OK);
    assert_int_equal(presence_fd(p), -1);
    assert_int_equal(presence_epoch(p), 0);
    presence_take(p, note, events);
    assert_string_equal(events, "");
    presence_close(&p);
    assert_null(p);
    presence_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_card_that_goes_or_comes_is_told),
        cmocka_unit_test(before_it_watches_there_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
