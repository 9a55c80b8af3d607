/* The CA files of a card: what is read of them, what is not touched, and what disturbs nothing. */
#include "unit/card/replay.h"
#include "unit/os/scratch.h"

#include "card/card.h"
#include "card/profile.h"

#define EPOCH   42u
#define SELECT  "> 00A4040C0CA000000063504B43532D3135\n< 9000\n"
#define ISSUING "> 00A4080C024336\n"
#define ROOT    "> 00A4080C024334\n"
#define READ    "> 00B0000000\n"
#define CA1     "3006 040401020304"
#define CA2     "3006 040405060708"
#define BOTH                                                                                       \
    SELECT ISSUING "< 9000\n" READ "< " CA1 " 9000\n" ROOT "< 9000\n" READ "< " CA2 " 9000\n"

static struct replay r;
static struct card *card;

static int start(void **state)
{
    return scratch_make(state) != 0 || setenv("XDG_RUNTIME_DIR", scratch, 1) != 0;
}

static void insert(const char *script)
{
    replay_init(&r, span_of(replay_atr_v4, sizeof replay_atr_v4));
    replay_text(&r, script);
    assert_int_equal(card_open(&r.io, &card), ERR_OK);
}

static void take_out(void)
{
    assert_int_equal(r.at, r.n);
    assert_false(r.is_open);
    assert_int_equal(r.brackets, r.ends);
    assert_int_equal(r.resets, 0);
    card_free(&card);
    replay_clear(&r);
}

static void the_issuing_ca_and_the_root_are_read_once(void **state)
{
    (void)state;
    insert(BOTH);
    card_read_cas(card, EPOCH);
    assert_int_equal(card->n_cas, 2);
    assert_int_equal(card->cas[0].len, 8);
    assert_int_equal(card->cas[1].at[7], 0x08);
    assert_int_equal(r.brackets, 1);
    card_read_cas(card, EPOCH);
    assert_int_equal(r.brackets, 1);
    take_out();
}

static void a_known_card_is_not_touched_and_a_recognised_one_gives_heads(void **state)
{
    (void)state;
    insert(BOTH);
    card_read_cas(card, EPOCH);
    take_out();
    insert("");
    card_read_cas(card, EPOCH);
    assert_int_equal(card->n_cas, 2);
    assert_int_equal(r.brackets, 0);
    take_out();
    insert(BOTH);
    card_read_cas(card, 0);
    assert_int_equal(card->n_cas, 2);
    take_out();
}

static void what_is_missing_or_no_certificate_leaves_the_others(void **state)
{
    static const char *const firsts[] = {ISSUING "< 6A82\n",
                                         ISSUING "< 6982\n",
                                         ISSUING "< 6C00\n",
                                         ISSUING "< 9000\n" READ "< 6986\n",
                                         ISSUING "< 9000\n" READ "< 00000000 9000\n",
                                         ISSUING "< 9000\n" READ "< 30822001 00 9000\n"};
    static char script[1024];
    (void)state;
    for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
        snprintf(script, sizeof script, SELECT "%s" ROOT "< 9000\n" READ "< " CA2 " 9000\n",
                 firsts[i]);
        insert(script);
        card_read_cas(card, 0);
        assert_int_equal(card->n_cas, 1);
        assert_int_equal(card->cas[0].at[7], 0x08);
        take_out();
    }
}

/* A broken exchange can cost a reader's whole patience: there is no second one. */
static void a_connection_that_breaks_is_left_alone(void **state)
{
    static const enum replay_fault faults[] = {FAULT_IO, FAULT_REMOVED, FAULT_EMPTY,
                                               FAULT_NO_STATUS};
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        insert(SELECT ISSUING "< 9000\n" READ "< " CA1 " 9000\n");
        r.fault = faults[i];
        r.fault_at = 2;
        card_read_cas(card, EPOCH);
        assert_int_equal(card->n_cas, 0);
        take_out();
    }
    insert("");
    r.begin_err = ERR_CARD_REMOVED;
    card_read_cas(card, EPOCH);
    assert_int_equal(card->n_cas, 0);
    card_free(&card);
    replay_clear(&r);
}

/* The reset is this bracket's to see and the next one's to prove. */
static void a_reset_is_not_forgotten(void **state)
{
    (void)state;
    insert("");
    r.reset_at = 1;
    card_read_cas(card, EPOCH);
    assert_int_equal(card->n_cas, 0);
    assert_int_equal(r.at, 0);
    assert_true(card->is_unproven);
    take_out();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, scratch_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_issuing_ca_and_the_root_are_read_once),
        TEST(a_known_card_is_not_touched_and_a_recognised_one_gives_heads),
        TEST(what_is_missing_or_no_certificate_leaves_the_others),
        TEST(a_connection_that_breaks_is_left_alone),
        TEST(a_reset_is_not_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
