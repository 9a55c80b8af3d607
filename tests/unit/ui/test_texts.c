#include "ui/texts.h"

#include "os/clock.h"
#include "unit/test.h"

#include <glib.h>

static const enum lang languages[] = {LANG_EN, LANG_FI, LANG_SV};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Frees. */
static void assert_text(char *take_text, const char *want)
{
    assert_string_equal(take_text, want);
    g_free(take_text);
}

static bool is_sentence(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && (text[len - 1] == '.' || g_str_has_suffix(text, "…"));
}

static void a_mistake_of_the_service_is_told_as_one(void **state)
{
    static const enum err rows[] = {ERR_MALFORMED, ERR_REQUEST_INVALID, ERR_NOT_BOUND};
    (void)state;
    translate_open(LANG_EN);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *text = texts_error(rows[i], 2);
        char *argument = texts_error(ERR_ARGUMENT, 2);
        assert_string_equal(text, argument);
        assert_string_equal(texts_next(rows[i]), texts_next(ERR_ARGUMENT));
        g_free(text);
        g_free(argument);
    }
}

static void every_error_has_a_sentence_and_a_next_step_in_every_language(void **state)
{
    (void)state;
    for (size_t l = 0; l < COUNT(languages); l++) {
        for (enum err e = ERR_OK; e < ERR_COUNT; e++) {
            translate_open(languages[l]);
            char *text = texts_error(e, 2);
            char *next = g_strdup(texts_next(e));
            print_message("%s %s: %s %s\n", msg_lang_name(languages[l]), err_name(e), text, next);
            assert_true(is_sentence(text) && is_sentence(next));
            assert_null(strchr(text, '%'));
            translate_open(LANG_EN);
            char *english = texts_error(e, 2);
            assert_int_equal(strcmp(text, english) == 0, languages[l] == LANG_EN);
            assert_int_equal(strcmp(next, texts_next(e)) == 0, languages[l] == LANG_EN);
            g_free(english);
            g_free(next);
            g_free(text);
        }
    }
}

static void every_phase_has_a_sentence_in_every_language(void **state)
{
    (void)state;
    for (size_t l = 0; l < COUNT(languages); l++) {
        for (enum ask_phase p = ASK_READING; p <= ASK_ENDED; p++) {
            translate_open(languages[l]);
            char *text = g_strdup(texts_phase(p));
            bool waits = p >= ASK_WAIT_PCSC && p <= ASK_NO_CERT;
            assert_true(is_sentence(text));
            assert_int_equal(is_sentence(texts_advice(p)), waits);
            assert_int_equal(texts_report(p) != NULL, waits);
            translate_open(LANG_EN);
            assert_int_equal(strcmp(text, texts_phase(p)) == 0, languages[l] == LANG_EN);
            g_free(text);
        }
    }
}

static void every_method_has_its_texts_in_every_language(void **state)
{
    (void)state;
    for (size_t l = 0; l < COUNT(languages); l++) {
        translate_open(languages[l]);
        for (enum method m = METHOD_AUTHENTICATE; m <= METHOD_SUBSCRIBE; m++) {
            char *task = texts_task(m, 1);
            assert_true(g_str_has_prefix(texts_title(m), "Korttisilta – "));
            assert_true(is_sentence(texts_meaning(m)));
            assert_non_null(strchr(texts_confirm(m), '_')); /* reached by a key */
            assert_true(strlen(task) > 0);
            g_free(task);
        }
    }
}

static void the_pins_have_the_names_that_the_issuer_gave_them(void **state)
{
    static const struct {
        enum lang lang;
        const char *pin1, *pin2;
    } rows[] = {
        {LANG_FI, "PIN1 (perustunnusluku)", "PIN2 (allekirjoitustunnusluku)"},
        {LANG_SV, "PIN1 (baskod)", "PIN2 (signaturkod)"},
        {LANG_EN, "PIN1 (basic PIN)", "PIN2 (signature PIN)"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        translate_open(rows[i].lang);
        assert_string_equal(texts_pin(1), rows[i].pin1);
        assert_string_equal(texts_pin(2), rows[i].pin2);
        char *wrong = texts_error(ERR_PIN_WRONG, 2);
        assert_true(g_str_has_prefix(wrong, rows[i].pin2));
        g_free(wrong);
    }
}

static void numbers_and_dates_are_written_as_the_language_does(void **state)
{
    struct ask_cert c = {.not_before = 0, .not_after = 4102444800, .pin_min = 4, .pin_max = 8};
    (void)state;
    setenv("TZ", "UTC", 1);
    translate_open(LANG_FI);
    assert_text(texts_date(1893456000), "1.1.2030");
    assert_text(texts_validity(&c), "voimassa 1.1.2100 asti");
    c.not_after = 1735689600;
    assert_text(texts_validity(&c), "vanhentunut 1.1.2025");
    assert_text(texts_size(1), "1 tavu");
    assert_text(texts_size(999), "999 tavua");
    assert_text(texts_size(48213), "48 kt");
    assert_text(texts_size(1483210), "1,4 Mt");
    assert_text(texts_tries(1), "1 yritys jäljellä");
    assert_text(texts_tries(3), "3 yritystä jäljellä");
    assert_text(texts_task(METHOD_SIGN, 1), "Allekirjoita 1 asiakirja");
    assert_text(texts_task(METHOD_SIGN, 500), "Allekirjoita 500 asiakirjaa");
    translate_open(LANG_SV);
    assert_text(texts_date(1893456000), "1.1.2030");
    assert_text(texts_size(1483210), "1,4 MB");
    assert_text(texts_task(METHOD_SIGN, 2), "Underteckna 2 handlingar");
    translate_open(LANG_EN);
    assert_text(texts_date(1893456000), "2030-01-01");
    assert_text(texts_size(1483210), "1.4 MB");
    assert_text(texts_validity(&c), "expired on 2025-01-01");
    c.usable = ASK_NOT_YET_VALID;
    c.not_after = 4102444800;
    assert_text(texts_validity(&c), "valid from 1970-01-01 to 2100-01-01");
    assert_text(texts_date(INT64_MAX), "?");
}

static void identities_on_one_card_are_told_apart(void **state)
{
    struct ask_cert c = {.holder = span_str("Maija Meikäläinen"),
                         .person_id = span_str("SE2321000016-T0335"),
                         .id_kind = ID_HSA,
                         .employer = span_str("Region Test, Avdelning")};
    (void)state;
    translate_open(LANG_SV);
    assert_text(texts_identifier(&c), "HSA-id: SE2321000016-T0335");
    assert_text(texts_employer(&c), "Arbetsgivare: Region Test, Avdelning");
    translate_open(LANG_FI);
    assert_text(texts_identifier(&c), "HSA-tunnus: SE2321000016-T0335");
    translate_open(LANG_EN);
    c.holder = span_str("Maija Meikäläinen 191212121212");
    c.person_id = span_str("191212121212");
    c.id_kind = ID_PERSONAL;
    c.employer = span_of(NULL, 0);
    assert_text(texts_holder(&c), "Maija Meikäläinen");
    assert_text(texts_identifier(&c), "Personal identity number: 191212121212");
    assert_null(texts_employer(&c));
    c.holder = span_str("MEIKÄLÄINEN MAIJA 99900335E"); /* as DVV writes it */
    c.person_id = span_str("99900335E");
    c.id_kind = ID_SATU;
    assert_null(texts_identifier(&c));
    c.person_id = span_of(NULL, 0);
    assert_null(texts_identifier(&c));
}

static void a_certificate_that_ends_soon_says_when(void **state)
{
    int64_t now = clock_calendar_s();
    struct ask_cert c = {.not_before = 0, .not_after = now + 2 * 86400 + 3600};
    (void)state;
    setenv("TZ", "UTC", 1);
    translate_open(LANG_EN);
    char *date = texts_date(c.not_after);
    char *want = g_strdup_printf("valid until %s – expires in 2 days", date);
    assert_text(texts_validity(&c), want);
    g_free(want);
    c.usable = ASK_EXPIRED;
    want = g_strdup_printf("valid until %s", date);
    assert_text(texts_validity(&c), want);
    g_free(want);
    g_free(date);
    c.usable = ASK_USABLE;
    c.not_after = now + 31 * 86400;
    char *text = texts_validity(&c);
    assert_null(strstr(text, "expires"));
    g_free(text);
}

static void the_list_says_what_can_be_done_with_it(void **state)
{
    struct ask_state s = {.n_certs = 2};
    (void)state;
    translate_open(LANG_EN);
    assert_string_equal(texts_certs(&s), "Choose the certificate");
    s.certs[1].usable = ASK_NOT_ACCEPTED;
    assert_string_equal(texts_certs(&s), "Your certificate");
    s.certs[0].usable = ASK_EXPIRED;
    assert_string_equal(texts_certs(&s), "Certificates that can't be used");
}

static void the_hint_says_how_many_tries_are_left_when_the_card_tells(void **state)
{
    struct ask_cert c = {.pin_min = 4, .pin_max = 8, .tries_left = 2};
    (void)state;
    translate_open(LANG_EN);
    assert_text(texts_pin_hint(&c), "2 tries left · 4–8 digits");
    c.tries_left = -1;
    assert_text(texts_pin_hint(&c), "4–8 digits");
}

static void an_error_that_the_phase_says_is_not_said_twice(void **state)
{
    (void)state;
    translate_open(LANG_EN);
    assert_null(texts_phase_error(ASK_WAIT_CARD, ERR_NO_CARD, 1));
    assert_null(texts_phase_error(ASK_READY, ERR_OK, 1));
    assert_text(texts_phase_error(ASK_WAIT_CARD, ERR_CARD_REMOVED, 1),
                "The card was taken out too early.");
    assert_text(texts_phase_error(ASK_READY, ERR_PIN_WRONG, 1), "PIN1 (basic PIN) was wrong.");
}

static void a_digest_is_shown_short_and_whole(void **state)
{
    static const uint8_t bytes[32] = {0x00, 0x01, 0x02, 0x03, [31] = 0xFF};
    const struct ask_document d = {.hash = HASH_SHA256, .digest = span_of(bytes, sizeof bytes)};
    (void)state;
    assert_text(texts_digest_short(&d), "SHA-256 00010203…000000ff");
    char *whole = texts_digest_full(&d);
    assert_int_equal(strlen(whole), 64 + 15);
    assert_true(g_str_has_prefix(whole, "0001 0203 0000 "));
    assert_true(g_str_has_suffix(whole, " 00ff"));
    g_free(whole);
}

static void foreign_text_loses_what_could_mislead_or_drive_a_terminal(void **state)
{
    (void)state;
    assert_text(texts_safe(span_str("a\x1b[2Jb\r\nc")), "a [2Jb c");
    assert_text(texts_safe(span_str("exe\xE2\x80\xAE"
                                    "fdp.")),
                "exefdp.");
    assert_text(texts_safe(span_str("<b>ä</b>")), "<b>ä</b>");
    assert_text(texts_safe(span_str("\xFF")), "");
    assert_text(texts_safe(span_of(NULL, 0)), "");
}

static void every_reason_and_every_warning_is_a_sentence(void **state)
{
    (void)state;
    for (size_t l = 0; l < COUNT(languages); l++) {
        translate_open(languages[l]);
        for (enum ask_usable u = ASK_EXPIRED; u <= ASK_PIN_BLOCKED; u++) {
            assert_true(is_sentence(texts_unusable(u)));
        }
        for (enum origin_note n = ORIGIN_UNUSUAL; n <= ORIGIN_UNREADABLE; n++) {
            assert_true(is_sentence(texts_origin_note(n)));
        }
        char *last = texts_last_try(1);
        assert_true(is_sentence(last) && strstr(last, texts_pin(1)) != NULL);
        g_free(last);
    }
    assert_string_equal(texts_unusable(ASK_USABLE), "");
    assert_string_equal(texts_origin_note(ORIGIN_PLAIN), "");
}

static void a_search_in_names_keeps_the_letters_of_the_languages_apart(void **state)
{
    static const struct {
        const char *name, *wanted;
        bool has;
    } rows[] = {
        {"Työsopimus 2026.pdf", "TYÖ", true},
        {"TYÖSOPIMUS", "työsop", true},
        {"Ääkköset", "aak", false},
        {"Årsredovisning", "års", true},
        {"Årsredovisning", "ars", false},
        {"a\u030Angest", "ång", true},
        {"ångest", "A\u030ANG", true},
        {"a.pdf", "", true},
        {"a.pdf", "\xC3", false},
        {"", "a", false},
        {"100%.pdf", "0%", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(texts_name_has(span_str(rows[i].name), rows[i].wanted), rows[i].has);
    }
}

static void a_search_says_that_all_will_be_signed(void **state)
{
    (void)state;
    translate_open(LANG_EN);
    assert_text(texts_found(12, 500), "12 of 500 documents shown; all 500 will be signed.");
    for (size_t l = 0; l < COUNT(languages); l++) {
        translate_open(languages[l]);
        for (size_t shown = 0; shown < 2; shown++) {
            char *text = texts_found(shown, 500);
            assert_true(is_sentence(text) && strstr(text, "500") != NULL);
            g_free(text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_a_sentence_and_a_next_step_in_every_language),
        cmocka_unit_test(a_mistake_of_the_service_is_told_as_one),
        cmocka_unit_test(every_phase_has_a_sentence_in_every_language),
        cmocka_unit_test(every_method_has_its_texts_in_every_language),
        cmocka_unit_test(the_pins_have_the_names_that_the_issuer_gave_them),
        cmocka_unit_test(numbers_and_dates_are_written_as_the_language_does),
        cmocka_unit_test(identities_on_one_card_are_told_apart),
        cmocka_unit_test(a_certificate_that_ends_soon_says_when),
        cmocka_unit_test(the_list_says_what_can_be_done_with_it),
        cmocka_unit_test(the_hint_says_how_many_tries_are_left_when_the_card_tells),
        cmocka_unit_test(an_error_that_the_phase_says_is_not_said_twice),
        cmocka_unit_test(a_digest_is_shown_short_and_whole),
        cmocka_unit_test(foreign_text_loses_what_could_mislead_or_drive_a_terminal),
        cmocka_unit_test(a_search_in_names_keeps_the_letters_of_the_languages_apart),
        cmocka_unit_test(a_search_says_that_all_will_be_signed),
        cmocka_unit_test(every_reason_and_every_warning_is_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
