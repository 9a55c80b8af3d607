#include "unit/card/replay.h"
#include "unit/os/scratch.h"

#include "card/card.h"
#include "card/profile.h"

#define EPOCH 42u

/* One card in a replay reader, opened; the runtime folder with the cache lasts one test. */
static struct replay r;
static struct card *card;
static struct card_job jobs[3];
static size_t done;
static size_t progress_calls, progress_stop_after;

static int start(void **state)
{
    memset(jobs, 0, sizeof jobs);
    progress_stop_after = 99;
    done = 99;
    return scratch_make(state) != 0 || setenv("XDG_RUNTIME_DIR", scratch, 1) != 0;
}

static void insert(const char *file, struct span atr)
{
    replay_init(&r, atr);
    replay_file(&r, file);
    assert_int_equal(card_open(&r.io, &card), ERR_OK);
}

static void insert_v4(const char *file)
{
    insert(file, span_of(replay_atr_v4, sizeof replay_atr_v4));
}

static void insert_v31(const char *file)
{
    insert(file, span_of(replay_atr_v31, sizeof replay_atr_v31));
}

/* Every bracket that began has ended, and the connection is given back. */
static void take_out(void)
{
    assert_false(r.is_open);
    assert_int_equal(r.brackets, r.ends);
    card_free(&card);
    assert_null(card);
    assert_int_equal(r.frees, 1);
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

static bool count_progress(void *user, size_t made, size_t total)
{
    assert_ptr_equal(user, &r);
    assert_int_equal(made, ++progress_calls);
    assert_true(made <= total);
    return made < progress_stop_after;
}

/* Signs n jobs with the first algorithm of the key; digests are n bytes of the job's number. */
static enum err sign_as(struct card_key *k, const char *digits, bool agreed, size_t n)
{
    struct secret *pin = secret_of(digits);
    const struct card_pin how = {pin, NULL, agreed};
    progress_calls = 0;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(card_key_algs(card, k, &jobs[i].alg, 1), 1);
        memset(jobs[i].digest, (int)(i + 1), alg_hash_len(jobs[i].alg.hash));
    }
    enum err e = card_sign(card, k, &how, jobs, n, count_progress, &r, &done);
    secret_free(&pin);
    return e;
}

static const char *pin_of(enum cert_use use)
{
    return use == CERT_AUTH ? "1234" : "123456";
}

/* Reads the keys and signs with the first one. */
static enum err run(enum cert_use use, uint64_t epoch, size_t n)
{
    enum err e = card_read_keys(card, use, epoch);
    if (e == ERR_OK) {
        e = sign_as(&card->keys[0], pin_of(use), false, n);
    }
    return e;
}

/* The card of one cold authentication, so that it is in the cache. */
static void know_v4(void)
{
    insert_v4("v4_auth_cold.apdu");
    assert_int_equal(card_read_keys(card, CERT_AUTH, EPOCH), ERR_OK);
    take_out();
}

static void assert_all_played(size_t exchanges)
{
    assert_int_equal(r.at, exchanges);
    assert_int_equal(r.at, r.n);
}

static void a_cold_authentication_on_v4_takes_13_exchanges(void **state)
{
    (void)state;
    insert_v4("v4_auth_cold.apdu");
    assert_int_equal(card_read_keys(card, CERT_AUTH, EPOCH), ERR_OK);
    assert_int_equal(r.at, 8);
    assert_int_equal(card->n_keys, 1);
    assert_int_equal(card->keys[0].cert.len, 1087);
    assert_int_equal(card->keys[0].tries_left, 5);
    assert_int_equal(card->keys[0].pin_index, 1);
    assert_true(card->keys[0].pin_activated);
    assert_false(card->keys[0].pin_blocked);
    assert_int_equal(card_key_type(card, &card->keys[0]).bits, 384);
    assert_int_equal(r.resets, 0); /* nothing was verified yet */
    assert_int_equal(sign_as(&card->keys[0], "1234", false, 1), ERR_OK);
    assert_all_played(13);
    assert_int_equal(done, 1);
    assert_int_equal(jobs[0].value_len, 96);
    assert_memory_equal(jobs[0].value, r.steps[12].answer.at, 96);
    assert_int_equal(r.resets, 1);
    take_out();
}

static void a_card_that_was_not_removed_takes_7_exchanges(void **state)
{
    (void)state;
    know_v4();
    insert_v4("v4_auth_known.apdu");
    assert_int_equal(run(CERT_AUTH, EPOCH, 1), ERR_OK);
    assert_all_played(7);
    assert_int_equal(card->keys[0].cert.len, 1087);
    take_out();
}

static void a_card_that_came_back_is_recognised_with_9_exchanges(void **state)
{
    static const struct {
        uint64_t epoch;
        uint32_t count;
    } rows[] = {{0, 7}, {EPOCH + 1, 7}, {EPOCH, 9}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        know_v4();
        insert_v4("v4_auth_recognised.apdu");
        r.io.insertion_count = rows[i].count;
        assert_int_equal(run(CERT_AUTH, rows[i].epoch, 1), ERR_OK);
        assert_all_played(9);
        assert_int_equal(card->keys[0].cert.len, 1087);
        take_out();
    }
}

static void each_further_signature_takes_4_exchanges(void **state)
{
    (void)state;
    insert_v4("v4_sign_batch.apdu");
    assert_int_equal(run(CERT_SIGN, EPOCH, 3), ERR_OK);
    assert_all_played(13 + 4 + 4);
    assert_int_equal(done, 3);
    assert_int_equal(progress_calls, 3);
    assert_int_equal(r.verifies, 3);
    assert_int_equal(r.resets, 1);
    assert_int_equal(card->keys[0].pin_index, 2);
    assert_memory_not_equal(jobs[0].value, jobs[1].value, 96);
    take_out();
}

static void a_batch_stops_where_the_progress_says_so(void **state)
{
    (void)state;
    insert_v4("v4_sign_batch.apdu");
    progress_stop_after = 2;
    assert_int_equal(run(CERT_SIGN, EPOCH, 3), ERR_ABORTED);
    assert_int_equal(done, 2);
    assert_int_equal(r.verifies, 2);
    assert_int_equal(r.resets, 1);
    assert_int_equal(jobs[2].value_len, 0);
    take_out();
}

static void a_stop_after_the_last_signature_changes_nothing(void **state)
{
    (void)state;
    insert_v4("v4_sign_batch.apdu");
    progress_stop_after = 3;
    assert_int_equal(run(CERT_SIGN, EPOCH, 3), ERR_OK);
    assert_int_equal(done, 3);
    take_out();
}

static void v31_signs_with_rsa_in_two_parts(void **state)
{
    (void)state;
    insert_v31("v31_auth_cold.apdu");
    assert_int_equal(run(CERT_AUTH, EPOCH, 1), ERR_OK);
    assert_all_played(17);
    assert_int_equal(jobs[0].alg.scheme, SIG_RSA_PSS);
    assert_int_equal(jobs[0].value_len, 384);
    assert_int_equal(card_key_type(card, &card->keys[0]).kind, KEY_RSA);
    take_out();
}

static void v31_offers_both_signing_certificates(void **state)
{
    (void)state;
    insert_v31("v31_sign_cold.apdu");
    assert_int_equal(run(CERT_SIGN, EPOCH, 1), ERR_OK);
    assert_all_played(19);
    assert_int_equal(card->n_keys, 2);
    assert_int_equal(card_key_type(card, &card->keys[0]).bits, 256);
    assert_int_equal(card_key_type(card, &card->keys[1]).bits, 3072);
    assert_int_equal(jobs[0].value_len, 64);
    take_out();
}

static void a_certificate_that_is_not_there_is_left_out(void **state)
{
    (void)state;
    insert_v31("v31_sign_cold.apdu");
    replay_cut(&r, 8);
    replay_patch(&r, 7, "6A82"); /* SELECT of the second */
    assert_int_equal(card_read_keys(card, CERT_SIGN, EPOCH), ERR_OK);
    assert_int_equal(card->n_keys, 1);
    take_out();
}

static void a_card_without_the_wanted_certificate_says_so(void **state)
{
    static const char *const answers[] = {"6A82", "9000", "FFFFFFFF9000", "308220019000",
                                          "00000000000000009000"};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        insert_v4("v4_auth_cold.apdu");
        bool no_file = i == 0;
        replay_cut(&r, no_file ? 3 : 4);
        replay_patch(&r, no_file ? 2 : 3, answers[i]);
        enum err e = card_read_keys(card, CERT_AUTH, EPOCH);
        assert_int_equal(e, i == 1 ? ERR_CARD_IO : ERR_CERT_NOT_FOUND);
        assert_int_equal(card->n_keys, 0);
        take_out();
    }
}

static void short_blocks_and_padded_files_give_the_exact_certificate(void **state)
{
    static const char *const scripts[] = {
        /* blocks shorter than asked for */
        "> 00A4040C0CA000000063504B43532D3135\n< 9000\n> 00200011\n< 63C5\n"
        "> 00A4080C024331\n< 9000\n> 00B0000000\n< 30 9000\n> 00B0000103\n< 0604 9000\n> "
        "00B0000305\n< 0402 6282\n"
        "> 00B0000503\n< 0102 9000\n> 00B0000701\n< 03 9000\n",
        /* a file padded with 00 behind the certificate */
        "> 00A4040C0CA000000063504B43532D3135\n< 9000\n> 00200011\n< 63C5\n"
        "> 00A4080C024331\n< 9000\n> 00B0000000\n< 3006 040402010203 00000000000000 9000\n",
        /* a file shorter than a block: the card tells its length */
        "> 00A4040C0CA000000063504B43532D3135\n< 9000\n> 00200011\n< 63C5\n"
        "> 00A4080C024331\n< 9000\n> 00B0000000\n< 6C08\n> 00B0000008\n< 3006 040402010203 9000\n",
        /* a card that does not know P2=0C, and holds the answer back */
        "> 00A4040C0CA000000063504B43532D3135\n< 9000\n> 00200011\n< 63C5\n"
        "> 00A4080C024331\n< 6A86\n> 00A40804024331\n< 6106\n> 00C0000006\n< 620481020080 9000\n"
        "> 00B0000000\n< 3006 040402010203 9000\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        replay_init(&r, span_of(replay_atr_v4, sizeof replay_atr_v4));
        replay_text(&r, scripts[i]);
        assert_int_equal(card_open(&r.io, &card), ERR_OK);
        assert_int_equal(card_read_keys(card, CERT_AUTH, 0), ERR_OK);
        assert_int_equal(card->keys[0].cert.len, 8);
        assert_int_equal(card->keys[0].cert.at[0], 0x30);
        /* the certificate does not tell: the profile row does */
        assert_int_equal(card_key_type(card, &card->keys[0]).bits, 384);
        assert_int_equal(r.at, r.n);
        take_out();
    }
}

static void a_file_that_ends_before_its_certificate_is_an_error(void **state)
{
    static const char *const ends[] = {"6B00", "9000", "6282", "6A82"};
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        insert_v4("v4_auth_cold.apdu");
        replay_cut(&r, 6);
        replay_patch(&r, 5, ends[i]);
        enum err e = card_read_keys(card, CERT_AUTH, EPOCH);
        assert_true(e == ERR_CARD_IO || e == ERR_CARD_STATUS || e == ERR_CERT_NOT_FOUND);
        assert_int_equal(card->n_keys, 0);
        take_out();
    }
}

static void more_bytes_than_asked_for_are_an_error(void **state)
{
    (void)state;
    insert_v4("v4_auth_cold.apdu");
    replay_cut(&r, 8);
    struct buf *last = &r.steps[7].answer; /* 63 bytes and the status word */
    buf_truncate(last, last->len - 2);
    replay_hex("00 9000", 7, last);
    assert_int_equal(card_read_keys(card, CERT_AUTH, EPOCH), ERR_CARD_IO);
    take_out();
}

/* A certificate of 300 bytes, one byte in each block. */
static enum err drip(struct card_io *io, struct span command, uint8_t *answer, size_t *len)
{
    static const uint8_t head[] = {0x30, 0x82, 0x01, 0x28};
    size_t offset = (size_t)command.at[2] << 8 | command.at[3];
    (void)io;
    r.at++;
    bool is_read = command.at[1] == 0xB0;
    if (is_read) {
        *answer++ = offset < sizeof head ? head[offset] : 0xAA;
    }
    memcpy(answer, "\x90\x00", 2);
    *len = is_read ? 3 : 2;
    return ERR_OK;
}

static void a_card_that_drips_is_not_listened_to_for_ever(void **state)
{
    (void)state;
    insert_v4("v4_auth_cold.apdu");
    r.io.transmit = drip;
    assert_int_equal(card_read_keys(card, CERT_AUTH, EPOCH), ERR_CARD_IO);
    assert_true(r.at < LIMIT_READ_BLOCKS + 10);
    take_out();
}

static void a_wrong_pin_is_told_with_the_tries_left(void **state)
{
    static const struct {
        const char *answer;
        enum err err;
        int8_t tries;
        bool blocked;
        bool activated;
    } rows[] = {
        {"63C4", ERR_PIN_WRONG, 4, false, true},
        {"63C1", ERR_PIN_WRONG, 1, false, true},
        {"63C0", ERR_PIN_BLOCKED, 0, true, true},
        {"6983", ERR_PIN_BLOCKED, 0, true, true},
        {"6300", ERR_PIN_WRONG, -1, false, true},
        {"6984", ERR_PIN_NOT_ACTIVATED, -1, false, false},
        {"6A80", ERR_CARD_STATUS, 5, false, true},
        {"6700", ERR_CARD_STATUS, 5, false, true},
        {"6C0C", ERR_CARD_STATUS, 5, false, true},
        {"6A82", ERR_CARD_STATUS, 5, false, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        insert_v4("v4_sign_batch.apdu");
        replay_cut(&r, 10);
        replay_patch(&r, 9, rows[i].answer);
        assert_int_equal(run(CERT_SIGN, 0, 3), rows[i].err);
        assert_int_equal(r.verifies, 1); /* never a second time */
        assert_int_equal(card->keys[0].tries_left, rows[i].tries);
        assert_int_equal(card->keys[0].pin_blocked, rows[i].blocked);
        assert_int_equal(card->keys[0].pin_activated, rows[i].activated);
        assert_int_equal(r.resets, 1);
        assert_int_equal(done, 0);
        take_out();
        assert_int_equal(scratch_drop(NULL), 0);
        assert_int_equal(scratch_make(NULL), 0);
        assert_int_equal(setenv("XDG_RUNTIME_DIR", scratch, 1), 0);
    }
}

static void a_wrong_pin_counts_for_every_key_that_it_guards(void **state)
{
    (void)state;
    insert_v31("v31_sign_cold.apdu");
    replay_cut(&r, 16);
    replay_patch(&r, 15, "63C3");
    assert_int_equal(run(CERT_SIGN, EPOCH, 1), ERR_PIN_WRONG);
    assert_int_equal(card->keys[0].tries_left, 3);
    assert_int_equal(card->keys[1].tries_left, 3);
    take_out();
}

static void a_pin_that_the_card_has_just_refused_is_not_sent_again(void **state)
{
    static const char again[] = "> 00A4040C0CA000000063504B43532D3135\n< 9000\n"
                                "> 002000110C393837360000000000000000\n< 63C3\n";
    (void)state;
    know_v4();
    insert_v4("v4_auth_known.apdu");
    replay_cut(&r, 4);
    replay_patch(&r, 3, "63C4");
    replay_text(&r, again);
    assert_int_equal(run(CERT_AUTH, EPOCH, 1), ERR_PIN_WRONG);
    assert_int_equal(sign_as(&card->keys[0], "1234", true, 1), ERR_PIN_REPEATED);
    assert_int_equal(done, 0);
    assert_int_equal(r.at, 4);
    assert_int_equal(r.brackets, 2);
    assert_int_equal(sign_as(&card->keys[0], "9876", true, 1), ERR_PIN_WRONG);
    assert_int_equal(card->keys[0].tries_left, 3);
    assert_int_equal(sign_as(&card->keys[0], "9876", true, 1), ERR_PIN_REPEATED);
    assert_int_equal(r.at, 6);
    take_out();
}

/* The state that the probe of an authentication finds, in as few exchanges as it takes. */
static void the_state_of_a_pin_is_read_without_counting(void **state)
{
#define GET_DATA   "> 00CB00FF05A003830111\n"
#define CHANGED(x) "A0 12 830111 DF210405FFA503 DF28010C DF2F01" x " 9000"
    static const struct {
        const char *probe; /* answer, and what follows */
        int8_t tries;
        bool blocked;
        bool activated;
    } rows[] = {
        {"63C5\n", 5, false, true},
        {"63C1\n", 1, false, true},
        {"6984\n", -1, false, false},
        {"6983\n" GET_DATA "< 6115\n> 00C0000015\n< " CHANGED("01") "\n", 5, true, true},
        {"63C0\n" GET_DATA "< " CHANGED("00") "\n", 5, true, false},
        {"9000\n" GET_DATA "< " CHANGED("01") "\n", 5, false, true},
        {"9000\n" GET_DATA "< " CHANGED("00") "\n", 5, false, true},
        {"6983\n" GET_DATA "< 6D00\n", 0, true, true},
        {"9000\n" GET_DATA "< A0 03 DF2101 9000\n", -1, false, true},
        {"6300\n" GET_DATA "< 9000\n", -1, false, true},
    };
    (void)state;
    know_v4();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char script[512];
        snprintf(script, sizeof script,
                 "> 00A4040C0CA000000063504B43532D3135\n< 9000\n> 00200011\n< %s", rows[i].probe);
        replay_init(&r, span_of(replay_atr_v4, sizeof replay_atr_v4));
        replay_text(&r, script);
        assert_int_equal(card_open(&r.io, &card), ERR_OK);
        assert_int_equal(card_read_keys(card, CERT_AUTH, EPOCH), ERR_OK);
        assert_int_equal(r.at, r.n);
        assert_int_equal(card->keys[0].pin_blocked, rows[i].blocked);
        assert_int_equal(card->keys[0].pin_activated, rows[i].activated);
        if (!rows[i].blocked) {
            assert_int_equal(card->keys[0].tries_left, rows[i].tries);
        }
        take_out();
    }
}

static void nothing_is_sent_when_the_pin_can_not_be_right(void **state)
{
    static const char *const pins[] = {"",     "123",  "1234567890123",   "12a4",
                                       "12 4", "-123", "\xD9\xA1\xD9\xA2"};
    (void)state;
    know_v4();
    insert_v4("v4_auth_known.apdu");
    assert_int_equal(card_read_keys(card, CERT_AUTH, EPOCH), ERR_OK);
    for (size_t i = 0; i < sizeof pins / sizeof pins[0]; i++) {
        assert_int_equal(sign_as(&card->keys[0], pins[i], true, 1), ERR_PIN_FORMAT);
        assert_int_equal(done, 0);
    }
    assert_int_equal(r.at, 2);
    assert_int_equal(r.brackets, 1);
    take_out();
}

static void nothing_is_sent_when_the_card_would_refuse(void **state)
{
    (void)state;
    know_v4();
    insert_v4("v4_auth_known.apdu");
    assert_int_equal(card_read_keys(card, CERT_AUTH, EPOCH), ERR_OK);
    struct card_key *k = &card->keys[0];
    k->tries_left = 1;
    assert_int_equal(sign_as(k, "1234", false, 1), ERR_PIN_LAST_TRY);
    k->tries_left = 0;
    assert_int_equal(sign_as(k, "1234", true, 1), ERR_PIN_BLOCKED);
    k->tries_left = -1;
    k->pin_blocked = true;
    assert_int_equal(sign_as(k, "1234", true, 1), ERR_PIN_BLOCKED);
    k->pin_activated = false;
    assert_int_equal(sign_as(k, "1234", true, 1), ERR_PIN_NOT_ACTIVATED);
    assert_int_equal(r.at, 2);
    take_out();
}

static void nothing_is_sent_for_an_algorithm_of_another_key(void **state)
{
    struct secret *pin = secret_of("1234");
    const struct card_pin how = {pin, NULL, true};
    (void)state;
    know_v4();
    insert_v4("v4_auth_known.apdu");
    assert_int_equal(card_read_keys(card, CERT_AUTH, EPOCH), ERR_OK);
    jobs[0].alg = (struct sig_alg){SIG_ECDSA, HASH_SHA384};
    jobs[1].alg = (struct sig_alg){SIG_RSA_PSS, HASH_SHA256};
    assert_int_equal(card_sign(card, &card->keys[0], &how, jobs, 2, NULL, NULL, &done),
                     ERR_ALG_UNSUPPORTED);
    assert_int_equal(card_sign(card, &card->keys[0], &how, jobs, 0, NULL, NULL, &done),
                     ERR_ARGUMENT);
    assert_int_equal(r.at, 2);
    secret_free(&pin);
    take_out();
}

/* With few tries left the counter is asked again, since another program may have used one. */
static void the_counter_is_asked_again_before_the_last_tries(void **state)
{
    static const char script[] = "> 00A4040C0CA000000063504B43532D3135\n< 9000\n"
                                 "> 00200011\n< 63C2\n"
                                 "> 00A4040C0CA000000063504B43532D3135\n< 9000\n"
                                 "> 00200011\n< 63C1\n";
    (void)state;
    know_v4();
    replay_init(&r, span_of(replay_atr_v4, sizeof replay_atr_v4));
    replay_text(&r, script);
    assert_int_equal(card_open(&r.io, &card), ERR_OK);
    assert_int_equal(card_read_keys(card, CERT_AUTH, EPOCH), ERR_OK);
    assert_int_equal(card->keys[0].tries_left, 2);
    assert_int_equal(sign_as(&card->keys[0], "1234", false, 1), ERR_PIN_LAST_TRY);
    assert_int_equal(card->keys[0].tries_left, 1);
    assert_int_equal(r.verifies, 0);
    assert_int_equal(r.resets, 0);
    take_out();
}

static void the_last_try_is_used_when_the_person_agreed(void **state)
{
    static const char script[] = "> 00A4040C0CA000000063504B43532D3135\n< 9000\n"
                                 "> 00200011\n< 63C1\n"
                                 "> 00A4040C0CA000000063504B43532D3135\n< 9000\n"
                                 "> 00200011\n< 63C1\n"
                                 "> 002000110C313233340000000000000000\n< 63C0\n";
    (void)state;
    know_v4();
    replay_init(&r, span_of(replay_atr_v4, sizeof replay_atr_v4));
    replay_text(&r, script);
    assert_int_equal(card_open(&r.io, &card), ERR_OK);
    assert_int_equal(card_read_keys(card, CERT_AUTH, EPOCH), ERR_OK);
    assert_int_equal(sign_as(&card->keys[0], "1234", true, 1), ERR_PIN_BLOCKED);
    assert_true(card->keys[0].pin_blocked);
    assert_int_equal(card->keys[0].tries_left, 0);
    take_out();
}

static void after_a_reset_the_same_card_is_proved_before_the_pin_goes_out(void **state)
{
    (void)state;
    insert_v4("v4_sign_reset.apdu");
    r.reset_at = 2;
    assert_int_equal(run(CERT_SIGN, EPOCH, 1), ERR_OK);
    assert_all_played(17);
    take_out();
}

static void another_card_never_gets_the_pin(void **state)
{
    static const struct {
        size_t at; /* exchange of v4_sign_reset.apdu after the reset */
        const char *answer;
    } rows[] = {
        {8, "6A82"},     {8, "6982"}, {9, "6A82"}, {9, "6986"}, {10, "3003040101 9000"},
        {10, "FF 9000"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        insert_v4("v4_sign_reset.apdu");
        replay_cut(&r, rows[i].at + 1);
        replay_patch(&r, rows[i].at, rows[i].answer);
        r.reset_at = 2;
        assert_int_equal(card_read_keys(card, CERT_SIGN, 0), ERR_OK);
        assert_int_equal(sign_as(&card->keys[0], "123456", true, 1), ERR_CARD_CHANGED);
        assert_int_equal(r.verifies, 0);
        assert_int_equal(r.resets, 0);
        take_out();
        assert_int_equal(scratch_drop(NULL), 0);
        assert_int_equal(scratch_make(NULL), 0);
        assert_int_equal(setenv("XDG_RUNTIME_DIR", scratch, 1), 0);
    }
}

/* One byte of the head is another one. */
static void a_certificate_that_differs_is_another_card(void **state)
{
    (void)state;
    insert_v4("v4_sign_reset.apdu");
    r.steps[10].answer.at[200] ^= 1;
    replay_cut(&r, 11);
    r.reset_at = 2;
    assert_int_equal(card_read_keys(card, CERT_SIGN, EPOCH), ERR_OK);
    assert_int_equal(sign_as(&card->keys[0], "123456", true, 1), ERR_CARD_CHANGED);
    assert_int_equal(r.verifies, 0);
    take_out();
}

static void what_pcsc_says_at_the_start_is_passed_on(void **state)
{
    static const enum err said[] = {ERR_CARD_REMOVED, ERR_CARD_CHANGED, ERR_PCSC_DOWN};
    (void)state;
    know_v4();
    insert_v4("v4_auth_known.apdu");
    assert_int_equal(card_read_keys(card, CERT_AUTH, EPOCH), ERR_OK);
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        int8_t tries[3];
        size_t n = 0;
        r.begin_err = said[i];
        assert_int_equal(sign_as(&card->keys[0], "1234", true, 1), said[i]);
        assert_int_equal(done, 0);
        assert_int_equal(card_read_keys(card, CERT_AUTH, EPOCH), said[i]);
        assert_int_equal(card_read_tries(card, tries, 3, &n), said[i]);
    }
    assert_int_equal(r.at, 2);
    take_out();
}

static void keys_are_refreshed_in_place(void **state)
{
    static const char again[] = "> 00A4040C0CA000000063504B43532D3135\n< 9000\n"
                                "> 00200011\n< 63C3\n";
    (void)state;
    know_v4();
    insert_v4("v4_auth_known.apdu");
    replay_cut(&r, 2);
    replay_text(&r, again);
    assert_int_equal(card_read_keys(card, CERT_AUTH, EPOCH), ERR_OK);
    assert_int_equal(card_read_keys(card, CERT_AUTH, 0), ERR_OK);
    assert_int_equal(card->n_keys, 1);
    assert_int_equal(card->keys[0].tries_left, 3);
    assert_int_equal(card->keys[0].cert.len, 1087);
    assert_int_equal(r.at, r.n);
    take_out();
}

static void a_6cxx_on_the_signature_starts_again_at_the_hash(void **state)
{
    static const char rest[] = "> 002241B6068001548401 01\n< 9000\n";
    static const char hash[] =
        "> 002A90A0329030010101010101010101010101010101010101010101010101010101010101010101010101"
        "010101010101010101010101\n< 9000\n";
    struct replay source;
    (void)state;
    know_v4();
    insert_v4("v4_auth_known.apdu");
    replay_init(&source, span_of(replay_atr_v4, sizeof replay_atr_v4));
    replay_file(&source, "v4_auth_known.apdu");
    replay_cut(&r, 4);
    replay_text(&r, rest);
    replay_text(&r, hash);
    replay_text(&r, "> 002A9E9A60\n< 6C5F\n");
    replay_text(&r, hash);
    replay_text(&r, "> 002A9E9A5F\n< 9000\n");
    buf_clear(&r.steps[8].answer);
    buf_move(&r.steps[8].answer, &source.steps[6].answer);
    assert_int_equal(run(CERT_AUTH, EPOCH, 1), ERR_OK);
    assert_int_equal(r.at, 9);
    assert_int_equal(r.verifies, 1);
    assert_int_equal(jobs[0].value_len, 96);
    replay_clear(&source);
    take_out();
}

static void a_6cxx_that_does_not_end_is_given_up(void **state)
{
    static const char hash[] =
        "> 002A90A0329030010101010101010101010101010101010101010101010101010101010101010101010101"
        "010101010101010101010101\n< 9000\n";
    (void)state;
    know_v4();
    insert_v4("v4_auth_known.apdu");
    replay_cut(&r, 7);
    replay_patch(&r, 6, "6C00");
    replay_text(&r, hash);
    replay_text(&r, "> 002A9E9A00\n< 6C60\n");
    assert_int_equal(run(CERT_AUTH, EPOCH, 1), ERR_CARD_STATUS);
    assert_int_equal(r.at, 9);
    assert_int_equal(done, 0);
    take_out();
}

static void a_signature_of_the_wrong_length_is_thrown_away(void **state)
{
    static const char *const answers[] = {"9000", "00 9000"};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        know_v4();
        insert_v4("v4_auth_known.apdu");
        replay_patch(&r, 6, answers[i]);
        assert_int_equal(run(CERT_AUTH, EPOCH, 1), ERR_CARD_IO);
        assert_int_equal(jobs[0].value_len, 0);
        assert_int_equal(r.resets, 1);
        take_out();
    }
}

static const struct {
    const char *file;
    bool v31;
    enum cert_use use;
    size_t n_jobs;
    unsigned reset_at;
} flows[] = {
    {"v4_auth_cold.apdu", false, CERT_AUTH, 1, 0},  {"v4_sign_batch.apdu", false, CERT_SIGN, 3, 0},
    {"v4_sign_reset.apdu", false, CERT_SIGN, 1, 2}, {"v31_auth_cold.apdu", true, CERT_AUTH, 1, 0},
    {"v31_sign_cold.apdu", true, CERT_SIGN, 1, 0},
};

static void play(size_t flow, enum replay_fault fault, size_t at, enum err *ret)
{
    (void)scratch_make(NULL);
    setenv("XDG_RUNTIME_DIR", scratch, 1);
    if (flows[flow].v31) {
        insert_v31(flows[flow].file);
    } else {
        insert_v4(flows[flow].file);
    }
    r.reset_at = flows[flow].reset_at;
    r.fault = fault;
    r.fault_at = at;
    *ret = run(flows[flow].use, 0, flows[flow].n_jobs);
    /* Verified PINs are dropped exactly when one may have been verified. */
    assert_int_equal(r.resets, r.verifies > 0 ? 1 : 0);
    assert_int_equal(r.brackets, r.ends);
}

static void a_card_removed_at_any_exchange_is_told_as_removed(void **state)
{
    (void)state;
    for (size_t flow = 0; flow < sizeof flows / sizeof flows[0]; flow++) {
        enum err e = ERR_CARD_REMOVED;
        size_t at = 0;
        while (e == ERR_CARD_REMOVED) {
            play(flow, FAULT_REMOVED, at, &e);
            if (e == ERR_CARD_REMOVED) {
                assert_int_equal(r.at, at + 1); /* nothing is sent after it */
                at++;
            }
            take_out();
            scratch_drop(NULL);
        }
        assert_int_equal(e, ERR_OK); /* the fault lies behind the end */
        assert_true(at >= 13);
    }
}

static void no_bad_answer_at_any_exchange_gives_a_signature(void **state)
{
    (void)state;
    for (size_t flow = 0; flow < sizeof flows / sizeof flows[0]; flow++) {
        for (int fault = FAULT_IO; fault < FAULT_COUNT; fault++) {
            size_t at = 0, n = 1;
            while (at < n) {
                enum err e;
                play(flow, (enum replay_fault)fault, at, &e);
                n = r.n;
                assert_int_not_equal(e, ERR_OK);
                assert_true(r.verifies <= flows[flow].n_jobs);
                at++;
                take_out();
                scratch_drop(NULL);
            }
        }
    }
}

static void tries_of_all_pins_are_read_without_counting(void **state)
{
    static const char script[] = "> 00A4040C0CA000000063504B43532D3135\n< 9000\n"
                                 "> 00200011\n< 63C5\n"
                                 "> 00200082\n< 6983\n> 00CB00FF05A003830182\n< 6A88\n"
                                 "> 00200083\n< 6A88\n";
    int8_t tries[4] = {9, 9, 9, 9};
    size_t n = 0;
    (void)state;
    replay_init(&r, span_of(replay_atr_v4, sizeof replay_atr_v4));
    replay_text(&r, script);
    assert_int_equal(card_open(&r.io, &card), ERR_OK);
    assert_int_equal(card_read_tries(card, tries, 4, &n), ERR_OK);
    assert_int_equal(n, card->profile->n_pins);
    assert_int_equal(tries[0], 5);
    assert_int_equal(tries[1], 0);
    assert_int_equal(tries[2], -1);
    assert_int_equal(tries[3], 9);
    assert_int_equal(r.resets, 0);
    take_out();
}

static void an_unknown_card_is_given_back(void **state)
{
    static const uint8_t other[] = {0x3B, 0x02, 0x14, 0x50};
    (void)state;
    replay_init(&r, span_of(other, sizeof other));
    replay_text(&r, "> 00A4080C022F00\n< 6A82\n> 00A4040C0CA000000063504B43532D3135\n< 6A82\n");
    assert_int_equal(card_open(&r.io, &card), ERR_CARD_UNKNOWN);
    assert_int_equal(r.frees, 1);
    assert_int_equal(r.at, r.n);
    assert_int_equal(r.ends, 1);
    assert_int_equal(r.resets, 0);
    replay_clear(&r);
}

static void a_card_that_refuses_its_application_is_told(void **state)
{
    (void)state;
    insert_v4("v4_auth_cold.apdu");
    replay_cut(&r, 1);
    replay_patch(&r, 0, "6982"); /* contactless, before PACE */
    assert_int_equal(card_read_keys(card, CERT_AUTH, EPOCH), ERR_CARD_STATUS);
    take_out();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, scratch_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_cold_authentication_on_v4_takes_13_exchanges),
        TEST(a_card_that_was_not_removed_takes_7_exchanges),
        TEST(a_card_that_came_back_is_recognised_with_9_exchanges),
        TEST(each_further_signature_takes_4_exchanges),
        TEST(a_batch_stops_where_the_progress_says_so),
        TEST(a_stop_after_the_last_signature_changes_nothing),
        TEST(v31_signs_with_rsa_in_two_parts),
        TEST(v31_offers_both_signing_certificates),
        TEST(a_certificate_that_is_not_there_is_left_out),
        TEST(a_card_without_the_wanted_certificate_says_so),
        TEST(short_blocks_and_padded_files_give_the_exact_certificate),
        TEST(a_file_that_ends_before_its_certificate_is_an_error),
        TEST(more_bytes_than_asked_for_are_an_error),
        TEST(a_card_that_drips_is_not_listened_to_for_ever),
        TEST(a_wrong_pin_is_told_with_the_tries_left),
        TEST(a_wrong_pin_counts_for_every_key_that_it_guards),
        TEST(a_pin_that_the_card_has_just_refused_is_not_sent_again),
        TEST(the_state_of_a_pin_is_read_without_counting),
        TEST(nothing_is_sent_when_the_pin_can_not_be_right),
        TEST(nothing_is_sent_when_the_card_would_refuse),
        TEST(nothing_is_sent_for_an_algorithm_of_another_key),
        TEST(the_counter_is_asked_again_before_the_last_tries),
        TEST(the_last_try_is_used_when_the_person_agreed),
        TEST(after_a_reset_the_same_card_is_proved_before_the_pin_goes_out),
        TEST(another_card_never_gets_the_pin),
        TEST(a_certificate_that_differs_is_another_card),
        TEST(what_pcsc_says_at_the_start_is_passed_on),
        TEST(keys_are_refreshed_in_place),
        TEST(a_6cxx_on_the_signature_starts_again_at_the_hash),
        TEST(a_6cxx_that_does_not_end_is_given_up),
        TEST(a_signature_of_the_wrong_length_is_thrown_away),
        cmocka_unit_test(a_card_removed_at_any_exchange_is_told_as_removed),
        cmocka_unit_test(no_bad_answer_at_any_exchange_gives_a_signature),
        TEST(tries_of_all_pins_are_read_without_counting),
        TEST(an_unknown_card_is_given_back),
        TEST(a_card_that_refuses_its_application_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
