/* The dialects in which a digest reaches the card; what all have in common is in test_card.c. */
#include "unit/card/replay.h"
#include "unit/os/scratch.h"

#include "card/card.h"

static const uint8_t idme[] = {0x3B, 0xDD, 0x96, 0x00, 0x80, 0x31, 0xFE, 0x45, 0x00, 0x31, 0xB8,
                               0x64, 0x04, 0x29, 0xEC, 0xC1, 0x73, 0x94, 0x01, 0x80, 0x82, 0x48};

#define APPLICATION "> 00A4040C0CA000000063504B43532D3135\n< 9000\n"
#define E_SIGN      "> 00A4040C06452E5349474E\n< 9000\n"
#define HASH        "0101010101010101010101010101010101010101010101010101010101010101"
#define READ_SIGN                                                                                  \
    E_SIGN "> 00200004\n< 63C5\n> 00A4020C024332\n< 9000\n> 00B0000000\n< 3006 040402010203 "      \
           "9000\n"

static struct replay r;
static struct card *card;
#define JOBS 3

static struct card_job jobs[JOBS];
static struct card_job *const job = &jobs[0];
static size_t done;

static int start(void **state)
{
    return scratch_make(state) != 0 || setenv("XDG_RUNTIME_DIR", scratch, 1) != 0;
}

static enum err run_batch(const char *script, bool t1, enum cert_use use, const char *digits,
                          size_t n)
{
    struct secret *pin = NULL;
    replay_init(&r, span_of(idme, sizeof idme));
    r.io.t1 = t1;
    if (*script == '>') {
        replay_text(&r, script);
    } else {
        replay_file(&r, script);
    }
    assert_int_equal(card_open(&r.io, &card), ERR_OK);
    enum err e = card_read_keys(card, use, 0);
    if (e == ERR_OK) {
        assert_int_equal(secret_new(&pin), ERR_OK);
        while (*digits != '\0') {
            assert_int_equal(secret_push(pin, (uint8_t)*digits++), ERR_OK);
        }
        for (size_t i = 0; i < n; i++) {
            jobs[i] = (struct card_job){.alg = {SIG_RSA_PSS, HASH_SHA256}};
            memset(jobs[i].digest, 1, 32);
        }
        e = card_sign(card, &card->keys[0], &(struct card_pin){.value = pin}, jobs, n, NULL, NULL,
                      &done);
        secret_free(&pin);
    }
    assert_int_equal(r.at, r.n);
    card_free(&card);
    replay_clear(&r);
    return e;
}

static enum err run(const char *script, bool t1, enum cert_use use, const char *digits)
{
    return run_batch(script, t1, use, digits, 1);
}

/* n bytes of 5A and a status word */
static const char *block(size_t n, const char *sw)
{
    static char text[2][1024];
    static size_t next;
    char *at = text[next++ % 2];
    for (size_t i = 0; i < n; i++) {
        memcpy(at + 2 * i, "5A", 2);
    }
    strcpy(at + 2 * n, sw);
    return at;
}

static void organisation_cards_take_the_digest_with_the_command(void **state)
{
    static char script[8192];
    (void)state;
    for (int t1 = 0; t1 <= 1; t1++) {
        if (t1 == 0) {
            snprintf(script, sizeof script,
                     READ_SIGN E_SIGN
                     "> 0020000406 313233343536\n< 9000\n> 002241B606800145840182\n< 9000\n"
                     "> 002A9E9A20" HASH "\n< 6100\n> 00C0000000\n< %s\n> 00C0000080\n< %s\n",
                     block(256, "6180"), block(128, "9000"));
        } else {
            snprintf(script, sizeof script,
                     READ_SIGN E_SIGN
                     "> 0020000406 313233343536\n< 9000\n> 002241B606800145840182\n< 9000\n"
                     "> 002A9E9A20" HASH "00\n< %s\n> 00C0000080\n< %s\n",
                     block(256, "6180"), block(128, "9000"));
        }
        assert_int_equal(run(script, t1 == 1, CERT_SIGN, "123456"), ERR_OK);
        assert_int_equal(job->value_len, 384);
    }
}

/* With an Le the card tells the right one; on T=0 the command has none and is not sent again. */
static void a_wrong_length_is_mended_only_where_there_was_one(void **state)
{
    static char script[8192];
    (void)state;
    for (int t1 = 0; t1 <= 1; t1++) {
        snprintf(script, sizeof script,
                 READ_SIGN E_SIGN
                 "> 0020000406 313233343536\n< 9000\n> 002241B606800145840182\n< 9000\n"
                 "> 002A9E9A20" HASH "%s\n< 6C80\n%s",
                 t1 == 1 ? "00" : "", t1 == 1 ? "> 002A9E9A20" HASH "80\n< 6982\n" : "");
        assert_int_equal(run(script, t1 == 1, CERT_SIGN, "123456"), ERR_CARD_STATUS);
    }
}

static void a_pin_is_sent_as_typed_where_nothing_is_padded(void **state)
{
    (void)state;
    assert_int_equal(run(APPLICATION "> 00200003\n< 63C5\n> 00A4080C024331\n< 9000\n"
                                     "> 00B0000000\n< 3006 040402010203 9000\n" APPLICATION
                                     "> 0020000305 3132333435\n< 63C4\n",
                         true, CERT_AUTH, "12345"),
                     ERR_PIN_WRONG);
    assert_int_equal(run(APPLICATION "> 00200003\n< 63C5\n> 00A4080C024331\n< 9000\n"
                                     "> 00B0000000\n< 3006 040402010203 9000\n",
                         true, CERT_AUTH, "123456789"),
                     ERR_PIN_FORMAT);
}

/* SELECT of a file that is not there is answered 9000 on these cards. */
static void a_file_that_only_seems_to_be_there_is_missing(void **state)
{
    (void)state;
    assert_int_equal(run(E_SIGN "> 00200004\n< 63C5\n> 00A4020C024332\n< 9000\n"
                                "> 00B0000000\n< 6986\n",
                         true, CERT_SIGN, "123456"),
                     ERR_CERT_NOT_FOUND);
}

static void a_signature_that_the_card_refuses_is_told(void **state)
{
    static const char *const answers[] = {"6982", "6985", "6A80", "9000", "5A5A9000"};
    static char script[2048];
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        snprintf(script, sizeof script,
                 READ_SIGN E_SIGN
                 "> 0020000406 313233343536\n< 9000\n> 002241B606800145840182\n< 9000\n"
                 "> 002A9E9A20" HASH "00\n< %s\n",
                 answers[i]);
        assert_int_equal(run(script, true, CERT_SIGN, "123456"),
                         i < 3 ? ERR_CARD_STATUS : ERR_CARD_IO);
        assert_int_equal(job->value_len, 0);
    }
}

#define VERIFY      "> 0020000406 313233343536\n< 9000\n"
#define ENVIRONMENT "> 002241B606800145840182\n< 9000\n"
#define COMPUTE     "> 002A9E9A20" HASH "00\n"

static const char *signature(void)
{
    static char text[2048];
    snprintf(text, sizeof text, ENVIRONMENT COMPUTE "< %s\n> 00C0000080\n< %s\n",
             block(256, "6180"), block(128, "9000"));
    return text;
}

static void a_pin_that_lasts_is_presented_once(void **state)
{
    static char script[8192];
    const char *sig = signature();
    (void)state;
    snprintf(script, sizeof script, READ_SIGN E_SIGN VERIFY "%s%s%s", sig, sig, sig);
    assert_int_equal(run_batch(script, true, CERT_SIGN, "123456", 3), ERR_OK);
    assert_int_equal(done, 3);
    assert_int_equal(jobs[2].value_len, 384);
}

/* The second signature finds it out; from then on the PIN goes before each. */
static void a_pin_that_does_not_last_is_presented_again(void **state)
{
    static const char *const refusals[] = {
        ENVIRONMENT COMPUTE "< 6982\n",
        ENVIRONMENT COMPUTE "< 6985\n",
        "> 002241B606800145840182\n< 6982\n",
    };
    static char script[8192];
    const char *sig = signature();
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        snprintf(script, sizeof script, READ_SIGN E_SIGN VERIFY "%s%s" VERIFY "%s" VERIFY "%s", sig,
                 refusals[i], sig, sig);
        assert_int_equal(run_batch(script, true, CERT_SIGN, "123456", 3), ERR_OK);
        assert_int_equal(done, 3);
        assert_int_equal(jobs[2].value_len, 384);
    }
}

static void a_refusal_with_the_pin_presented_is_final(void **state)
{
    static char script[8192];
    (void)state;
    snprintf(script, sizeof script,
             READ_SIGN E_SIGN VERIFY "%s" ENVIRONMENT COMPUTE "< 6982\n" VERIFY ENVIRONMENT COMPUTE
                                     "< 6982\n",
             signature());
    assert_int_equal(run_batch(script, true, CERT_SIGN, "123456", 3), ERR_CARD_STATUS);
    assert_int_equal(done, 1);
    snprintf(script, sizeof script, READ_SIGN E_SIGN VERIFY "%s" ENVIRONMENT COMPUTE "< 6A80\n",
             signature());
    assert_int_equal(run_batch(script, true, CERT_SIGN, "123456", 3), ERR_CARD_STATUS);
    assert_int_equal(done, 1);
}

static void a_pin_that_has_become_wrong_meanwhile_ends_the_batch(void **state)
{
    static char script[8192];
    (void)state;
    snprintf(script, sizeof script,
             READ_SIGN E_SIGN VERIFY "%s" ENVIRONMENT COMPUTE
                                     "< 6982\n> 0020000406 313233343536\n< 63C4\n",
             signature());
    assert_int_equal(run_batch(script, true, CERT_SIGN, "123456", 3), ERR_PIN_WRONG);
    assert_int_equal(done, 1);
}

static void organisation_cards_sign_a_batch_on_t0(void **state)
{
    static const char *const files[] = {"org_sign_lasting.apdu", "org_sign_oneshot.apdu"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(run_batch(files[i], false, CERT_SIGN, "123456", 3), ERR_OK);
        assert_int_equal(done, 3);
        assert_int_equal(jobs[1].value[0], 0xA2);
        assert_int_equal(jobs[2].value[383], 0xB3);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, scratch_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(organisation_cards_take_the_digest_with_the_command),
        TEST(a_wrong_length_is_mended_only_where_there_was_one),
        TEST(a_pin_is_sent_as_typed_where_nothing_is_padded),
        TEST(a_file_that_only_seems_to_be_there_is_missing),
        TEST(a_signature_that_the_card_refuses_is_told),
        TEST(a_pin_that_lasts_is_presented_once),
        TEST(organisation_cards_sign_a_batch_on_t0),
        TEST(a_pin_that_does_not_last_is_presented_again),
        TEST(a_refusal_with_the_pin_presented_is_final),
        TEST(a_pin_that_has_become_wrong_meanwhile_ends_the_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
