#include "unit/test.h"

#include "base/enc.h"
#include "card/profile.h"

static struct buf bytes;

static struct span from_hex(const char *hex)
{
    buf_clear(&bytes);
    buf_init(&bytes, 64);
    assert_int_equal(enc_hex_decode(span_str(hex), &bytes), ERR_OK);
    return buf_span(&bytes);
}

static int stop(void **state)
{
    (void)state;
    buf_clear(&bytes);
    return 0;
}

static void cards_are_known_by_their_historical_bytes(void **state)
{
    static const struct {
        const char *atr;
        const char *name; /* NULL: unknown */
    } rows[] = {
        {"3B7F96000080318065B0850300EF120083829000", NULL},
        {"3B7F9600008031B865B0850300EF1200F6829000", "FINEID citizen v3.0"},
        {"3B7F9600008031B865B08504021B1200F6829000", "FINEID citizen v3.1"},
        {"3B7F9600008031B865B085050011122460829000", "FINEID citizen v4"},
        {"3B7F9600008031B865B085051024122460829000", "FINEID citizen v4.1"},
        {"3BDD96008031FE450031B8640429ECC1739401808248",
         "FINEID organisation or health care (ID.me)"},
        {"3BDD96008031FE450031B8640429ECC1739401808349",
         "FINEID organisation or health care (Cosmo X)"},
        {"3BDF96008031FE450031B8640429ECC17394018082900000",
         "FINEID organisation (Cosmo v7, as citizen)"},
        {"3B7F96000080318065B0850400111202F0829000", "SITHS (stand-in, layout inferred)"},
        {"3B7F96000080318065B0850300EF1202F0829000", "SITHS (stand-in, layout inferred)"},
        {"3B7F96000080318065B085040011120FFF829000", NULL},
        /* through the air */
        {"3B8F80018031B865B0850300EF1200F68290004D", "FINEID citizen v3.0"},
        {"3B8F80018031B865B08504021B1200F6829000BC", "FINEID citizen v3.1"},
        {"3B8F80018031B865B08505102412246082900022", "FINEID citizen v4.1"},
        {"3B8D80010031B8640429ECC1739401808304", "FINEID organisation or health care (Cosmo X)"},
        /* older than what is supported: SetCOS 4.3 and 5.1, Segenmark */
        {"3B9F94401E0067164346495345105266FF819000", NULL},
        {"3B7B000000806200515646696E454944", NULL},
        {"3B7B940000806211515646696E454944", NULL},
        {"3B7B940000806212515646696E454944", NULL},
        {"3B7B180000806201545646696E454944", NULL},
        /* another chip of the same generation */
        {"3B7F9600008031B865B085050012122460829000", "FINEID citizen v4"},
        /* other interface bytes, even with the first historical byte among them */
        {"3BFF808000FF808031FE458031B865B085050011122460829000", NULL},
        {"3B8F80018031B865B08505001112246082900007", "FINEID citizen v4"},
        {"3B1F808031B865B085050011122460829000", "FINEID citizen v4"},
        {"3BFF808080808031B865B085050011122460829000", NULL},
        /* cut, too long, one byte other, none at all */
        {"3B7F9600008031B865B0850500111224608290", NULL},
        {"3B7F9600008031B865B08505001112246082900000", NULL},
        {"3B7F9600008031B865B086050011122460829000", NULL},
        {"3B00", NULL},
        {"3B", NULL},
        {"", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct profile *p = NULL;
        enum err e = profile_find(from_hex(rows[i].atr), &p);
        if (rows[i].name == NULL) {
            assert_int_equal(e, ERR_CARD_UNKNOWN);
        } else {
            assert_int_equal(e, ERR_OK);
            assert_string_equal(p->name, rows[i].name);
        }
    }
}

static void the_structure_of_an_atr_is_followed(void **state)
{
    static const struct {
        const char *atr;
        const char *hist; /* NULL: does not add up */
    } rows[] = {
        {"3B021450", "1450"},
        {"3B7B940000806211515646696E454944", "806211515646696E454944"},
        {"3B7B940000806211515646696E4549", NULL},
        {"3B7B940000806211515646696E45494400", NULL},
        /* T=0 and T=1 offered, so a check byte */
        {"3BDD96008031FE450031B8640429ECC1739401808248", "0031B8640429ECC17394018082"},
        {"3BDD96008031FE450031B8640429ECC17394018082", NULL},
        {"3BDD96008031FE450031B8640429ECC173940180824800", NULL},
        {"3B800181", ""},
        /* TD chain that leads out of the ATR */
        {"3B80808080808080808080", NULL},
        {"3B8081", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span hist;
        enum err e = profile_historical(from_hex(rows[i].atr), &hist);
        if (rows[i].hist == NULL) {
            assert_int_equal(e, ERR_CARD_UNKNOWN);
        } else {
            struct buf expected;
            buf_init(&expected, 64);
            assert_int_equal(e, ERR_OK);
            assert_int_equal(enc_hex_decode(span_str(rows[i].hist), &expected), ERR_OK);
            assert_true(span_eq(hist, buf_span(&expected)));
            buf_clear(&expected);
        }
    }
}

static void every_atr_of_random_bytes_is_judged_without_reading_past_it(void **state)
{
    uint32_t x = 2463534242u; /* xorshift32: the same every run */
    (void)state;
    for (int round = 0; round < 20000; round++) {
        uint8_t atr[LIMIT_ATR + 2];
        struct span hist;
        size_t len = 0;
        for (size_t i = 0; i < sizeof atr; i++) {
            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
            atr[i] = (uint8_t)x;
        }
        len = x % (sizeof atr + 1);
        uint8_t *exact = malloc(len + 1); /* AddressSanitizer watches its end */
        assert_non_null(exact);
        memcpy(exact, atr, len);
        if (profile_historical(span_of(exact, len), &hist) == ERR_OK) {
            assert_true(hist.len <= PROFILE_HIST && hist.len <= len);
        }
        free(exact);
    }
}

/* What card.c and the cache rely on. */
static void the_rows_keep_the_rules_of_the_table(void **state)
{
    const struct profile *p;
    size_t n = 0;
    (void)state;
    while ((p = profile_at(n)) != NULL) {
        n++;
        assert_true(profile_is_sound(p));
        for (size_t k = 0; k < p->n_keys; k++) {
            assert_int_equal(p->pins[p->keys[k].pin].index, p->keys[k].use == CERT_AUTH ? 1 : 2);
        }
    }
    assert_int_equal(n, profile_fineid_count + profile_siths_count);
}

static void a_row_that_breaks_a_rule_is_not_sound(void **state)
{
    (void)state;
    struct profile good = profile_fineid[0], bad;
    struct profile_pin pins[3];
    struct profile_key keys[3];
    memcpy(pins, good.pins, sizeof pins);
    memcpy(keys, good.keys, sizeof keys);
    good.pins = pins;
    good.keys = keys;
    assert_true(profile_is_sound(&good));
#define BREAK(change)                                                                              \
    bad = good;                                                                                    \
    memcpy(pins, profile_fineid[0].pins, sizeof pins);                                             \
    memcpy(keys, profile_fineid[0].keys, sizeof keys);                                             \
    change;                                                                                        \
    assert_false(profile_is_sound(&bad))
    BREAK(bad.hist_len = 0);
    BREAK(bad.hist_len = PROFILE_HIST + 1);
    BREAK(bad.aid_len = 0);
    BREAK(bad.aid_len = PROFILE_AID + 1);
    BREAK(bad.n_pins = 0);
    BREAK(bad.n_algs = 0);
    BREAK(bad.n_keys = 0);
    BREAK(bad.n_pins = 2); /* unlocks by a PUK that it does not have */
    BREAK(pins[0].index = 0);
    BREAK(pins[0].index = CARD_PINS);
    BREAK(pins[0].index = 2);
    BREAK(pins[0].min = LIMIT_PIN_MIN - 1);
    BREAK(pins[0].max = LIMIT_PIN_MAX + 1);
    BREAK(pins[0].stored = 11);
    BREAK(pins[0].stored = SECRET_CAP + 1);
    BREAK(pins[0].choose_min = 3);
    BREAK(pins[0].choose_max = 13);
    BREAK(pins[0].choose_max = 3);
    BREAK(keys[0].pin = 3);
    BREAK(keys[0].pin = 2);
    BREAK(keys[0].path_len = 3);
    BREAK(keys[0].path_len = PROFILE_PATH + 2);
    BREAK(keys[0].place = PLACE_FOLDER);
#undef BREAK
}

static void algorithms_fit_the_key_and_the_natural_hash_comes_first(void **state)
{
    static const struct {
        struct key_type key;
        size_t n;
        struct sig_alg first;
        uint8_t byte;
    } rows[] = {
        {{KEY_EC, 256}, 4, {SIG_ECDSA, HASH_SHA256}, 0x44},
        {{KEY_EC, 384}, 4, {SIG_ECDSA, HASH_SHA384}, 0x54},
        {{KEY_EC, 521}, 4, {SIG_ECDSA, HASH_SHA512}, 0x64},
        {{KEY_RSA, 2048}, 6, {SIG_RSA_PSS, HASH_SHA256}, 0x45},
        {{KEY_RSA, 3072}, 6, {SIG_RSA_PSS, HASH_SHA256}, 0x45},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sig_alg algs[8];
        uint8_t byte = 0;
        assert_int_equal(profile_algs(&profile_fineid[0], rows[i].key, algs, 8), rows[i].n);
        assert_int_equal(algs[0].scheme, rows[i].first.scheme);
        assert_int_equal(algs[0].hash, rows[i].first.hash);
        assert_int_equal(profile_alg_byte(&profile_fineid[0], rows[i].key, algs[0], &byte), ERR_OK);
        assert_int_equal(byte, rows[i].byte);
        assert_int_equal(profile_algs(&profile_fineid[0], rows[i].key, algs, 2), 2);
    }
}

static void an_algorithm_of_another_kind_of_key_is_refused(void **state)
{
    static const struct {
        struct key_type key;
        struct sig_alg alg;
    } rows[] = {
        {{KEY_EC, 384}, {SIG_RSA_PSS, HASH_SHA384}},
        {{KEY_RSA, 3072}, {SIG_ECDSA, HASH_SHA256}},
        {{KEY_RSA, 3072}, {SIG_RSA_PKCS1, HASH_SHA224}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t byte = 0xEE;
        assert_int_equal(profile_alg_byte(&profile_fineid[0], rows[i].key, rows[i].alg, &byte),
                         ERR_ALG_UNSUPPORTED);
        assert_int_equal(byte, 0xEE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cards_are_known_by_their_historical_bytes),
        cmocka_unit_test(the_structure_of_an_atr_is_followed),
        cmocka_unit_test(every_atr_of_random_bytes_is_judged_without_reading_past_it),
        cmocka_unit_test(the_rows_keep_the_rules_of_the_table),
        cmocka_unit_test(a_row_that_breaks_a_rule_is_not_sound),
        cmocka_unit_test(algorithms_fit_the_key_and_the_natural_hash_comes_first),
        cmocka_unit_test(an_algorithm_of_another_kind_of_key_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, stop);
}
