#include "ui/pin_form.h"

#include "base/limits.h"
#include "unit/test.h"

#include <stdio.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const enum lang languages[] = {LANG_EN, LANG_FI, LANG_SV};

static struct pin_set card(enum pin_activation activation, bool one, bool two)
{
    return (struct pin_set){
        .pins = {{1, 4, 8, 5, false, one}, {2, 6, 8, 5, false, two}, {3, 8, 8, 5, false, true}},
        .n = 3,
        .preset_digits = 7,
        .activation = activation};
}

static void a_fresh_card_is_finished_pin_by_pin(void **state)
{
    static const struct {
        enum pin_activation activation;
        bool one, two;
        uint8_t first, behind_first;
    } rows[] = {
        {PIN_ACTIVATION_PUK, false, false, 1, 2},   {PIN_ACTIVATION_PRESET, true, false, 2, 2},
        {PIN_ACTIVATION_PRESET, false, true, 1, 0}, {PIN_ACTIVATION_PUK, true, true, 0, 0},
        {PIN_ACTIVATION_NONE, false, false, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pin_set s = card(rows[i].activation, rows[i].one, rows[i].two);
        assert_int_equal(pin_set_next_fresh(&s, 0), rows[i].first);
        assert_int_equal(pin_set_next_fresh(&s, 1), rows[i].behind_first);
        assert_int_equal(pin_set_next_fresh(&s, 2), 0);
    }
}

static void a_form_knows_whose_tries_it_spends(void **state)
{
    static const struct {
        enum pin_activation activation;
        bool activated;
        enum pin_task task;
        uint8_t index;
        enum err want;
        uint8_t spends, code_min, new_min;
    } rows[] = {
        {PIN_ACTIVATION_NONE, true, PIN_CHANGE, 1, ERR_OK, 1, 4, 4},
        {PIN_ACTIVATION_NONE, true, PIN_CHANGE, 2, ERR_OK, 2, 6, 6},
        {PIN_ACTIVATION_NONE, true, PIN_UNLOCK, 1, ERR_OK, 3, 8, 4},
        {PIN_ACTIVATION_PUK, false, PIN_ACTIVATE, 2, ERR_OK, 3, 8, 6},
        {PIN_ACTIVATION_PRESET, false, PIN_ACTIVATE, 2, ERR_OK, 2, 7, 6},
        {PIN_ACTIVATION_PUK, false, PIN_CHANGE, 1, ERR_PIN_NOT_ACTIVATED, 0, 0, 0},
        {PIN_ACTIVATION_NONE, true, PIN_ACTIVATE, 1, ERR_UNSUPPORTED, 0, 0, 0},
        {PIN_ACTIVATION_PUK, true, PIN_ACTIVATE, 1, ERR_UNSUPPORTED, 0, 0, 0},
        {PIN_ACTIVATION_NONE, true, PIN_CHANGE, 4, ERR_ARGUMENT, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pin_set s = card(rows[i].activation, rows[i].activated, rows[i].activated);
        struct pin_form f = {.spends = 0};
        assert_int_equal(pin_form_make(&s, rows[i].task, rows[i].index, &f), rows[i].want);
        assert_int_equal(f.spends, rows[i].spends);
        assert_int_equal(f.min[PIN_PART_CODE], rows[i].code_min);
        assert_int_equal(f.min[PIN_PART_NEW], rows[i].new_min);
    }
}

/* It would be taken for a card that has nothing to activate, or for a finished one. */
static void a_card_that_does_not_say_what_is_fresh_is_not_activated(void **state)
{
    (void)state;
    for (int one = 0; one < 2; one++) {
        struct pin_set s = card(PIN_ACTIVATION_PUK, one == 1, true);
        struct pin_form f;
        s.is_unsure = true;
        assert_int_equal(pin_form_make(&s, PIN_ACTIVATE, 1, &f), ERR_CARD_STATUS);
        assert_string_equal(pin_form_refusal(&s, ERR_CARD_STATUS, PIN_ACTIVATE, 1),
                            "The card refused the operation.");
        assert_int_equal(pin_form_make(&s, PIN_UNLOCK, 2, &f), ERR_OK);
    }
}

static void without_a_puk_nothing_is_unlocked(void **state)
{
    struct pin_set s = card(PIN_ACTIVATION_NONE, true, true);
    struct pin_form f;
    (void)state;
    s.n = 2;
    assert_int_equal(pin_form_make(&s, PIN_UNLOCK, 1, &f), ERR_UNSUPPORTED);
    assert_int_equal(pin_form_make(&s, PIN_CHANGE, 1, &f), ERR_OK);
    assert_false(f.can_unlock);
    s.n = 3;
    s.unlocker = PIN_UNLOCKER_ISSUER;
    assert_int_equal(pin_form_make(&s, PIN_UNLOCK, 1, &f), ERR_UNSUPPORTED);
    assert_int_equal(pin_form_make(&s, PIN_CHANGE, 1, &f), ERR_OK);
    assert_false(f.can_unlock);
}

static void flaws_come_part_by_part(void **state)
{
    static const struct {
        const char *typed[PIN_PARTS];
        enum pin_flaw wants[PIN_PARTS + 1];
    } rows[] = {
        {{"", "", ""},
         {PIN_FLAW_NONE, PIN_FLAW_CODE_LENGTH, PIN_FLAW_CODE_LENGTH, PIN_FLAW_CODE_LENGTH}},
        {{"1234", "12", ""},
         {PIN_FLAW_NONE, PIN_FLAW_NONE, PIN_FLAW_NEW_LENGTH, PIN_FLAW_NEW_LENGTH}},
        {{"1234", "123456789", "123456789"},
         {PIN_FLAW_NONE, PIN_FLAW_NONE, PIN_FLAW_NEW_LENGTH, PIN_FLAW_NEW_LENGTH}},
        {{"1234", "1234", "1234"},
         {PIN_FLAW_NONE, PIN_FLAW_NONE, PIN_FLAW_NEW_SAME, PIN_FLAW_NEW_SAME}},
        {{"1234", "4321", "4322"}, {PIN_FLAW_NONE, PIN_FLAW_NONE, PIN_FLAW_NONE, PIN_FLAW_AGAIN}},
        {{"1234", "4321", "4321"},
         {PIN_FLAW_NONE, PIN_FLAW_NONE, PIN_FLAW_NONE, PIN_FLAW_LAST_TRY}},
    };
    struct pin_set s = card(PIN_ACTIVATION_NONE, true, true);
    struct pin_form f;
    (void)state;
    s.pins[0].tries_left = 1;
    assert_int_equal(pin_form_make(&s, PIN_CHANGE, 1, &f), ERR_OK);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct secret *parts[PIN_PARTS];
        struct pin_answer a = {.last_try_agreed = false};
        for (size_t p = 0; p < PIN_PARTS; p++) {
            assert_int_equal(secret_new(&parts[p]), ERR_OK);
            for (const char *at = rows[i].typed[p]; *at != '\0'; at++) {
                assert_int_equal(secret_push(parts[p], (uint8_t)*at), ERR_OK);
            }
            a.parts[p] = parts[p];
        }
        for (size_t n = 0; n <= PIN_PARTS; n++) {
            assert_int_equal(pin_form_flaw(&f, &a, n), rows[i].wants[n]);
        }
        for (size_t p = 0; p < PIN_PARTS; p++) {
            secret_free(&parts[p]);
        }
    }
}

/* ---- sentences ---- */

static const struct {
    enum pin_activation activation;
    bool activated;
    enum pin_task task;
    uint8_t index;
} forms[] = {
    {PIN_ACTIVATION_NONE, true, PIN_CHANGE, 1},
    {PIN_ACTIVATION_NONE, true, PIN_CHANGE, 2},
    {PIN_ACTIVATION_NONE, true, PIN_UNLOCK, 1},
    {PIN_ACTIVATION_NONE, true, PIN_UNLOCK, 2},
    {PIN_ACTIVATION_PUK, false, PIN_ACTIVATE, 1},
    {PIN_ACTIVATION_PUK, false, PIN_ACTIVATE, 2},
    {PIN_ACTIVATION_PRESET, false, PIN_ACTIVATE, 1},
    {PIN_ACTIVATION_PRESET, false, PIN_ACTIVATE, 2},
};

static struct pin_form form_of(size_t i)
{
    struct pin_set s = card(forms[i].activation, forms[i].activated, forms[i].activated);
    struct pin_form f;
    assert_int_equal(pin_form_make(&s, forms[i].task, forms[i].index, &f), ERR_OK);
    return f;
}

static bool is_sentence(const char *text)
{
    size_t len = strlen(text);
    return len > 1 && len < PIN_TEXT - 1 && text[len - 1] == '.' && strchr(text, '%') == NULL;
}

/* Writes one of the texts of a form. */
typedef void (*writer)(const struct pin_form *f, char *ret);

static void write_title(const struct pin_form *f, char *ret)
{
    snprintf(ret, PIN_TEXT, "%s.", pin_form_title(f->task, f->index));
}

static void write_parts(const struct pin_form *f, char *ret)
{
    snprintf(ret, PIN_TEXT, "%s, %s, %s.", pin_form_part(f, PIN_PART_CODE),
             pin_form_part(f, PIN_PART_NEW), pin_form_part(f, PIN_PART_AGAIN));
}

static void write_intro(const struct pin_form *f, char *ret)
{
    snprintf(ret, PIN_TEXT, "%s", pin_form_intro(f));
}

static void write_done(const struct pin_form *f, char *ret)
{
    snprintf(ret, PIN_TEXT, "%s", pin_form_done(f));
}

static void write_last_try(const struct pin_form *f, char *ret)
{
    snprintf(ret, PIN_TEXT, "%s", pin_form_last_try(f));
}

static void write_refusal(const struct pin_form *f, char *ret)
{
    static const struct pin_set holder;
    snprintf(ret, PIN_TEXT, "%s", pin_form_refusal(&holder, ERR_UNSUPPORTED, f->task, f->index));
}

static void write_issuer(const struct pin_form *f, char *ret)
{
    static const struct pin_set issuer = {.unlocker = PIN_UNLOCKER_ISSUER};
    const char *text = pin_form_refusal(&issuer, ERR_UNSUPPORTED, PIN_UNLOCK, f->index);
    snprintf(ret, PIN_TEXT, "%s", text);
    assert_null(strstr(pin_form_refusal(&issuer, ERR_PIN_BLOCKED, PIN_CHANGE, f->index), "PUK"));
}

static void write_locked(const struct pin_form *f, char *ret)
{
    static const struct pin_set holder;
    snprintf(ret, PIN_TEXT, "%s", pin_form_refusal(&holder, ERR_PIN_BLOCKED, f->task, f->index));
}

static void every_form_speaks_every_language(void **state)
{
    static const writer writers[] = {write_title,    write_parts,   write_intro,  write_done,
                                     write_last_try, write_refusal, write_issuer, write_locked};
    (void)state;
    for (size_t w = 0; w < COUNT(writers); w++) {
        for (size_t i = 0; i < COUNT(forms); i++) {
            struct pin_form f = form_of(i);
            char english[PIN_TEXT], text[PIN_TEXT];
            translate_open(LANG_EN);
            writers[w](&f, english);
            assert_true(is_sentence(english));
            for (size_t l = 1; l < COUNT(languages); l++) {
                translate_open(languages[l]);
                writers[w](&f, text);
                print_message("%s\n", text);
                assert_true(is_sentence(text));
                assert_string_not_equal(text, english);
            }
        }
    }
}

/* ---- on the reader ---- */

static struct pin_form form_with(enum pin_where changes, enum pin_where unlocks, enum pin_task task)
{
    struct pin_set s = card(PIN_ACTIVATION_NONE, true, true);
    struct pin_form f;
    s.changes[1] = changes;
    s.unlocks[1] = unlocks;
    assert_int_equal(pin_form_make(&s, task, 1, &f), ERR_OK);
    return f;
}

static void where_the_values_are_typed_follows_what_is_spent(void **state)
{
    static const struct {
        enum pin_activation activation;
        enum pin_task task;
        enum pin_where want;
    } rows[] = {
        {PIN_ACTIVATION_NONE, PIN_CHANGE, PIN_PAD_UNFIT},
        {PIN_ACTIVATION_NONE, PIN_UNLOCK, PIN_ON_READER},
        {PIN_ACTIVATION_PUK, PIN_ACTIVATE, PIN_ON_READER},
        {PIN_ACTIVATION_PRESET, PIN_ACTIVATE, PIN_PAD_UNFIT},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool fresh = rows[i].task == PIN_ACTIVATE;
        struct pin_set s = card(rows[i].activation, !fresh, !fresh);
        struct pin_form f;
        s.changes[1] = PIN_PAD_UNFIT;
        s.unlocks[1] = PIN_ON_READER;
        assert_int_equal(pin_form_make(&s, rows[i].task, 1, &f), ERR_OK);
        assert_int_equal(f.where, rows[i].want);
        assert_int_equal(pin_form_asks_where(&f), rows[i].want == PIN_PAD_UNFIT);
        assert_int_equal(f.unlocks_on_reader, rows[i].want == PIN_PAD_UNFIT);
        pin_form_type_here(&f);
        assert_false(pin_form_asks_where(&f));
        assert_int_equal(pin_form_make(&s, fresh ? PIN_ACTIVATE : PIN_UNLOCK, 2, &f), ERR_OK);
        assert_int_equal(f.where, PIN_HERE);
    }
}

/* There are no values to look at. */
static void of_what_is_typed_on_the_reader_only_the_last_try_is_asked(void **state)
{
    struct pin_form f = form_with(PIN_ON_READER, PIN_ON_READER, PIN_CHANGE);
    struct pin_answer a = {.last_try_agreed = false};
    (void)state;
    assert_int_equal(pin_form_flaw(&f, &a, PIN_PARTS), PIN_FLAW_NONE);
    f.tries_left = 1;
    assert_int_equal(pin_form_flaw(&f, &a, PIN_PARTS), PIN_FLAW_LAST_TRY);
    a.last_try_agreed = true;
    assert_int_equal(pin_form_flaw(&f, &a, PIN_PARTS), PIN_FLAW_NONE);
}

static void the_reader_is_told_about_value_by_value(void **state)
{
    struct pin_form change = form_with(PIN_ON_READER, PIN_ON_READER, PIN_CHANGE);
    struct pin_form unlock = form_with(PIN_ON_READER, PIN_ON_READER, PIN_UNLOCK);
    char text[PIN_TEXT];
    (void)state;
    translate_open(LANG_EN);
    pin_form_entry(&change, PIN_ENTRY_ALL, true, text);
    assert_string_equal(text, "Type on the card reader in this order, and press OK on it after "
                              "each: Current PIN1 (5 tries left), New PIN1 (4–8 digits), New PIN1 "
                              "again.");
    pin_form_entry(&unlock, PIN_ENTRY_CODE, false, text);
    assert_string_equal(text, "Type on the card reader, and press OK on it: PUK code (5 tries "
                              "left). To cancel, press the cancel key of the reader.");
    pin_form_entry(&unlock, PIN_ENTRY_NEW, true, text);
    assert_string_equal(text, "The code was right. Type on the card reader, and press OK on it "
                              "after each: New PIN1 (4–8 digits), New PIN1 again.");
    assert_true(pin_form_pad_error(&change, ERR_CARD_STATUS, text));
    assert_string_equal(text, "The card refused what was typed. The new PIN must have 4–8 digits "
                              "and differ from the code that is typed first.");
    assert_false(pin_form_pad_error(&change, ERR_PIN_WRONG, text));
    change.where = PIN_HERE;
    assert_false(pin_form_pad_error(&change, ERR_CARD_STATUS, text));
}

static void every_sentence_about_a_pad_speaks_every_language(void **state)
{
    static const enum pin_where wheres[] = {PIN_ON_READER, PIN_PAD_VERIFIES, PIN_PAD_UNFIT};
    (void)state;
    for (size_t i = 0; i < 12; i++) {
        char texts[COUNT(languages)][PIN_TEXT];
        for (size_t l = 0; l < COUNT(languages); l++) {
            struct pin_form f =
                form_with(wheres[i % 3], i < 6 ? PIN_ON_READER : PIN_HERE, PIN_CHANGE);
            translate_open(languages[l]);
            if (f.where == PIN_ON_READER) {
                pin_form_entry(&f, (enum pin_entry)(i / 3 % 3), i < 6, texts[l]);
            } else {
                pin_form_why_here(&f, texts[l]);
            }
            print_message("%s\n", texts[l]);
            assert_true(is_sentence(texts[l]));
            assert_true(l == 0 || strcmp(texts[l], texts[0]) != 0);
        }
    }
}

static void every_error_is_a_sentence_in_every_language(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct pin_form f = form_of(i);
        for (enum err e = ERR_OK + 1; e < ERR_COUNT; e++) {
            char english[PIN_TEXT], text[PIN_TEXT];
            translate_open(LANG_EN);
            pin_form_error(&f, e, 3, english);
            assert_true(is_sentence(english));
            for (size_t l = 1; l < COUNT(languages); l++) {
                translate_open(languages[l]);
                pin_form_error(&f, e, 3, text);
                assert_true(is_sentence(text));
                assert_string_not_equal(text, english);
            }
        }
    }
}

static void every_flaw_is_a_sentence_in_every_language(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct pin_form f = form_of(i);
        for (enum pin_flaw flaw = PIN_FLAW_CODE_LENGTH; flaw <= PIN_FLAW_LAST_TRY; flaw++) {
            char english[PIN_TEXT], text[PIN_TEXT];
            translate_open(LANG_EN);
            pin_form_flaw_text(&f, flaw, english);
            assert_true(is_sentence(english));
            for (size_t l = 1; l < COUNT(languages); l++) {
                translate_open(languages[l]);
                pin_form_flaw_text(&f, flaw, text);
                assert_true(is_sentence(text));
                assert_string_not_equal(text, english);
            }
        }
    }
}

static void errors_tell_what_was_wrong_and_what_is_left(void **state)
{
    static const struct {
        size_t form;
        enum err error;
        int8_t tries;
        const char *want;
    } rows[] = {
        {0, ERR_PIN_WRONG, 4, "The current PIN1 was wrong. 4 tries left."},
        {1, ERR_PIN_WRONG, 1, "The current PIN2 was wrong. 1 try left."},
        {2, ERR_PIN_WRONG, -1, "The PUK code was wrong."},
        {4, ERR_PIN_WRONG, 2, "The activation code was wrong. 2 tries left."},
        {3, ERR_PIN_BLOCKED, -1,
         "The PUK code is locked, because it was wrong too many times. This card can't be unlocked "
         "any more. Apply for a new card."},
    };
    (void)state;
    translate_open(LANG_EN);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pin_form f = form_of(rows[i].form);
        char text[PIN_TEXT];
        pin_form_error(&f, rows[i].error, rows[i].tries, text);
        assert_string_equal(text, rows[i].want);
    }
}

static void the_state_of_a_pin_is_said_in_a_few_words(void **state)
{
    static const struct {
        struct pin_facts pin;
        const char *want;
    } rows[] = {
        {{1, 4, 8, 5, false, true}, "5 tries left"},
        {{1, 4, 8, 1, false, true}, "1 try left"},
        {{1, 4, 8, 0, false, true}, "locked"},
        {{1, 4, 8, 0, true, true}, "locked"},
        {{1, 4, 8, 5, false, false}, "not activated, 5 tries left"},
        {{1, 4, 8, 0, true, false}, "not activated"},
        {{1, 4, 8, -1, false, true}, "the card does not tell how many tries are left"},
    };
    (void)state;
    translate_open(LANG_EN);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[PIN_TEXT];
        pin_form_status(&rows[i].pin, text);
        assert_string_equal(text, rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_card_is_finished_pin_by_pin),
        cmocka_unit_test(a_form_knows_whose_tries_it_spends),
        cmocka_unit_test(a_card_that_does_not_say_what_is_fresh_is_not_activated),
        cmocka_unit_test(without_a_puk_nothing_is_unlocked),
        cmocka_unit_test(flaws_come_part_by_part),
        cmocka_unit_test(every_form_speaks_every_language),
        cmocka_unit_test(every_error_is_a_sentence_in_every_language),
        cmocka_unit_test(every_flaw_is_a_sentence_in_every_language),
        cmocka_unit_test(errors_tell_what_was_wrong_and_what_is_left),
        cmocka_unit_test(the_state_of_a_pin_is_said_in_a_few_words),
        cmocka_unit_test(where_the_values_are_typed_follows_what_is_spent),
        cmocka_unit_test(of_what_is_typed_on_the_reader_only_the_last_try_is_asked),
        cmocka_unit_test(the_reader_is_told_about_value_by_value),
        cmocka_unit_test(every_sentence_about_a_pad_speaks_every_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
