#include "unit/card/replay.h"

#include "card/pintask.h"
#include "card/profile.h"

#define SELECT  "> 00A4040C0CA000000063504B43532D3135\n< 9000\n"
#define PROBE1  "> 00200011\n< 63C5\n"
#define PROBE3  "> 00200083\n< 63C5\n"
#define CHANGE1 "> 0024001118 313233340000000000000000 343332310000000000000000\n"
#define UNLOCK2 "> 002C008218 313233343536373800000000 363534333231000000000000\n"
#define PRESET2 "> 0024008218 373635343332310000000000 363534333231000000000000\n"

static struct replay r;
static struct card *card;
static int8_t tries;
static char script[4096];

static void insert_as(struct span atr, const char *text)
{
    replay_init(&r, atr);
    replay_text(&r, text);
    assert_int_equal(card_open(&r.io, &card), ERR_OK);
    tries = 99;
}

static void insert(const char *text)
{
    insert_as(span_of(replay_atr_v4, sizeof replay_atr_v4), text);
}

static void take_out(void)
{
    assert_false(r.is_open);
    assert_int_equal(r.brackets, r.ends);
    assert_int_equal(r.resets, r.values > 0 ? 1 : 0);
    card_free(&card);
    replay_clear(&r);
}

static struct secret *secret_of(const char *digits)
{
    struct secret *s = NULL;
    assert_int_equal(secret_new(&s), ERR_OK);
    while (*digits != '\0') {
        assert_int_equal(secret_push(s, (uint8_t)*digits++), ERR_OK);
    }
    return s;
}

enum work { CHANGE, UNLOCK, ACTIVATE_PUK, ACTIVATE_PRESET };

static enum err run_with(enum work work, uint8_t index, const struct pintask_values *values)
{
    switch (work) {
    case CHANGE:
        return pintask_change(card, index, values, &tries);
    case UNLOCK:
        return pintask_unlock(card, index, values, &tries);
    case ACTIVATE_PUK:
        return pintask_activate(card, index, ACTIVATION_PUK, values, &tries);
    case ACTIVATE_PRESET:
        return pintask_activate(card, index, ACTIVATION_PRESET, values, &tries);
    }
    return ERR_INTERNAL;
}

static enum err run(enum work work, uint8_t index, const char *proof, const char *fresh,
                    bool agreed)
{
    struct secret *p = secret_of(proof), *f = secret_of(fresh);
    enum err e = run_with(
        work, index, &(struct pintask_values){.proof = p, .fresh = f, .last_try_agreed = agreed});
    secret_free(&p);
    secret_free(&f);
    return e;
}

/* As little of a certificate as certkey_not_before reads, in hex. */
static const char *cert_of(const char *day)
{
    static char hex[192];
    char digits[32] = "";
    for (size_t i = 0; i < 6; i++) {
        snprintf(digits + 2 * i, 3, "%02X", (unsigned)(uint8_t)day[i]);
    }
    snprintf(hex, sizeof hex,
             "30323030A003020102020101 30003000 301E 170D%s3030303030305A 170D%s3030303030305A"
             " 30003000",
             digits, digits);
    return hex;
}

/* As card_read_keys leaves it. */
static void know_key(const char *day)
{
    struct card_key *k = &card->keys[card->n_keys++];
    *k =
        (struct card_key){.use = CERT_AUTH, .pin_index = 1, .tries_left = 5, .pin_activated = true};
    buf_init(&k->cert, LIMIT_CERT);
    replay_hex(cert_of(day), strlen(cert_of(day)), &k->cert);
}

static void each_task_sends_its_command_within_three_exchanges(void **state)
{
    static const struct {
        enum work work;
        uint8_t index;
        const char *proof;
        const char *fresh;
        const char *script;
    } rows[] = {
        {CHANGE, 1, "1234", "4321", SELECT PROBE1 CHANGE1 "< 9000\n"},
        {CHANGE, 2, "123456", "654321",
         SELECT "> 00200082\n< 63C5\n"
                "> 0024008218 313233343536000000000000 363534333231000000000000\n< 9000\n"},
        {UNLOCK, 2, "12345678", "654321", SELECT PROBE3 UNLOCK2 "< 9000\n"},
        {UNLOCK, 1, "12345678", "4321",
         SELECT PROBE3 "> 002C001118 313233343536373800000000 343332310000000000000000\n< 9000\n"},
        {ACTIVATE_PUK, 2, "12345678", "654321", SELECT PROBE3 UNLOCK2 "< 9000\n"},
        {ACTIVATE_PRESET, 2, "7654321", "654321", SELECT "> 00200082\n< 63C5\n" PRESET2 "< 9000\n"},
        /* a card that does not tell about its PUK */
        {UNLOCK, 2, "12345678", "654321", SELECT "> 00200083\n< 6A88\n" UNLOCK2 "< 9000\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        insert(rows[i].script);
        assert_int_equal(run(rows[i].work, rows[i].index, rows[i].proof, rows[i].fresh, false),
                         ERR_OK);
        assert_int_equal(r.at, 3);
        assert_int_equal(r.values, 1);
        assert_int_equal(tries, 99);
        take_out();
    }
}

/* Without padding nothing tells where the old PIN ends: 12345 for 1234 must never reach CHANGE. */
static void an_unpadded_old_pin_is_verified_before_it_is_changed(void **state)
{
    static const uint8_t atr[] = {0x3B, 0xDD, 0x96, 0x00, 0x80, 0x31, 0xFE, 0x45, 0x00, 0x31, 0xB8,
                                  0x64, 0x04, 0x29, 0xEC, 0xC1, 0x73, 0x94, 0x01, 0x80, 0x82, 0x48};
    (void)state;
    insert_as(span_of(atr, sizeof atr), SELECT "> 00200003\n< 63C5\n"
                                               "> 0020000305 3132333435\n< 63C4\n");
    assert_int_equal(run(CHANGE, 1, "12345", "4321", false), ERR_PIN_WRONG);
    assert_int_equal(tries, 4);
    take_out();
    insert_as(span_of(atr, sizeof atr), SELECT "> 00200003\n< 63C5\n> 0020000304 31323334\n< 9000\n"
                                               "> 0024000308 31323334 34333231\n< 9000\n");
    assert_int_equal(run(CHANGE, 1, "1234", "4321", false), ERR_OK);
    assert_int_equal(r.at, 4);
    take_out();
}

static const uint8_t atr_org[] = {0x3B, 0xDD, 0x96, 0x00, 0x80, 0x31, 0xFE, 0x45, 0x00, 0x31, 0xB8,
                                  0x64, 0x04, 0x29, 0xEC, 0xC1, 0x73, 0x94, 0x01, 0x80, 0x82, 0x48};

/* As little of a certificate as certkey_has_crl reads. */
static void know_service(enum cert_use use, const char *crl)
{
    struct card_key *k = &card->keys[card->n_keys++];
    uint8_t n = (uint8_t)strlen(crl);
    const uint8_t head[] = {0x30,
                            (uint8_t)(n + 41),
                            0x30,
                            (uint8_t)(n + 39),
                            0xA0,
                            3,
                            0x02,
                            1,
                            2,
                            0x02,
                            1,
                            1,
                            0x30,
                            0,
                            0x30,
                            0,
                            0x30,
                            0,
                            0x30,
                            0,
                            0x30,
                            0,
                            0xA3,
                            (uint8_t)(n + 19),
                            0x30,
                            (uint8_t)(n + 17),
                            0x30,
                            (uint8_t)(n + 15),
                            0x06,
                            3,
                            0x55,
                            0x1D,
                            0x1F,
                            0x04,
                            (uint8_t)(n + 8),
                            0x30,
                            (uint8_t)(n + 6),
                            0x30,
                            (uint8_t)(n + 4),
                            0xA0,
                            (uint8_t)(n + 2),
                            0xA0,
                            n};
    *k = (struct card_key){.use = use, .pin_index = 1, .tries_left = 5, .pin_activated = true};
    buf_init(&k->cert, LIMIT_CERT);
    assert_int_equal(buf_append(&k->cert, span_of(head, sizeof head)), ERR_OK);
    assert_int_equal(buf_append(&k->cert, span_str(crl)), ERR_OK);
}

#define HEALTH  "\x86\x10x/dvvshsp3rc.crl" /* GeneralName */
#define SERVICE "\x86\x0Ex/dvvsp5rc.crl"

static void the_certificate_tells_which_pin2_may_be_chosen(void **state)
{
    static const struct {
        enum cert_use use;
        const char *crl;
        uint8_t min;
    } rows[] = {
        {CERT_AUTH, HEALTH, 4},
        {CERT_AUTH, SERVICE, 6},
        {CERT_SIGN, HEALTH, 6},
        {CERT_AUTH, "", 6},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pin_info pins[3];
        size_t n = 0;
        insert_as(span_of(atr_org, sizeof atr_org),
                  SELECT "> 00200003\n< 63C5\n> 00200004\n< 63C5\n> 00200012\n< 63C5\n" SELECT
                         "> 0020001208 3132333435363738\n< 9000\n"
                         "> 002C020404 34333231\n< 9000\n");
        know_service(rows[i].use, rows[i].crl);
        assert_int_equal(pintask_status(card, pins, 3, &n), ERR_OK);
        assert_int_equal(pins[0].min, 4);
        assert_int_equal(pins[1].min, rows[i].min);
        assert_int_equal(pins[1].max, 8);
        size_t before = r.at;
        enum err e = run(UNLOCK, 2, "12345678", "4321", false);
        assert_int_equal(e, rows[i].min == 4 ? ERR_OK : ERR_PIN_FORMAT);
        assert_int_equal(r.at, rows[i].min == 4 ? before + 3 : before);
        take_out();
    }
}

static void a_counter_that_was_just_read_is_not_asked_again(void **state)
{
    struct pin_info pins[3];
    size_t n = 0;
    (void)state;
    insert(SELECT PROBE1 "> 00200082\n< 63C5\n" PROBE3 SELECT CHANGE1 "< 9000\n");
    assert_int_equal(pintask_status(card, pins, 3, &n), ERR_OK);
    assert_int_equal(run(CHANGE, 1, "1234", "4321", false), ERR_OK);
    assert_int_equal(r.at, 4 + 2);
    take_out();
}

static void nothing_is_sent_for_values_of_the_wrong_shape(void **state)
{
    static const struct {
        enum work work;
        uint8_t index;
        const char *proof;
        const char *fresh;
        enum err err;
    } rows[] = {
        {CHANGE, 1, "123", "4321", ERR_PIN_FORMAT},
        {CHANGE, 1, "1234567890123", "4321", ERR_PIN_FORMAT},
        {CHANGE, 1, "12a4", "4321", ERR_PIN_FORMAT},
        {CHANGE, 1, "1234", "", ERR_PIN_FORMAT},
        {CHANGE, 1, "1234", "432", ERR_PIN_FORMAT},
        {CHANGE, 1, "1234", "987654321", ERR_PIN_FORMAT}, /* the card would, DVV does not */
        {CHANGE, 1, "1234", "43 1", ERR_PIN_FORMAT},
        {CHANGE, 1, "1234", "1234", ERR_PIN_FORMAT},
        {CHANGE, 2, "123456", "65432", ERR_PIN_FORMAT},
        {CHANGE, 3, "12345678", "87654321", ERR_ARGUMENT},
        {CHANGE, 4, "1234", "4321", ERR_ARGUMENT},
        {UNLOCK, 2, "1234567", "654321", ERR_PIN_FORMAT},
        {UNLOCK, 2, "12345678", "1234", ERR_PIN_FORMAT},
        {UNLOCK, 2, "12345678", "12345678", ERR_PIN_FORMAT},
        {ACTIVATE_PUK, 2, "7654321", "654321", ERR_PIN_FORMAT},
        {ACTIVATE_PRESET, 2, "12345678", "654321", ERR_PIN_FORMAT},
        {ACTIVATE_PRESET, 2, "654321", "123456", ERR_PIN_FORMAT},
        {ACTIVATE_PRESET, 2, "7654321", "7654321", ERR_PIN_FORMAT},
        {ACTIVATE_PRESET, 3, "7654321", "87654321", ERR_ARGUMENT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        insert("");
        assert_int_equal(run(rows[i].work, rows[i].index, rows[i].proof, rows[i].fresh, true),
                         rows[i].err);
        assert_int_equal(r.brackets, 0);
        take_out();
    }
}

static void activation_without_a_scheme_sends_nothing(void **state)
{
    struct secret *code = secret_of("12345678"), *pin = secret_of("1234");
    (void)state;
    insert("");
    const struct pintask_values values = {.proof = code, .fresh = pin, .last_try_agreed = true};
    assert_int_equal(pintask_activate(card, 1, ACTIVATION_NONE, &values, &tries), ERR_UNSUPPORTED);
    assert_int_equal(r.brackets, 0);
    secret_free(&code);
    secret_free(&pin);
    take_out();
}

static void a_refusal_is_told_with_the_tries_of_the_value_that_was_wrong(void **state)
{
    static const struct {
        const char *answer;
        enum err err;
        int8_t tries;
    } rows[] = {
        {"63C4", ERR_PIN_WRONG, 4},    {"63C1", ERR_PIN_WRONG, 1},
        {"63C0", ERR_PIN_BLOCKED, 0},  {"6983", ERR_PIN_BLOCKED, 0},
        {"6300", ERR_PIN_WRONG, -1},   {"6984", ERR_PIN_NOT_ACTIVATED, 99},
        {"6985", ERR_CARD_STATUS, 99}, {"6A80", ERR_CARD_STATUS, 99},
        {"6A82", ERR_CARD_STATUS, 99}, {"6C18", ERR_CARD_STATUS, 99},
    };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        bool unlock = i % 2 == 1;
        snprintf(script, sizeof script, SELECT "%s< %s\n", unlock ? PROBE3 UNLOCK2 : PROBE1 CHANGE1,
                 rows[i / 2].answer);
        insert(script);
        enum err e = unlock ? run(UNLOCK, 2, "12345678", "654321", false)
                            : run(CHANGE, 1, "1234", "4321", false);
        assert_int_equal(e, rows[i / 2].err);
        assert_int_equal(tries, rows[i / 2].tries);
        assert_int_equal(r.values, 1);
        take_out();
    }
}

static void a_value_that_the_card_has_refused_is_not_sent_again(void **state)
{
    (void)state;
    insert(SELECT PROBE1 CHANGE1 "< 63C4\n" SELECT
                                 "> 0024001118 313131310000000000000000 343332310000000000000000\n"
                                 "< 9000\n" SELECT PROBE1 CHANGE1 "< 9000\n");
    assert_int_equal(run(CHANGE, 1, "1234", "4321", false), ERR_PIN_WRONG);
    assert_int_equal(run(CHANGE, 1, "1234", "5678", true), ERR_PIN_REPEATED);
    assert_int_equal(r.at, 3);
    assert_int_equal(r.brackets, 1);
    assert_int_equal(run(CHANGE, 1, "1111", "4321", false), ERR_OK);
    assert_int_equal(r.at, 5);
    /* the PIN is another one now: nothing is known against any value */
    assert_int_equal(run(CHANGE, 1, "1234", "4321", false), ERR_OK);
    assert_int_equal(r.at, 8);
    r.resets = 1;
    take_out();
}

static void a_refused_puk_is_remembered_apart_from_the_pins(void **state)
{
    (void)state;
    insert(SELECT PROBE3 UNLOCK2 "< 63C4\n" SELECT "> 00200082\n< 63C5\n"
                                 "> 0024008218 313233343536373800000000 363534333231000000000000\n"
                                 "< 9000\n");
    assert_int_equal(run(UNLOCK, 2, "12345678", "654321", false), ERR_PIN_WRONG);
    assert_int_equal(run(UNLOCK, 1, "12345678", "4321", true), ERR_PIN_REPEATED);
    assert_int_equal(run(CHANGE, 2, "12345678", "654321", false), ERR_OK);
    r.resets = 1;
    take_out();
}

static void a_card_that_would_refuse_gets_nothing(void **state)
{
    static const struct {
        const char *probe;
        bool agreed;
        enum err err;
        int8_t tries;
    } rows[] = {
        {"63C1", false, ERR_PIN_LAST_TRY, 99},
        {"63C0\n> 00CB00FF05A003830111\n< 6A88", true, ERR_PIN_BLOCKED, 0},
        {"6983\n> 00CB00FF05A003830111\n< 6A88", true, ERR_PIN_BLOCKED, 0},
        {"6984", true, ERR_PIN_NOT_ACTIVATED, 99},
        {"6A88", true, ERR_CARD_STATUS, 99},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(script, sizeof script, SELECT "> 00200011\n< %s\n", rows[i].probe);
        insert(script);
        assert_int_equal(run(CHANGE, 1, "1234", "4321", rows[i].agreed), rows[i].err);
        assert_int_equal(tries, rows[i].tries);
        assert_int_equal(r.values, 0);
        assert_int_equal(r.at, r.n);
        take_out();
    }
}

static void the_last_try_is_used_when_the_person_agreed(void **state)
{
    (void)state;
    insert(SELECT "> 00200083\n< 63C1\n" UNLOCK2 "< 9000\n");
    assert_int_equal(run(UNLOCK, 2, "12345678", "654321", true), ERR_OK);
    take_out();
}

static void the_same_card_is_proved_after_a_reset(void **state)
{
    static const struct {
        const char *select;
        const char *day; /* of the certificate that is now in the card */
        enum err err;
    } rows[] = {
        {"9000", "230101", ERR_OK},
        {"9000", "230102", ERR_CARD_CHANGED},
        {"6A82", NULL, ERR_CARD_CHANGED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int n = snprintf(script, sizeof script, SELECT "> 00A4080C024331\n< %s\n", rows[i].select);
        if (rows[i].day != NULL) {
            n += snprintf(script + n, sizeof script - (size_t)n, "> 00B0000000\n< %s 9000\n",
                          cert_of(rows[i].day));
        }
        if (rows[i].err == ERR_OK) {
            snprintf(script + n, sizeof script - (size_t)n, SELECT PROBE1 CHANGE1 "< 9000\n");
        }
        insert(script);
        know_key("230101");
        r.reset_at = 1;
        assert_int_equal(run(CHANGE, 1, "1234", "4321", true), rows[i].err);
        assert_int_equal(r.at, r.n);
        assert_int_equal(r.values, rows[i].err == ERR_OK ? 1 : 0);
        take_out();
    }
}

static void a_card_that_nothing_is_known_of_can_not_be_proved(void **state)
{
    (void)state;
    insert("");
    r.reset_at = 1;
    assert_int_equal(run(CHANGE, 1, "1234", "4321", true), ERR_CARD_CHANGED);
    assert_int_equal(r.at, 0);
    take_out();
}

#define GET_DATA1  "> 00CB00FF05A003830111\n"
#define CHANGED(x) "< A0 12 830111 DF210405FFA503 DF28010C DF2F01" x " 9000\n"

/* PIN1; PIN2 and PUK have all tries and are changed. */
static void the_state_of_each_pin_is_told(void **state)
{
    static const struct {
        const char *day;
        const char *probe; /* answer, and what follows */
        int8_t tries;
        bool blocked;
        bool activated;
        enum activation_scheme scheme;
    } rows[] = {
        {"230101", "63C5\n", 5, false, true, ACTIVATION_NONE},
        {"230101", "6984\n", -1, false, false, ACTIVATION_PUK},
        {"230101", "6983\n" GET_DATA1 CHANGED("00"), 0, true, false, ACTIVATION_PUK},
        {"230101", "6983\n" GET_DATA1 CHANGED("01"), 0, true, true, ACTIVATION_NONE},
        {"260112", "63C3\n", 3, false, true, ACTIVATION_NONE},
        {"260113", "63C5\n" GET_DATA1 CHANGED("01"), 5, false, true, ACTIVATION_NONE},
        {"260113", "63C5\n" GET_DATA1 CHANGED("00"), 5, false, false, ACTIVATION_PRESET},
        {"260113", "63C5\n" GET_DATA1 "< 6A88\n", 5, false, true, ACTIVATION_NONE},
        {"260113", "6983\n" GET_DATA1 CHANGED("00"), 0, true, false, ACTIVATION_NONE},
        {NULL, "63C5\n", 5, false, true, ACTIVATION_NONE},
        {NULL, "6A88\n", -1, false, true, ACTIVATION_NONE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pin_info pins[4];
        size_t n = 0;
        bool young = rows[i].day != NULL && strcmp(rows[i].day, "260113") == 0;
        snprintf(script, sizeof script, SELECT "> 00200011\n< %s> 00200082\n< 63C5\n%s" PROBE3,
                 rows[i].probe, young ? "> 00CB00FF05A003830182\n" CHANGED("01") : "");
        insert(script);
        if (rows[i].day != NULL) {
            know_key(rows[i].day);
        }
        assert_int_equal(pintask_status(card, pins, 4, &n), ERR_OK);
        assert_int_equal(n, 3);
        assert_int_equal(r.at, r.n);
        assert_int_equal(pins[0].index, 1);
        assert_int_equal(pins[0].tries_left, rows[i].tries);
        assert_int_equal(pins[0].blocked, rows[i].blocked);
        assert_int_equal(pins[0].activated, rows[i].activated);
        assert_int_equal(pins[0].untold, strstr(rows[i].probe, "6A88") != NULL);
        assert_int_equal(pins[0].min, 4);
        assert_int_equal(pins[0].max, 8);
        assert_int_equal(pins[1].min, 6);
        assert_int_equal(pins[2].index, PROFILE_PUK);
        assert_true(pins[1].activated && pins[2].activated && !pins[1].untold && !pins[2].untold);
        assert_int_equal(pintask_activation(card, pins, n), rows[i].scheme);
        take_out();
    }
}

static void a_half_activated_card_is_activated_by_the_other_pin(void **state)
{
    static const struct pin_info pins[] = {{1, 4, 8, 5, false, true, false},
                                           {2, 6, 8, 5, false, false, false},
                                           {3, 8, 12, 5, false, true, false}};
    (void)state;
    insert("");
    assert_int_equal(pintask_activation(card, pins, 3), ACTIVATION_PUK);
    know_key("260113");
    assert_int_equal(pintask_activation(card, pins, 3), ACTIVATION_PRESET);
    take_out();
}

static void a_key_learns_what_happened_to_its_pin(void **state)
{
    (void)state;
    insert(SELECT PROBE3
           "> 002C001118 313233343536373800000000 343332310000000000000000\n< 9000\n");
    know_key("230101");
    card->keys[0].pin_blocked = true;
    card->keys[0].tries_left = 0;
    assert_int_equal(run(UNLOCK, 1, "12345678", "4321", false), ERR_OK);
    assert_false(card->keys[0].pin_blocked);
    assert_int_equal(card->keys[0].tries_left, -1);
    take_out();
}

static void no_bad_answer_and_no_removal_makes_a_value_go_out_twice(void **state)
{
    (void)state;
    for (int fault = FAULT_REMOVED; fault < FAULT_COUNT; fault++) {
        for (size_t at = 0; at < 3; at++) {
            insert(SELECT PROBE1 CHANGE1 "< 9000\n");
            r.fault = (enum replay_fault)fault;
            r.fault_at = at;
            enum err e = run(CHANGE, 1, "1234", "4321", true);
            assert_int_not_equal(e, ERR_OK);
            assert_true(fault != FAULT_REMOVED || e == ERR_CARD_REMOVED);
            assert_true(r.values <= 1);
            take_out();
        }
    }
}

static void what_pcsc_says_at_the_start_is_passed_on(void **state)
{
    static const enum err said[] = {ERR_CARD_REMOVED, ERR_CARD_CHANGED, ERR_PCSC_DOWN};
    (void)state;
    insert("");
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        struct pin_info pins[3];
        size_t n = 0;
        r.begin_err = said[i];
        assert_int_equal(run(CHANGE, 1, "1234", "4321", true), said[i]);
        assert_int_equal(pintask_status(card, pins, 3, &n), said[i]);
    }
    take_out();
}

/* ---- with every value typed on the reader ---- */

/* The pad: what it was asked for, and the card's or its own answers. */
static struct {
    struct pad_entry entries[2];
    const char *answers[2];
    size_t n;
} keys;

static enum err enter(struct card_io *io, const struct pad_entry *entry, const struct pad_person *p,
                      uint8_t *answer, size_t *len)
{
    struct buf bytes;
    assert_true(r.is_open); /* the card is held while they type */
    assert_ptr_equal(io, &r.io);
    assert_non_null(p);
    keys.entries[keys.n] = *entry;
    buf_init(&bytes, 8);
    replay_hex(keys.answers[keys.n], strlen(keys.answers[keys.n]), &bytes);
    keys.n++;
    assert_int_equal(replay_give(buf_span(&bytes), answer, len), ERR_OK);
    buf_clear(&bytes);
    return ERR_OK;
}

static enum err run_on_pad(enum work work, uint8_t index, bool agreed, const char *first,
                           const char *second)
{
    static const struct pad_person person;
    memset(&keys, 0, sizeof keys);
    keys.answers[0] = first;
    keys.answers[1] = second;
    r.io.enter = enter;
    return run_with(work, index,
                    &(struct pintask_values){.person = &person, .last_try_agreed = agreed});
}

static const struct card_pad full_pad = {.can_verify = true, .can_modify = true};

static void a_task_on_the_pad_knows_the_ranges_and_no_value(void **state)
{
    static const struct {
        enum work work;
        uint8_t index;
        const char *script;
        uint8_t ins, min, max;
    } rows[] = {
        {CHANGE, 1, SELECT PROBE1, 0x24, 4, 12},
        {CHANGE, 2, SELECT "> 00200082\n< 63C5\n", 0x24, 6, 12},
        {UNLOCK, 2, SELECT PROBE3, 0x2C, 6, 12},
        {ACTIVATE_PUK, 1, SELECT PROBE3, 0x2C, 4, 12},
        /* a longer code than the letter's would only cost a try */
        {ACTIVATE_PRESET, 1, SELECT PROBE1, 0x24, 4, 8},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        insert(rows[i].script);
        r.io.pad = &full_pad;
        assert_int_equal(run_on_pad(rows[i].work, rows[i].index, false, "9000", NULL), ERR_OK);
        assert_int_equal(keys.n, 1);
        assert_int_equal(keys.entries[0].command[1], rows[i].ins);
        assert_int_equal(keys.entries[0].min, rows[i].min);
        assert_int_equal(keys.entries[0].max, rows[i].max);
        for (size_t at = 5; at < keys.entries[0].len; at++) {
            assert_int_equal(keys.entries[0].command[at], 0);
        }
        assert_int_equal(r.resets, 1);
        r.resets = 0;
        assert_int_equal(r.at, r.n);
        take_out();
    }
}

static void what_a_pad_answers_ends_the_task(void **state)
{
    static const struct {
        const char *answer;
        enum err err;
        int8_t tries;
    } rows[] = {
        {"63C4", ERR_PIN_WRONG, 4},      {"63C0", ERR_PIN_BLOCKED, 0},
        {"6400", ERR_PAD_TIMED_OUT, 99}, {"6401", ERR_CANCELLED, 99},
        {"6402", ERR_PIN_DIFFERS, 99},   {"6403", ERR_PIN_FORMAT, 99},
        {"6404", ERR_PAD_FAILED, 99},    {"6985", ERR_CARD_STATUS, 99},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        insert(SELECT PROBE1);
        r.io.pad = &full_pad;
        assert_int_equal(run_on_pad(CHANGE, 1, false, rows[i].answer, NULL), rows[i].err);
        assert_int_equal(tries, rows[i].tries);
        assert_int_equal(card->pin_tries[1], rows[i].tries == 99 ? -1 : rows[i].tries);
        assert_int_equal(pintask_pad(card, 1, false),
                         rows[i].err == ERR_PAD_FAILED ? PINTASK_NO_PAD : PINTASK_ON_PAD);
        r.resets = 0;
        take_out();
    }
}

static void the_last_try_on_a_pad_wants_the_yes_too(void **state)
{
    (void)state;
    insert(SELECT "> 00200083\n< 63C1\n" SELECT "> 00200083\n< 63C1\n");
    r.io.pad = &full_pad;
    assert_int_equal(run_on_pad(UNLOCK, 2, false, NULL, NULL), ERR_PIN_LAST_TRY);
    assert_int_equal(keys.n, 0);
    assert_int_equal(run_on_pad(UNLOCK, 2, true, "9000", NULL), ERR_OK);
    r.resets = 0;
    take_out();
}

/* The PUK alone, then the new PIN alone; the old and the new one in one command it can't make. */
static void a_card_without_padding_is_unlocked_on_a_pad_and_not_changed(void **state)
{
    (void)state;
    insert_as(span_of(atr_org, sizeof atr_org), SELECT "> 00200012\n< 63C5\n");
    assert_int_equal(pintask_pad(card, 1, false), PINTASK_NO_PAD);
    r.io.pad = &full_pad;
    assert_int_equal(pintask_pad(card, 1, false), PINTASK_PAD_UNFIT);
    assert_int_equal(pintask_pad(card, 2, true), PINTASK_ON_PAD);
    assert_int_equal(run_on_pad(CHANGE, 1, true, NULL, NULL), ERR_UNSUPPORTED);
    assert_int_equal(r.brackets, 0);
    assert_int_equal(run_on_pad(UNLOCK, 2, false, "9000", "9000"), ERR_OK);
    assert_int_equal(keys.n, 2);
    assert_int_equal(keys.entries[0].command[1], 0x20);
    assert_int_equal(keys.entries[1].command[1], 0x2C);
    assert_int_equal(keys.entries[1].min, 6);
    assert_int_equal(keys.entries[1].max, 8);
    r.resets = 0;
    take_out();
    insert_as(span_of(atr_org, sizeof atr_org), SELECT "> 00200012\n< 63C5\n");
    r.io.pad = &full_pad;
    assert_int_equal(run_on_pad(ACTIVATE_PUK, 1, false, "63C4", NULL), ERR_PIN_WRONG);
    assert_int_equal(keys.n, 1);
    assert_int_equal(tries, 4);
    r.resets = 0;
    take_out();
}

static void a_pad_that_only_verifies_gets_no_task(void **state)
{
    static const struct card_pad verify_only = {.can_verify = true};
    (void)state;
    insert("");
    r.io.pad = &verify_only;
    assert_int_equal(pintask_pad(card, 1, false), PINTASK_PAD_VERIFIES);
    assert_int_equal(run_on_pad(CHANGE, 1, true, NULL, NULL), ERR_PAD_FAILED);
    assert_int_equal(r.brackets, 0);
    take_out();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_task_sends_its_command_within_three_exchanges),
        cmocka_unit_test(an_unpadded_old_pin_is_verified_before_it_is_changed),
        cmocka_unit_test(the_certificate_tells_which_pin2_may_be_chosen),
        cmocka_unit_test(a_counter_that_was_just_read_is_not_asked_again),
        cmocka_unit_test(nothing_is_sent_for_values_of_the_wrong_shape),
        cmocka_unit_test(activation_without_a_scheme_sends_nothing),
        cmocka_unit_test(a_refusal_is_told_with_the_tries_of_the_value_that_was_wrong),
        cmocka_unit_test(a_value_that_the_card_has_refused_is_not_sent_again),
        cmocka_unit_test(a_refused_puk_is_remembered_apart_from_the_pins),
        cmocka_unit_test(a_card_that_would_refuse_gets_nothing),
        cmocka_unit_test(the_last_try_is_used_when_the_person_agreed),
        cmocka_unit_test(the_same_card_is_proved_after_a_reset),
        cmocka_unit_test(a_card_that_nothing_is_known_of_can_not_be_proved),
        cmocka_unit_test(the_state_of_each_pin_is_told),
        cmocka_unit_test(a_half_activated_card_is_activated_by_the_other_pin),
        cmocka_unit_test(a_key_learns_what_happened_to_its_pin),
        cmocka_unit_test(no_bad_answer_and_no_removal_makes_a_value_go_out_twice),
        cmocka_unit_test(what_pcsc_says_at_the_start_is_passed_on),
        cmocka_unit_test(a_task_on_the_pad_knows_the_ranges_and_no_value),
        cmocka_unit_test(what_a_pad_answers_ends_the_task),
        cmocka_unit_test(the_last_try_on_a_pad_wants_the_yes_too),
        cmocka_unit_test(a_card_without_padding_is_unlocked_on_a_pad_and_not_changed),
        cmocka_unit_test(a_pad_that_only_verifies_gets_no_task),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
