/* Deciphering; what it shares with signing (the PIN, its tries, the same card) is in test_card.c.
 */
#include "unit/card/replay.h"
#include "unit/os/scratch.h"

#include "card/card.h"

#define VERIFY  "> 002000110C 31323334 0000000000000000\n< 9000\n"
#define MSE_RSA "> 002241B806 80011A 840101\n< 9000\n"
#define MSE_EC  "> 002241B803 840101\n< 9000\n"

static struct replay r;
static struct card *card;
static struct buf out;
static size_t fault_at; /* the exchange at which the card is pulled; 0: none */

static int start(void **state)
{
    return scratch_make(state) != 0 || setenv("XDG_RUNTIME_DIR", scratch, 1) != 0;
}

/* Reads the card of a script of tests/replay, up to its VERIFY; then `script`. */
static enum err run(const char *file, struct span atr, bool t1, const char *script,
                    enum dec_alg alg, struct span cryptogram)
{
    struct secret *pin = NULL;
    size_t at = 0;
    replay_init(&r, atr);
    r.io.t1 = t1;
    replay_file(&r, file);
    while (r.steps[at].command.len < 6 || r.steps[at].command.at[1] != 0x20) {
        at++;
    }
    replay_cut(&r, at);
    replay_text(&r, script);
    r.fault = fault_at > 0 ? FAULT_REMOVED : FAULT_NONE;
    r.fault_at = fault_at;
    buf_init(&out, LIMIT_SIGNATURE);
    assert_int_equal(card_open(&r.io, &card), ERR_OK);
    assert_int_equal(card_read_keys(card, CERT_AUTH, 0), ERR_OK);
    assert_int_equal(secret_new(&pin), ERR_OK);
    for (const char *digit = "1234"; *digit != '\0'; digit++) {
        assert_int_equal(secret_push(pin, (uint8_t)*digit), ERR_OK);
    }
    enum err e =
        card_decrypt(card, &card->keys[0], &(struct card_pin){.value = pin}, alg, cryptogram, &out);
    assert_int_equal(r.brackets, r.ends);
    secret_free(&pin);
    return e;
}

static void end(void)
{
    buf_clear(&out);
    card_free(&card);
    replay_clear(&r);
    assert_int_equal(scratch_drop(NULL), 0); /* the certificate that was remembered */
    assert_int_equal(start(NULL), 0);
}

static const char *repeat(const char *hex, size_t n)
{
    static char text[4][1024];
    static size_t next;
    char *at = text[next++ % 4];
    for (size_t i = 0; i < n; i++) {
        memcpy(at + 2 * i, hex, 2);
    }
    at[2 * n] = '\0';
    return at;
}

static enum err run_rsa(bool t1, const char *mse, enum dec_alg alg, const char *last, size_t len)
{
    static uint8_t cryptogram[LIMIT_SIGNATURE];
    char script[4096];
    memset(cryptogram, 0x11, sizeof cryptogram);
    snprintf(script, sizeof script, VERIFY "%s> 102A8086FF81%s\n< 9000\n> 002A808682%s%s\n< %s\n",
             mse, repeat("11", 254), repeat("11", 130), t1 ? "00" : "", last);
    return run("v31_auth_cold.apdu", span_of(replay_atr_v31, sizeof replay_atr_v31), t1, script,
               alg, span_of(cryptogram, len));
}

static void a_cryptogram_of_rsa_goes_in_two_parts(void **state)
{
    (void)state;
    for (int t1 = 0; t1 <= 1; t1++) {
        assert_int_equal(run_rsa(t1 == 1, MSE_RSA, DEC_RSA_PKCS1,
                                 t1 == 1 ? "0102039000" : "6103\n> 00C0000003\n< 0102039000", 384),
                         ERR_OK);
        assert_true(span_eq(buf_span(&out), span_of("\1\2\3", 3)));
        assert_int_equal(r.at, r.n);
        assert_int_equal(r.verifies, 1);
        assert_int_equal(r.resets, 1);
        end();
    }
    assert_int_equal(
        run_rsa(true, "> 002241B806 80015D 840101\n< 9000\n", DEC_OAEP_SHA384, "0102039000", 384),
        ERR_OK);
    end();
}

static void whatever_the_card_says_against_it_is_one_error(void **state)
{
    static const char *const answers[] = {"6A80", "6985", "6982", "6988", "6F00",
                                          "6700", "6C03", "9000", "63C4", "6983"};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        assert_int_equal(run_rsa(true, MSE_RSA, DEC_RSA_PKCS1, answers[i], 384),
                         ERR_DECRYPT_FAILED);
        assert_int_equal(out.len, 0);
        assert_int_equal(r.resets, 1);
        assert_false(card->keys[0].pin_blocked); /* no word of the PIN is read into it */
        end();
    }
}

static void more_than_fits_the_padding_is_no_plaintext(void **state)
{
    char answer[1024];
    (void)state;
    snprintf(answer, sizeof answer, "%s6176\n> 00C0000076\n< %s9000", repeat("5A", 256),
             repeat("5A", 118)); /* 374 bytes: PKCS#1 v1.5 leaves 373 */
    assert_int_equal(run_rsa(true, MSE_RSA, DEC_RSA_PKCS1, answer, 384), ERR_DECRYPT_FAILED);
    end();
    snprintf(answer, sizeof answer, "%s6175\n> 00C0000075\n< %s9000", repeat("5A", 256),
             repeat("5A", 117));
    assert_int_equal(run_rsa(true, MSE_RSA, DEC_RSA_PKCS1, answer, 384), ERR_OK);
    assert_int_equal(out.len, 373);
    end();
}

static void what_does_not_fit_the_key_never_begins(void **state)
{
    (void)state;
    assert_int_equal(run_rsa(true, MSE_RSA, DEC_RSA_PKCS1, "9000", 256), ERR_ALG_UNSUPPORTED);
    assert_int_equal(r.verifies, 0);
    assert_int_equal(r.brackets, 1);
    end();
    assert_int_equal(run_rsa(true, MSE_RSA, DEC_ECDH, "9000", 97), ERR_ALG_UNSUPPORTED);
    assert_int_equal(r.verifies, 0);
    assert_false(card_key_decrypts(card, &card->keys[0], DEC_ECDH));
    assert_true(card_key_decrypts(card, &card->keys[0], DEC_OAEP_SHA1));
    end();
}

static void an_environment_that_is_refused_does_not_depend_on_what_was_sent(void **state)
{
    (void)state;
    assert_int_equal(
        run_rsa(true, "> 002241B806 80011A 840101\n< 6A80\n", DEC_RSA_PKCS1, "9000", 384),
        ERR_CARD_STATUS);
    end();
}

static enum err run_ec(const char *answer)
{
    uint8_t point[97];
    char script[2048];
    memset(point, 0x22, sizeof point);
    snprintf(script, sizeof script, VERIFY MSE_EC "> 002A80866200%s\n< %s\n", repeat("22", 97),
             answer);
    return run("v4_auth_cold.apdu", span_of(replay_atr_v4, sizeof replay_atr_v4), false, script,
               DEC_ECDH, span_of(point, sizeof point));
}

static void a_point_gives_a_coordinate_as_wide_as_the_field(void **state)
{
    static const struct {
        size_t len;
        enum err want;
    } rows[] = {{48, ERR_OK}, {47, ERR_DECRYPT_FAILED}, {49, ERR_DECRYPT_FAILED}};
    char answer[512];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(answer, sizeof answer, "61%02zX\n> 00C00000%02zX\n< %s9000", rows[i].len,
                 rows[i].len, repeat("5A", rows[i].len));
        assert_int_equal(run_ec(answer), rows[i].want);
        assert_int_equal(out.len, rows[i].want == ERR_OK ? 48 : 0);
        end();
    }
    assert_int_equal(run_ec("6A80"), ERR_DECRYPT_FAILED);
    end();
}

static void a_card_that_is_pulled_is_told_as_that(void **state)
{
    (void)state;
    assert_int_equal(run_ec("6A80"), ERR_DECRYPT_FAILED);
    size_t last = r.n - 1;
    end();
    fault_at = last;
    assert_int_equal(run_ec("6A80"), ERR_CARD_REMOVED);
    fault_at = 0;
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_cryptogram_of_rsa_goes_in_two_parts, start, scratch_drop),
        cmocka_unit_test_setup_teardown(whatever_the_card_says_against_it_is_one_error, start,
                                        scratch_drop),
        cmocka_unit_test_setup_teardown(more_than_fits_the_padding_is_no_plaintext, start,
                                        scratch_drop),
        cmocka_unit_test_setup_teardown(what_does_not_fit_the_key_never_begins, start,
                                        scratch_drop),
        cmocka_unit_test_setup_teardown(
            an_environment_that_is_refused_does_not_depend_on_what_was_sent, start, scratch_drop),
        cmocka_unit_test_setup_teardown(a_point_gives_a_coordinate_as_wide_as_the_field, start,
                                        scratch_drop),
        cmocka_unit_test_setup_teardown(a_card_that_is_pulled_is_told_as_that, start, scratch_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
