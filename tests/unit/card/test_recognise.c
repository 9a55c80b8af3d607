#include "unit/card/replay.h"

#include "card/recognise.h"

#include <stdlib.h>

static const uint8_t cosmo_v7[] = {0x3B, 0xDF, 0x96, 0x00, 0x80, 0x31, 0xFE, 0x45,
                                   0x00, 0x31, 0xB8, 0x64, 0x04, 0x29, 0xEC, 0xC1,
                                   0x73, 0x94, 0x01, 0x80, 0x82, 0x90, 0x00, 0xDA};
static const uint8_t siths[] = {0x3B, 0x7F, 0x96, 0x00, 0x00, 0x80, 0x31, 0x80, 0x65, 0xB0,
                                0x85, 0x04, 0x00, 0x11, 0x12, 0x02, 0xF0, 0x82, 0x90, 0x00};
static const uint8_t other[] = {0x3B, 0x02, 0x14, 0x50};

#define SELECT       "> 00A4040C0CA000000063504B43532D3135\n"
#define NO_DIRECTORY "> 00A4080C022F00\n< 6A82\n" SELECT "< 6A82\n"
#define SITHS        "> 00A4040C0BA0000000188000000006 62\n"

static const struct {
    struct span atr;
    const char *script;
    enum err err;
    const char *name;
} rows[] = {
    /* the ATR alone decides */
    {{replay_atr_v4, sizeof replay_atr_v4}, "", ERR_OK, "FINEID citizen v4"},
    /* the PINs that the card knows tell its dialect */
    {{cosmo_v7, sizeof cosmo_v7},
     SELECT "< 9000\n> 00200011\n< 63C5\n",
     ERR_OK,
     "FINEID organisation (Cosmo v7, as citizen)"},
    {{cosmo_v7, sizeof cosmo_v7},
     SELECT "< 9000\n> 00200011\n< 6A88\n" SELECT "< 9000\n> 00200003\n< 63C5\n",
     ERR_OK,
     "FINEID organisation (Cosmo v7)"},
    {{cosmo_v7, sizeof cosmo_v7},
     SELECT "< 9000\n> 00200011\n< 6A88\n" SELECT "< 9000\n> 00200003\n< 6983\n",
     ERR_OK,
     "FINEID organisation (Cosmo v7)"},
    {{cosmo_v7, sizeof cosmo_v7},
     SELECT "< 9000\n> 00200011\n< 6A88\n" SELECT "< 9000\n> 00200003\n< 6A88\n" NO_DIRECTORY,
     ERR_CARD_UNKNOWN,
     NULL},
    {{cosmo_v7, sizeof cosmo_v7},
     SELECT "< 6A82\n" SELECT "< 6A82\n" NO_DIRECTORY,
     ERR_CARD_UNKNOWN,
     NULL},
    /* a layout that is not there */
    {{siths, sizeof siths}, SITHS "< 6A82\n" NO_DIRECTORY, ERR_CARD_UNKNOWN, NULL},
    {{siths, sizeof siths},
     SITHS "< 9000\n> 00A4080C020101\n< 9000\n> 00B0000000\n< 00 9000\n" NO_DIRECTORY,
     ERR_CARD_UNKNOWN,
     NULL},
    {{other, sizeof other}, NO_DIRECTORY, ERR_CARD_UNKNOWN, NULL},
    /* applications of EF.DIR that are something else, and an endless-looking list of them */
    {{other, sizeof other},
     "> 00A4080C022F00\n< 9000\n> 00B0000000\n< 61074F05F001020304 61074F05F001020305 9000\n"
     "> 00A4040C05F001020304\n< 6A82\n> 00A4040C05F001020305\n< 9000\n"
     "> 00A4020C025031\n< 6A82\n",
     ERR_CARD_UNKNOWN,
     NULL},
};

static void the_card_is_asked_where_its_atr_does_not_decide(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct replay r;
        const struct profile *p = NULL;
        struct profile_store *own = NULL;
        replay_init(&r, rows[i].atr);
        replay_text(&r, rows[i].script);
        assert_int_equal(recognise_card(&r.io, &p, &own), rows[i].err);
        assert_int_equal(r.at, r.n);
        assert_int_equal(r.brackets, r.n > 0 ? 1 : 0);
        assert_int_equal(r.ends, r.brackets);
        assert_int_equal(r.values, 0);
        assert_int_equal(r.resets, 0);
        if (rows[i].err == ERR_OK) {
            assert_string_equal(p->name, rows[i].name);
        }
        assert_null(own);
        replay_clear(&r);
    }
}

static void a_broken_exchange_is_told_and_nothing_follows_it(void **state)
{
    static const enum err said[] = {[FAULT_REMOVED] = ERR_CARD_REMOVED, [FAULT_IO] = ERR_CARD_IO};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int fault = FAULT_REMOVED; fault <= FAULT_IO; fault++) {
            size_t n = 1;
            for (size_t at = 0; at < n; at++) {
                struct replay r;
                const struct profile *p = NULL;
                struct profile_store *own = NULL;
                replay_init(&r, rows[i].atr);
                replay_text(&r, rows[i].script);
                n = r.n;
                r.fault = (enum replay_fault)fault;
                r.fault_at = at;
                enum err e = recognise_card(&r.io, &p, &own);
                assert_int_equal(e, n > 0 ? said[fault] : rows[i].err);
                assert_int_equal(r.at, n > 0 ? at + 1 : 0);
                assert_int_equal(r.ends, r.brackets);
                assert_null(own);
                replay_clear(&r);
            }
        }
    }
}

static void a_card_that_is_gone_at_the_start_is_told(void **state)
{
    struct replay r;
    const struct profile *p = NULL;
    struct profile_store *own = NULL;
    (void)state;
    replay_init(&r, span_of(other, sizeof other));
    r.begin_err = ERR_CARD_REMOVED;
    assert_int_equal(recognise_card(&r.io, &p, &own), ERR_CARD_REMOVED);
    assert_int_equal(r.ends, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_card_is_asked_where_its_atr_does_not_decide),
        cmocka_unit_test(a_broken_exchange_is_told_and_nothing_follows_it),
        cmocka_unit_test(a_card_that_is_gone_at_the_start_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
