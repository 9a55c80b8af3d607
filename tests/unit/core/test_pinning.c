/* The PIN tasks against a scripted reader and card: the seams are readers_list, inventory_open and
 * pintask_*, replaced by linking. */
#include "core/pinning.h"

#include "card/pintask.h"
#include "card/profile.h"
#include "core/inventory.h"
#include "core/pad_policy.h"
#include "unit/test.h"

#include <stdio.h>

static struct {
    struct reader_state readers[3];
    size_t n_readers;
    enum err error;
    char opened[LIMIT_READER_NAME];
} desk;

/* What the card was asked, and what it answers. */
static struct {
    struct pin_info pins[3];
    enum activation_scheme scheme;
    enum err result;
    int8_t tries;
    size_t n_calls;
    char asked[96];
    enum pintask_pad pad, pad_by_puk; /* of PIN1, and of both with the PUK */
} chip;

static struct profile row = {.unlock = UNLOCK_TOGETHER};
static struct card_io io;
static struct card card = {.io = &io, .profile = &row};
static struct {
    bool uses_pads;
    unsigned asked;
} policy;

enum err readers_list(struct reader_state *ret, size_t cap, size_t *ret_n)
{
    assert_true(desk.n_readers <= cap);
    memcpy(ret, desk.readers, sizeof desk.readers[0] * desk.n_readers);
    *ret_n = desk.n_readers;
    return desk.error;
}

enum err inventory_open(const struct reader_state *reader, struct card **ret)
{
    snprintf(desk.opened, sizeof desk.opened, "%s", reader->name);
    *ret = &card;
    return ERR_OK;
}

bool pad_policy_uses_pads(void)
{
    policy.asked++;
    return policy.uses_pads;
}

enum err pintask_status(struct card *c, struct pin_info *ret, size_t cap, size_t *ret_n)
{
    assert_ptr_equal(c, &card);
    assert_true(cap >= 3);
    memcpy(ret, chip.pins, sizeof chip.pins);
    *ret_n = 3;
    return chip.result;
}

enum activation_scheme pintask_activation(const struct card *c, const struct pin_info *pins,
                                          size_t n)
{
    assert_ptr_equal(c, &card);
    assert_true(pins[0].index == 1 && n == 3);
    return chip.scheme;
}

static const struct pad_entry pad_entries[] = {
    {.modify = false}, {.modify = true}, {.modify = true, .asks_old = true}};

/* As a card with a pad does it: each kind of entry once, until the person gives up. */
static enum err ask_on_pad(const struct pad_person *p)
{
    enum err e = chip.result;
    for (size_t i = 0; i < 3 && e == ERR_OK; i++) {
        e = p->begins(p->user, &pad_entries[i], i == 1) && p->wait(p->user, 7) ? ERR_OK
                                                                               : ERR_ABORTED;
    }
    return e;
}

static enum err ask(const char *what, uint8_t index, const struct pintask_values *v,
                    int8_t *ret_tries)
{
    chip.n_calls++;
    *ret_tries = chip.tries;
    if (v->proof == NULL) {
        assert_null(v->fresh);
        snprintf(chip.asked, sizeof chip.asked, "%s %u on the reader%s", what, index,
                 v->last_try_agreed ? " agreed" : "");
        return ask_on_pad(v->person);
    }
    assert_null(v->person);
    struct span a = secret_span(v->proof), b = secret_span(v->fresh);
    snprintf(chip.asked, sizeof chip.asked, "%s %u %.*s %.*s%s", what, index, (int)a.len,
             (const char *)a.at, (int)b.len, (const char *)b.at,
             v->last_try_agreed ? " agreed" : "");
    return chip.result;
}

enum pintask_pad pintask_pad(const struct card *c, uint8_t index, bool by_puk)
{
    assert_ptr_equal(c, &card);
    return by_puk                                     ? chip.pad_by_puk
           : index == 1 || chip.pad == PINTASK_NO_PAD ? chip.pad
                                                      : PINTASK_PAD_UNFIT;
}

enum err pintask_change(struct card *c, uint8_t index, const struct pintask_values *values,
                        int8_t *ret_tries)
{
    assert_ptr_equal(c, &card);
    return ask("change", index, values, ret_tries);
}

enum err pintask_unlock(struct card *c, uint8_t index, const struct pintask_values *values,
                        int8_t *ret_tries)
{
    assert_ptr_equal(c, &card);
    return ask("unlock", index, values, ret_tries);
}

enum err pintask_activate(struct card *c, uint8_t index, enum activation_scheme scheme,
                          const struct pintask_values *values, int8_t *ret_tries)
{
    assert_ptr_equal(c, &card);
    return ask(scheme == ACTIVATION_PUK ? "activate-puk" : "activate-preset", index, values,
               ret_tries);
}

static int setup(void **state)
{
    (void)state;
    memset(&desk, 0, sizeof desk);
    memset(&chip, 0, sizeof chip);
    chip.pins[0] = (struct pin_info){1, 4, 8, 5, false, true, false};
    chip.pins[1] = (struct pin_info){2, 6, 8, 5, false, true, false};
    chip.pins[2] = (struct pin_info){3, 8, 8, 5, false, true, false};
    return 0;
}

/* ---- which card ---- */

#define NONE                                                                                       \
    {                                                                                              \
        "", false, false, false, {0}, 0, 0                                                         \
    }
#define EMPTY                                                                                      \
    {                                                                                              \
        "Empty", false, false, false, {0}, 0, 0                                                    \
    }
#define ONE                                                                                        \
    {                                                                                              \
        "One", true, false, false, {0}, 0, 0                                                       \
    }
#define TWO                                                                                        \
    {                                                                                              \
        "Two", true, false, false, {0}, 0, 0                                                       \
    }

static void the_only_card_or_the_named_reader_is_opened(void **state)
{
    static const struct {
        struct reader_state readers[3];
        size_t n;
        enum err error;
        const char *name;
        enum err want;
        const char *opened;
    } rows[] = {
        {{NONE}, 0, ERR_PCSC_DOWN, NULL, ERR_PCSC_DOWN, ""},
        {{NONE}, 0, ERR_NO_READER, NULL, ERR_NO_READER, ""},
        {{NONE}, 0, ERR_OK, NULL, ERR_NO_READER, ""},
        {{EMPTY}, 1, ERR_OK, NULL, ERR_NO_CARD, ""},
        {{EMPTY, ONE}, 2, ERR_OK, NULL, ERR_OK, "One"},
        {{EMPTY, ONE, TWO}, 3, ERR_OK, NULL, ERR_ARGUMENT, ""},
        {{EMPTY, ONE, TWO}, 3, ERR_OK, "Two", ERR_OK, "Two"},
        {{EMPTY, ONE}, 2, ERR_OK, "Empty", ERR_NO_CARD, ""},
        {{ONE}, 1, ERR_OK, "Other", ERR_NO_READER, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct card *got = NULL;
        setup(state);
        memcpy(desk.readers, rows[i].readers, sizeof desk.readers);
        desk.n_readers = rows[i].n;
        desk.error = rows[i].error;
        assert_int_equal(pinning_open(rows[i].name, &got), rows[i].want);
        assert_string_equal(desk.opened, rows[i].opened);
        assert_ptr_equal(got, rows[i].want == ERR_OK ? &card : NULL);
    }
}

/* A process is started for the question: only where there is a pad at all. */
static void a_pad_that_the_policy_does_not_want_is_left_alone(void **state)
{
    static const struct card_pad pad = {.can_verify = true, .can_modify = true};
    static const struct reader_state one = ONE;
    struct card *got = NULL;
    (void)state;
    desk.readers[0] = one;
    desk.n_readers = 1;
    policy.asked = 0;
    io.pad = NULL;
    assert_int_equal(pinning_open(NULL, &got), ERR_OK);
    assert_int_equal(policy.asked, 0);
    for (int uses = 0; uses < 2; uses++) {
        io.pad = &pad;
        policy.uses_pads = uses == 1;
        assert_int_equal(pinning_open(NULL, &got), ERR_OK);
        assert_ptr_equal(io.pad, uses == 1 ? &pad : NULL);
    }
    assert_int_equal(policy.asked, 2);
    io.pad = NULL;
}

static void the_state_of_every_pin_is_told(void **state)
{
    (void)state;
    struct pin_set set = {.n = 0};
    chip.pins[1] = (struct pin_info){2, 6, 8, 0, true, true, false};
    chip.pins[2].tries_left = -1;
    chip.scheme = ACTIVATION_PRESET;
    assert_int_equal(pinning_look(&card, &set), ERR_OK);
    assert_int_equal(set.n, 3);
    assert_int_equal(set.activation, PIN_ACTIVATION_PRESET);
    assert_int_equal(set.pins[0].min, 4);
    assert_int_equal(set.pins[0].max, 8);
    assert_int_equal(set.pins[0].tries_left, 5);
    assert_true(set.pins[0].activated);
    assert_true(set.pins[1].blocked);
    assert_int_equal(set.pins[2].index, 3);
    assert_int_equal(set.pins[2].tries_left, -1);
    assert_false(set.is_unsure);
    chip.result = ERR_CARD_REMOVED;
    assert_int_equal(pinning_look(&card, &set), ERR_CARD_REMOVED);
}

/* Of the PUK it is no matter, nor on a card of which nobody knows how it is activated. */
static void what_the_card_refuses_to_say_makes_activation_unsure(void **state)
{
    static const struct {
        size_t pin;
        enum profile_activation activation;
        bool want;
    } rows[] = {{0, FRESH_PUK, true},
                {1, FRESH_DATED, true},
                {2, FRESH_PUK, false},
                {1, FRESH_NEVER, false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pin_set set = {.n = 0};
        setup(state);
        chip.pins[rows[i].pin].untold = true;
        row.activation = rows[i].activation;
        assert_int_equal(pinning_look(&card, &set), ERR_OK);
        assert_int_equal(set.is_unsure, rows[i].want);
        row.activation = FRESH_NEVER;
    }
}

/* ---- what reaches the card ---- */

static void put(struct secret *s, const char *digits)
{
    secret_wipe(s);
    for (; *digits != '\0'; digits++) {
        assert_int_equal(secret_push(s, (uint8_t)*digits), ERR_OK);
    }
}

struct typed {
    const char *parts[PIN_PARTS];
    bool agreed;
};

static enum err run(enum pin_task task, uint8_t index, struct typed typed, int8_t *ret_tries)
{
    struct secret *parts[PIN_PARTS];
    struct pin_answer answer = {.last_try_agreed = typed.agreed};
    struct pin_set set;
    struct pin_form form;
    enum err result = chip.result;
    chip.result = ERR_OK;
    assert_int_equal(pinning_look(&card, &set), ERR_OK);
    chip.result = result;
    enum err e = pin_form_make(&set, task, index, &form);
    for (size_t i = 0; i < PIN_PARTS; i++) {
        assert_int_equal(secret_new(&parts[i]), ERR_OK);
        put(parts[i], typed.parts[i]);
        answer.parts[i] = parts[i];
    }
    if (e == ERR_OK) {
        e = pinning_run(&card, set.activation, &form, &answer, ret_tries);
    }
    for (size_t i = 0; i < PIN_PARTS; i++) {
        secret_free(&parts[i]);
    }
    return e;
}

static void each_task_becomes_its_command(void **state)
{
    static const struct {
        enum activation_scheme scheme;
        enum pin_task task;
        uint8_t index;
        struct typed typed;
        const char *asked;
    } rows[] = {
        {ACTIVATION_NONE, PIN_CHANGE, 1, {{"1234", "4321", "4321"}, false}, "change 1 1234 4321"},
        /* a PIN that was chosen by another program's rule */
        {ACTIVATION_NONE,
         PIN_CHANGE,
         2,
         {{"123456789012", "654321", "654321"}, false},
         "change 2 123456789012 654321"},
        {ACTIVATION_NONE,
         PIN_UNLOCK,
         2,
         {{"12345678", "654321", "654321"}, false},
         "unlock 2 12345678 654321"},
        {ACTIVATION_PUK,
         PIN_ACTIVATE,
         1,
         {{"12345678", "4321", "4321"}, false},
         "activate-puk 1 12345678 4321"},
        {ACTIVATION_PRESET,
         PIN_ACTIVATE,
         2,
         {{"1234567", "654321", "654321"}, false},
         "activate-preset 2 1234567 654321"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int8_t tries = 9;
        setup(state);
        chip.scheme = rows[i].scheme;
        chip.pins[0].activated = chip.pins[1].activated = rows[i].task != PIN_ACTIVATE;
        assert_int_equal(run(rows[i].task, rows[i].index, rows[i].typed, &tries), ERR_OK);
        assert_string_equal(chip.asked, rows[i].asked);
        assert_int_equal(tries, 9);
    }
}

static void nothing_of_the_wrong_shape_reaches_the_card(void **state)
{
    static const struct {
        enum pin_task task;
        uint8_t index;
        struct typed typed;
        enum err want;
    } rows[] = {
        {PIN_CHANGE, 1, {{"", "4321", "4321"}, false}, ERR_PIN_FORMAT},
        {PIN_CHANGE, 1, {{"123", "4321", "4321"}, false}, ERR_PIN_FORMAT},
        {PIN_CHANGE, 1, {{"1234567890123", "4321", "4321"}, false}, ERR_PIN_FORMAT},
        {PIN_CHANGE, 1, {{"1234", "432", "432"}, false}, ERR_PIN_FORMAT},
        {PIN_CHANGE, 1, {{"1234", "432100000", "432100000"}, false}, ERR_PIN_FORMAT},
        {PIN_CHANGE, 1, {{"1234", "1234", "1234"}, false}, ERR_PIN_FORMAT},
        {PIN_CHANGE, 1, {{"1234", "4321", "4312"}, false}, ERR_PIN_FORMAT},
        {PIN_CHANGE, 1, {{"1234", "4321", "43210"}, false}, ERR_PIN_FORMAT},
        {PIN_CHANGE, 1, {{"1234", "4321", ""}, false}, ERR_PIN_FORMAT},
        {PIN_CHANGE, 2, {{"123456", "65432", "65432"}, false}, ERR_PIN_FORMAT},
        {PIN_UNLOCK, 2, {{"1234567", "654321", "654321"}, false}, ERR_PIN_FORMAT},
        {PIN_UNLOCK, 2, {{"12345678", "12345678", "12345678"}, false}, ERR_PIN_FORMAT},
        {PIN_CHANGE, 3, {{"12345678", "87654321", "87654321"}, false}, ERR_ARGUMENT},
        {PIN_ACTIVATE, 1, {{"12345678", "4321", "4321"}, false}, ERR_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int8_t tries = 9;
        setup(state);
        assert_int_equal(run(rows[i].task, rows[i].index, rows[i].typed, &tries), rows[i].want);
        assert_int_equal(chip.n_calls, 0);
        assert_int_equal(tries, 9);
    }
}

static void the_last_try_is_used_only_after_a_second_yes(void **state)
{
    (void)state;
    int8_t tries = 9;
    chip.pins[2].tries_left = 1;
    struct typed typed = {{"12345678", "654321", "654321"}, false};
    assert_int_equal(run(PIN_UNLOCK, 2, typed, &tries), ERR_PIN_LAST_TRY);
    assert_int_equal(chip.n_calls, 0);
    typed.agreed = true;
    assert_int_equal(run(PIN_UNLOCK, 2, typed, &tries), ERR_OK);
    assert_string_equal(chip.asked, "unlock 2 12345678 654321 agreed");
}

static void what_is_locked_is_not_asked_for(void **state)
{
    (void)state;
    int8_t tries = 9;
    struct typed typed = {{"12345678", "654321", "654321"}, false};
    chip.pins[1].blocked = true;
    chip.pins[1].tries_left = 0;
    assert_int_equal(run(PIN_CHANGE, 2, typed, &tries), ERR_PIN_BLOCKED);
    assert_int_equal(run(PIN_UNLOCK, 2, typed, &tries), ERR_OK); /* that is what a PUK is for */
    chip.pins[2].tries_left = 0;
    assert_int_equal(run(PIN_UNLOCK, 2, typed, &tries), ERR_PIN_BLOCKED);
    assert_int_equal(chip.n_calls, 1);
    chip.pins[0].activated = false;
    assert_int_equal(run(PIN_CHANGE, 1, typed, &tries), ERR_PIN_NOT_ACTIVATED);
}

static void a_wrong_code_tells_the_tries_that_are_left(void **state)
{
    (void)state;
    int8_t tries = 9;
    struct typed typed = {{"1111", "4321", "4321"}, false};
    chip.result = ERR_PIN_WRONG;
    chip.tries = 3;
    assert_int_equal(run(PIN_CHANGE, 1, typed, &tries), ERR_PIN_WRONG);
    assert_int_equal(tries, 3);
    chip.result = ERR_CARD_REMOVED;
    chip.tries = 2;
    assert_int_equal(run(PIN_CHANGE, 1, typed, &tries), ERR_CARD_REMOVED);
    assert_int_equal(tries, 3);
}

static void who_unlocks_comes_from_the_row(void **state)
{
    static const enum pin_unlocker wants[] = {
        [UNLOCK_NONE] = PIN_UNLOCKER_UNKNOWN,
        [UNLOCK_ISSUER] = PIN_UNLOCKER_ISSUER,
        [UNLOCK_TOGETHER] = PIN_UNLOCKER_HOLDER,
        [UNLOCK_VERIFIED] = PIN_UNLOCKER_HOLDER,
    };
    (void)state;
    chip.result = ERR_OK;
    for (int u = UNLOCK_NONE; u <= UNLOCK_VERIFIED; u++) {
        struct pin_set set;
        row.unlock = (enum profile_unlock)u;
        assert_int_equal(pinning_look(&card, &set), ERR_OK);
        assert_int_equal(set.unlocker, wants[u]);
    }
    row.unlock = UNLOCK_TOGETHER;
}

/* ---- typed on the reader ---- */

static struct {
    char told[64];
    unsigned waits;
    bool gives_up;
} hands;

static bool hands_begin(void *user, enum pin_entry entry, bool can_stop)
{
    static const char names[] = {
        [PIN_ENTRY_CODE] = 'c', [PIN_ENTRY_NEW] = 'n', [PIN_ENTRY_ALL] = 'a'};
    size_t len = strlen(hands.told);
    assert_ptr_equal(user, &hands);
    snprintf(hands.told + len, sizeof hands.told - len, "%c%s", names[entry], can_stop ? "!" : "");
    return true;
}

static bool hands_wait(void *user, unsigned ms)
{
    assert_ptr_equal(user, &hands);
    assert_int_equal(ms, 7);
    hands.waits++;
    return !hands.gives_up;
}

static const struct pin_person person = {hands_begin, hands_wait, &hands};

static enum err run_on_reader(enum pin_task task, uint8_t index, bool agreed, int8_t *ret_tries)
{
    struct pin_set set;
    struct pin_form form;
    memset(&hands.told, 0, sizeof hands.told);
    hands.waits = 0;
    enum err result = chip.result;
    chip.result = ERR_OK;
    assert_int_equal(pinning_look(&card, &set), ERR_OK);
    chip.result = result;
    assert_int_equal(pin_form_make(&set, task, index, &form), ERR_OK);
    const struct pin_answer answer = {.person = &person, .last_try_agreed = agreed};
    return pinning_run(&card, set.activation, &form, &answer, ret_tries);
}

static void what_is_typed_on_the_reader_never_comes_here(void **state)
{
    int8_t tries = 9;
    (void)state;
    chip.pad = chip.pad_by_puk = PINTASK_ON_PAD;
    hands.gives_up = false;
    assert_int_equal(run_on_reader(PIN_CHANGE, 1, false, &tries), ERR_OK);
    assert_string_equal(chip.asked, "change 1 on the reader");
    assert_string_equal(hands.told, "cn!a");
    assert_int_equal(hands.waits, 3);
    hands.gives_up = true;
    assert_int_equal(run_on_reader(PIN_UNLOCK, 2, false, &tries), ERR_CANCELLED);
    assert_string_equal(chip.asked, "unlock 2 on the reader");
    assert_string_equal(hands.told, "c");
    chip.pins[2].tries_left = 1;
    chip.n_calls = 0;
    assert_int_equal(run_on_reader(PIN_UNLOCK, 2, false, &tries), ERR_PIN_LAST_TRY);
    assert_int_equal(chip.n_calls, 0);
    hands.gives_up = false;
    assert_int_equal(run_on_reader(PIN_UNLOCK, 2, true, &tries), ERR_OK);
    assert_string_equal(chip.asked, "unlock 2 on the reader agreed");
}

static void what_a_pad_can_not_do_waits_for_the_persons_word(void **state)
{
    struct pin_set set;
    struct pin_form form;
    struct secret *parts[PIN_PARTS];
    struct pin_answer answer = {.last_try_agreed = false};
    int8_t tries = 9;
    (void)state;
    for (size_t i = 0; i < PIN_PARTS; i++) {
        assert_int_equal(secret_new(&parts[i]), ERR_OK);
        put(parts[i], i == PIN_PART_CODE ? "123456" : "654321");
        answer.parts[i] = parts[i];
    }
    chip.pad = PINTASK_PAD_VERIFIES;
    chip.pad_by_puk = PINTASK_ON_PAD;
    assert_int_equal(pinning_look(&card, &set), ERR_OK);
    assert_int_equal(set.changes[1], PIN_PAD_VERIFIES);
    assert_int_equal(set.changes[2], PIN_PAD_UNFIT);
    assert_int_equal(set.unlocks[2], PIN_ON_READER);
    assert_int_equal(pin_form_make(&set, PIN_CHANGE, 2, &form), ERR_OK);
    assert_true(form.unlocks_on_reader);
    assert_int_equal(pinning_run(&card, set.activation, &form, &answer, &tries), ERR_ARGUMENT);
    assert_int_equal(chip.n_calls, 0);
    pin_form_type_here(&form);
    assert_int_equal(pinning_run(&card, set.activation, &form, &answer, &tries), ERR_OK);
    assert_string_equal(chip.asked, "change 2 123456 654321");
    form.where = PIN_ON_READER; /* but nobody who types there */
    assert_int_equal(pinning_run(&card, set.activation, &form, &answer, &tries), ERR_ARGUMENT);
    for (size_t i = 0; i < PIN_PARTS; i++) {
        secret_free(&parts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_only_card_or_the_named_reader_is_opened, setup),
        cmocka_unit_test_setup(a_pad_that_the_policy_does_not_want_is_left_alone, setup),
        cmocka_unit_test_setup(the_state_of_every_pin_is_told, setup),
        cmocka_unit_test_setup(what_the_card_refuses_to_say_makes_activation_unsure, setup),
        cmocka_unit_test_setup(who_unlocks_comes_from_the_row, setup),
        cmocka_unit_test_setup(each_task_becomes_its_command, setup),
        cmocka_unit_test_setup(nothing_of_the_wrong_shape_reaches_the_card, setup),
        cmocka_unit_test_setup(the_last_try_is_used_only_after_a_second_yes, setup),
        cmocka_unit_test_setup(what_is_locked_is_not_asked_for, setup),
        cmocka_unit_test_setup(a_wrong_code_tells_the_tries_that_are_left, setup),
        cmocka_unit_test_setup(what_is_typed_on_the_reader_never_comes_here, setup),
        cmocka_unit_test_setup(what_a_pad_can_not_do_waits_for_the_persons_word, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
