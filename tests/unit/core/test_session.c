/* The story of one operation, told against a scripted person, a scripted reader and a card that is
 * an OpenSSL key: the seams are consent_*, readers_*, pcsc_open and card_*, replaced by linking. */
#include "core/session.h"

#include "card/card.h"
#include "card/pcsc.h"
#include "card/readers.h"
#include "crypto/digest.h"
#include "crypto/verify.h"
#include "ui/consent.h"
#include "unit/crypto/test_certs.h"
#include "unit/test.h"

#include <openssl/ecdsa.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define STEPS 8

/* What the person does when the window shows a phase (and, where given, an error). */
struct act {
    enum ask_phase when;
    enum err error;
    enum ask_verb verb;
    bool window_goes;
    bool card_goes_in; /* instead of an answer: the reader gets a card */
};

static struct {
    struct act acts[STEPS];
    size_t at;
    enum ask_phase phase;
    struct ask_state shown;
    size_t n_shown_ready;
    size_t n_after_answer;
    int fd;
    bool open;
} person;

static struct {
    int fd;
    bool has_card;
    enum err error;
} reader;

static struct {
    struct test_cert cert;
    enum cert_use use;
    enum err results[STEPS]; /* of card_sign, one after the other; ERR_OK signs */
    size_t at;
    size_t n_sign_calls;
    size_t n_decrypt_calls;
    bool no_decrypt; /* the key can't */
    bool offers_pss; /* before everything else */
    size_t n_opened;
    size_t n_cas_read;
    bool spoil;
    int8_t tries;
    enum { PAD_NONE, PAD_FIXED, PAD_STOPS } pad; /* of the reader */
} chip;

static struct {
    size_t n;
    enum err err;
    size_t n_sigs;
    struct signature sigs[4];
    size_t cert_len;
    uint8_t plaintext[LIMIT_SIGNATURE];
    size_t plaintext_len;
    size_t n_progress;
    bool stopped;
} heard;

static void signal_fd(int fd)
{
    uint64_t one = 1;
    assert_int_equal(write(fd, &one, sizeof one), sizeof one);
}

static void drain_fd(int fd)
{
    uint64_t n;
    (void)!read(fd, &n, sizeof n);
}

/* ---- the person ---- */

enum err consent_open(const struct ask_question *q, struct consent **ret)
{
    (void)q;
    person.open = true;
    *ret = (struct consent *)&person;
    return ERR_OK;
}

int consent_fd(const struct consent *c)
{
    (void)c;
    return person.fd;
}

static bool is_due(const struct act *a)
{
    return person.at < STEPS && a->when == person.shown.phase && a->error == person.shown.error;
}

enum err consent_show(struct consent *c, const struct ask_state *s)
{
    (void)c;
    person.shown = *s;
    person.n_shown_ready += s->phase == ASK_READY;
    person.n_after_answer += heard.n > 0;
    struct act *a = &person.acts[person.at];
    if (is_due(a) && a->card_goes_in) {
        person.at++;
        reader.has_card = true;
        signal_fd(reader.fd);
    } else if (is_due(a) || s->phase == ASK_ENDED) {
        signal_fd(person.fd);
    }
    return ERR_OK;
}

enum err consent_read(struct consent *c, struct ask_answer *ret, bool *ret_has)
{
    (void)c;
    struct act *a = &person.acts[person.at];
    drain_fd(person.fd);
    *ret_has = false;
    if (person.shown.phase == ASK_ENDED) {
        *ret = (struct ask_answer){.verb = ASK_CLOSE};
        *ret_has = true;
        return ERR_OK;
    }
    if (!is_due(a)) {
        return ERR_OK;
    }
    person.at++;
    if (a->window_goes) {
        return ERR_CLOSED;
    }
    *ret = (struct ask_answer){.verb = a->verb, .cert = person.shown.selected};
    *ret_has = true;
    if (a->verb == ASK_CONFIRM && person.shown.needs_pin &&
        !person.shown.certs[person.shown.selected].on_reader) {
        assert_int_equal(secret_new(&ret->pin), ERR_OK);
    }
    return ERR_OK;
}

void consent_close(struct consent **c)
{
    person.open = false;
    *c = NULL;
}

/* ---- the reader ---- */

enum err readers_open(struct readers **ret)
{
    *ret = (struct readers *)&reader;
    signal_fd(reader.fd);
    return ERR_OK;
}

void readers_close(struct readers **r)
{
    *r = NULL;
}

int readers_fd(const struct readers *r)
{
    (void)r;
    return reader.fd;
}

enum err readers_take(struct readers *r, struct reader_state *ret, size_t cap, size_t *ret_n)
{
    (void)r;
    (void)cap;
    drain_fd(reader.fd);
    ret[0] = (struct reader_state){.name = "Reader", .has_card = reader.has_card};
    *ret_n = 1;
    return reader.error;
}

/* ---- the card ---- */

static void io_free(struct card_io *io)
{
    free(io);
}

enum err pcsc_open(const char *name, struct card_io **ret)
{
    assert_string_equal(name, "Reader");
    *ret = calloc(1, sizeof **ret);
    assert_non_null(*ret);
    static const struct card_pad pad = {.can_verify = true};
    (*ret)->free = io_free;
    (*ret)->pad = chip.pad != PAD_NONE ? &pad : NULL;
    chip.n_opened++;
    return ERR_OK;
}

enum err card_open(struct card_io *take_io, struct card **ret)
{
    *ret = calloc(1, sizeof **ret);
    assert_non_null(*ret);
    (*ret)->io = take_io;
    return ERR_OK;
}

void card_free(struct card **c)
{
    if (*c != NULL) {
        buf_clear(&(*c)->keys[0].cert);
        (*c)->io->free((*c)->io);
        free(*c);
        *c = NULL;
    }
}

void card_leave_pad(struct card *c)
{
    chip.pad = PAD_NONE;
    c->io->pad = NULL;
}

enum err card_read_keys(struct card *c, enum cert_use use, uint64_t epoch)
{
    (void)epoch;
    if (use != chip.use) {
        return ERR_CERT_NOT_FOUND;
    }
    c->n_keys = 1;
    c->keys[0] = (struct card_key){.use = use,
                                   .pin_index = use == CERT_AUTH ? 1 : 2,
                                   .pin_min = 4,
                                   .pin_max = 12,
                                   .tries_left = chip.tries,
                                   .pin_blocked = chip.tries == 0,
                                   .pin_activated = true};
    buf_init(&c->keys[0].cert, LIMIT_CERT);
    return buf_append(&c->keys[0].cert, span_of(chip.cert.der, (size_t)chip.cert.der_len));
}

/* In the time that the person has, and before the card is used. */
void card_read_cas(struct card *c, uint64_t epoch)
{
    (void)epoch;
    assert_int_equal(person.shown.phase, ASK_READY);
    assert_int_equal(chip.n_sign_calls, 0);
    assert_int_equal(c->n_cas, 0);
    chip.n_cas_read++;
}

size_t card_key_algs(const struct card *c, const struct card_key *k, struct sig_alg *ret,
                     size_t cap)
{
    (void)c;
    (void)k;
    assert_true(cap >= 3);
    size_t n = 0;
    if (chip.offers_pss) {
        ret[n++] = (struct sig_alg){SIG_RSA_PSS, HASH_SHA256};
    }
    ret[n++] = (struct sig_alg){SIG_ECDSA, HASH_SHA384};
    ret[n++] = (struct sig_alg){SIG_ECDSA, HASH_SHA256};
    return n;
}

static void sign_with_key(struct card_job *job)
{
    uint8_t der[256];
    size_t len = sizeof der;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(chip.cert.key, NULL);
    assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
    assert_int_equal(EVP_PKEY_sign(ctx, der, &len, job->digest, alg_hash_len(job->alg.hash)), 1);
    EVP_PKEY_CTX_free(ctx);
    const unsigned char *at = der;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
    BN_bn2binpad(ECDSA_SIG_get0_r(sig), job->value, 48);
    BN_bn2binpad(ECDSA_SIG_get0_s(sig), job->value + 48, 48);
    ECDSA_SIG_free(sig);
    job->value_len = 96;
    job->value[5] ^= chip.spoil ? 1 : 0;
}

/* As a pad does it: says that it waits, and looks once whether to go on. */
static bool ask_on_pad(const struct pad_person *p)
{
    return p->begins(p->user, NULL, chip.pad == PAD_STOPS) &&
           (chip.pad == PAD_FIXED || p->wait(p->user, 0));
}

enum err card_sign(struct card *c, struct card_key *k, const struct card_pin *pin,
                   struct card_job *jobs, size_t n_jobs, card_progress progress, void *user,
                   size_t *ret_done)
{
    enum err e = chip.results[chip.at++];
    (void)c;
    assert_int_equal(pin->value == NULL, chip.pad != PAD_NONE);
    chip.n_sign_calls++;
    *ret_done = 0;
    if (e == ERR_OK && chip.pad != PAD_NONE && !ask_on_pad(pin->person)) {
        e = ERR_ABORTED;
    }
    if (e == ERR_PAD_FAILED) {
        card_leave_pad(c);
    }
    if (e == ERR_PIN_WRONG) {
        k->tries_left--;
    }
    k->pin_blocked = e == ERR_PIN_BLOCKED;
    for (size_t i = 0; e == ERR_OK && i < n_jobs; i++) {
        sign_with_key(&jobs[i]);
        *ret_done = i + 1;
        if (!progress(user, i + 1, n_jobs) && i + 1 < n_jobs) {
            e = ERR_ABORTED;
        }
    }
    return e;
}

bool card_key_decrypts(const struct card *c, const struct card_key *k, enum dec_alg alg)
{
    (void)c;
    (void)k;
    return !chip.no_decrypt && alg_dec_kind(alg) == KEY_EC;
}

enum err card_decrypt(struct card *c, struct card_key *k, const struct card_pin *pin,
                      enum dec_alg alg, struct span cryptogram, struct buf *out)
{
    (void)c;
    (void)k;
    assert_non_null(pin->value);
    assert_int_equal(alg, DEC_ECDH);
    assert_int_equal(cryptogram.len, 97);
    chip.n_decrypt_calls++;
    enum err e = chip.results[chip.at++];
    return e == ERR_OK ? buf_append(out, span_sub(cryptogram, 1, 48)) : e;
}

/* ---- the stories ---- */

static void hear(void *user, const struct response *resp)
{
    (void)user;
    heard.n++;
    heard.err = resp->err;
    heard.n_sigs = resp->n_sigs;
    heard.cert_len = resp->certificate.len;
    heard.stopped = resp->stopped;
    heard.plaintext_len = resp->plaintext.len;
    if (resp->plaintext.len > 0) {
        memcpy(heard.plaintext, resp->plaintext.at, resp->plaintext.len);
    }
    for (size_t i = 0; i < resp->n_sigs && i < 4; i++) {
        heard.sigs[i] = resp->sigs[i];
    }
}

static void hear_progress(void *user, const struct progress *p)
{
    (void)user;
    heard.n_progress++;
    assert_int_equal(p->done, heard.n_progress);
    assert_int_equal(p->total, 3);
    assert_int_equal(heard.n, 0);
}

static int set_up(void **state)
{
    (void)state;
    memset(&person, 0, sizeof person);
    memset(&reader, 0, sizeof reader);
    memset(&chip, 0, sizeof chip);
    memset(&heard, 0, sizeof heard);
    person.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    reader.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    reader.has_card = true;
    chip.use = CERT_AUTH;
    chip.tries = 5;
    for (size_t i = 0; i < STEPS; i++) {
        person.acts[i].when = ASK_ENDED;
        person.acts[i].error = ERR_COUNT;
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    close(person.fd);
    close(reader.fd);
    test_cert_free(&chip.cert);
    return 0;
}

static struct request request_of(enum method method)
{
    static struct document docs[3];
    static const char *const texts[] = {"first", "second", "third"};
    struct request r;
    for (size_t i = 0; i < 3; i++) {
        docs[i] = (struct document){.name = span_str(texts[i]),
                                    .media_type = span_str("text/plain"),
                                    .has_content = true,
                                    .content = span_str(texts[i])};
    }
    request_init(&r);
    r.method = method;
    r.origin = span_str("https://service.example");
    r.nonce = span_str("12345678123456781234567812345678912356789123");
    r.timeout_ms = 5000;
    r.no_journal = true; /* test_journal.c, and the journal of the person who runs this */
    if (method == METHOD_SIGN) {
        r.docs = docs;
        r.n_docs = 3;
    }
    return r;
}

static void run(const struct request *r, int caller_fd)
{
    static const char *const usages[] = {"critical,digitalSignature,keyAgreement",
                                         "critical,nonRepudiation"};
    bool auth = r->method == METHOD_AUTHENTICATE || r->method == METHOD_DECRYPT;
    chip.use = auth ? CERT_AUTH : CERT_SIGN;
    if (chip.cert.key == NULL) {
        chip.cert = test_cert_make("P-384", usages[chip.use], "M M", -60, 60);
    }
    static const struct session_calls calls = {hear, hear_progress};
    session_run(r, caller_fd, &calls, NULL);
    assert_int_equal(heard.n, 1);
    assert_false(person.open);
}

static void expect_verified(size_t n)
{
    assert_int_equal(heard.err, ERR_OK);
    assert_int_equal(heard.n_sigs, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(
            verify_digest(span_of(chip.cert.der, (size_t)chip.cert.der_len), heard.sigs[i].alg,
                          span_of(heard.sigs[i].digest, alg_hash_len(heard.sigs[i].alg.hash)),
                          span_of(heard.sigs[i].value, heard.sigs[i].len)),
            ERR_OK);
    }
}

static void one_confirmation_gives_one_verified_signature(void **state)
{
    struct request r = request_of(METHOD_AUTHENTICATE);
    (void)state;
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    run(&r, -1);
    expect_verified(1);
    assert_int_equal(heard.sigs[0].alg.hash, HASH_SHA384);
    assert_int_equal(heard.cert_len, chip.cert.der_len);
}

static void three_documents_are_signed_under_one_confirmation(void **state)
{
    struct request r = request_of(METHOD_SIGN);
    (void)state;
    r.has_hash = true;
    r.hash = HASH_SHA256;
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    run(&r, -1);
    expect_verified(3);
    assert_int_equal(heard.sigs[2].alg.hash, HASH_SHA256);
    assert_int_equal(heard.n_progress, 3);
    assert_false(heard.stopped);
    assert_int_equal(chip.n_sign_calls, 1);
}

static void the_card_uses_the_first_that_it_can_of_what_the_page_accepts(void **state)
{
    struct request r = request_of(METHOD_SIGN);
    (void)state;
    r.accepts = (uint16_t)(alg_bit((struct sig_alg){SIG_RSA_PKCS1, HASH_SHA512}) |
                           alg_bit((struct sig_alg){SIG_ECDSA, HASH_SHA256}));
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    run(&r, -1);
    expect_verified(3);
    assert_int_equal(heard.sigs[0].alg.scheme, SIG_ECDSA);
    assert_int_equal(heard.sigs[0].alg.hash, HASH_SHA256);
}

static void a_key_that_can_nothing_of_what_the_page_accepts_is_not_offered(void **state)
{
    struct request r = request_of(METHOD_SIGN);
    (void)state;
    r.accepts = alg_bit((struct sig_alg){SIG_RSA_PSS, HASH_SHA384});
    chip.offers_pss = true; /* with SHA-256 */
    person.acts[0] =
        (struct act){.when = ASK_NO_CERT, .error = ERR_ALG_UNSUPPORTED, .verb = ASK_REPORT};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_ALG_UNSUPPORTED);
    assert_int_equal(chip.n_sign_calls, 0);
}

/* Their place in time is asserted where they are read. */
static void the_cas_of_a_card_are_read_for_answers_with_a_chain(void **state)
{
    static const struct {
        enum method method;
        size_t want;
    } rows[] = {{METHOD_SIGN, 1}, {METHOD_GET_SIGNING_CERTIFICATE, 1}, {METHOD_AUTHENTICATE, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request r = request_of(rows[i].method);
        (void)tear_down(state);
        (void)set_up(state);
        person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CANCEL};
        run(&r, -1);
        assert_int_equal(heard.err, ERR_CANCELLED);
        assert_int_equal(chip.n_cas_read, rows[i].want);
    }
}

static void a_pin_on_the_reader_never_comes_here(void **state)
{
    struct request r = request_of(METHOD_SIGN);
    (void)state;
    chip.pad = PAD_FIXED;
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    run(&r, -1);
    expect_verified(3);
    assert_true(person.shown.certs[0].on_reader);
}

static void a_pad_that_the_policy_leaves_alone_is_none(void **state)
{
    struct request r = request_of(METHOD_SIGN);
    (void)state;
    chip.pad = PAD_FIXED;
    r.plain_readers = true;
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    run(&r, -1);
    expect_verified(3);
    assert_false(person.shown.certs[0].on_reader);
}

static void cancel_while_the_reader_waits_ends_it(void **state)
{
    struct request r = request_of(METHOD_AUTHENTICATE);
    (void)state;
    chip.pad = PAD_STOPS;
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    person.acts[1] = (struct act){.when = ASK_ON_READER, .verb = ASK_CANCEL};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_CANCELLED);
    assert_true(person.shown.can_stop);
    assert_int_equal(heard.n_sigs, 0);
}

static void a_pad_that_fails_or_waits_in_vain_asks_again(void **state)
{
    struct request r = request_of(METHOD_AUTHENTICATE);
    (void)state;
    chip.pad = PAD_FIXED;
    chip.results[0] = ERR_PAD_TIMED_OUT;
    chip.results[1] = ERR_PAD_FAILED;
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    person.acts[1] =
        (struct act){.when = ASK_READY, .error = ERR_PAD_TIMED_OUT, .verb = ASK_CONFIRM};
    person.acts[2] = (struct act){.when = ASK_READY, .error = ERR_PAD_FAILED, .verb = ASK_CONFIRM};
    run(&r, -1);
    expect_verified(1);
    assert_int_equal(chip.n_sign_calls, 3);
    assert_false(person.shown.certs[0].on_reader);
}

static void cancel_on_the_reader_is_the_persons_no(void **state)
{
    struct request r = request_of(METHOD_SIGN);
    (void)state;
    chip.pad = PAD_FIXED;
    chip.results[0] = ERR_CANCELLED;
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_CANCELLED);
    assert_false(heard.stopped);
}

static void a_wrong_pin_asks_again_in_the_same_window(void **state)
{
    struct request r = request_of(METHOD_AUTHENTICATE);
    (void)state;
    chip.results[0] = ERR_PIN_WRONG;
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    person.acts[1] = (struct act){.when = ASK_READY, .error = ERR_PIN_WRONG, .verb = ASK_CONFIRM};
    run(&r, -1);
    expect_verified(1);
    assert_int_equal(person.n_shown_ready, 2);
    assert_int_equal(person.shown.certs[0].tries_left, 4);
}

static void a_final_error_is_answered_first_and_explained_after(void **state)
{
    static const enum err errors[] = {ERR_PIN_BLOCKED, ERR_CARD_REMOVED, ERR_CARD_IO,
                                      ERR_CARD_STATUS, ERR_SIGNATURE_BAD};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        struct request r = request_of(METHOD_AUTHENTICATE);
        set_up(state);
        chip.results[0] = errors[i] == ERR_SIGNATURE_BAD ? ERR_OK : errors[i];
        chip.spoil = errors[i] == ERR_SIGNATURE_BAD;
        person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
        run(&r, -1);
        assert_int_equal(heard.err, errors[i]);
        assert_int_equal(heard.cert_len, 0);
        assert_int_equal(person.shown.phase, ASK_ENDED);
        assert_int_equal(person.shown.error, errors[i]);
        assert_int_equal(person.n_after_answer, 1);
        if (i + 1 < sizeof errors / sizeof errors[0]) {
            tear_down(state);
        }
    }
}

static void what_the_page_does_not_accept_is_shown_and_reported_only_by_the_person(void **state)
{
    struct request r = request_of(METHOD_SIGN);
    (void)state;
    r.filter.holder = span_str("SE2321000016-T0335");
    person.acts[0] =
        (struct act){.when = ASK_NO_CERT, .error = ERR_CERT_NOT_FOUND, .verb = ASK_REPORT};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_CERT_NOT_FOUND);
    assert_int_equal(person.shown.n_certs, 1);
    assert_int_equal(person.shown.certs[0].usable, ASK_NOT_ACCEPTED);
    assert_int_equal(person.shown.certs[0].id_kind, ID_SATU);
    assert_int_equal(chip.n_sign_calls, 0);
    assert_int_equal(person.n_after_answer, 0);
}

static void a_filter_that_fits_changes_nothing(void **state)
{
    struct request r = request_of(METHOD_AUTHENTICATE);
    (void)state;
    r.filter.holder = span_str("99900335E");
    r.filter.issuers[0] = span_str("CN=Test CA G1");
    r.filter.n_issuers = 1;
    r.filter.key_usage = 1; /* digitalSignature */
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    run(&r, -1);
    expect_verified(1);
}

static void a_certificate_for_something_else_says_so(void **state)
{
    struct request r = request_of(METHOD_AUTHENTICATE);
    (void)state;
    chip.cert = test_cert_make("P-384", "critical,keyAgreement", "M M", -60, 60);
    person.acts[0] =
        (struct act){.when = ASK_NO_CERT, .error = ERR_CERT_NOT_FOUND, .verb = ASK_CANCEL};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_CANCELLED);
    assert_int_equal(person.shown.certs[0].usable, ASK_OTHER_PURPOSE);
}

static void cancel_and_a_closed_window_are_the_persons_no(void **state)
{
    struct request r = request_of(METHOD_SIGN);
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CANCEL};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_CANCELLED);
    tear_down(state);
    set_up(state);
    person.acts[0] = (struct act){.when = ASK_READY, .window_goes = true};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_CANCELLED);
    assert_int_equal(chip.n_sign_calls, 0);
}

static void cancel_between_two_signatures_keeps_those_made(void **state)
{
    struct request r = request_of(METHOD_SIGN);
    (void)state;
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    person.acts[1] = (struct act){.when = ASK_WORKING, .verb = ASK_CANCEL};
    run(&r, -1);
    expect_verified(1);
    assert_true(heard.stopped);
    assert_int_equal(heard.n_progress, 1);
}

static void a_caller_that_goes_away_ends_it(void **state)
{
    struct request r = request_of(METHOD_AUTHENTICATE);
    int fds[2];
    (void)state;
    assert_int_equal(pipe(fds), 0);
    close(fds[1]);
    run(&r, fds[0]);
    close(fds[0]);
    assert_int_equal(heard.err, ERR_ABORTED);
}

static void nobody_answering_times_out(void **state)
{
    struct request r = request_of(METHOD_AUTHENTICATE);
    (void)state;
    r.timeout_ms = 1;
    run(&r, -1);
    assert_int_equal(heard.err, ERR_TIMED_OUT);
}

static void a_card_put_in_while_the_window_waits_is_read(void **state)
{
    struct request r = request_of(METHOD_AUTHENTICATE);
    (void)state;
    reader.has_card = false;
    person.acts[0] =
        (struct act){.when = ASK_WAIT_CARD, .error = ERR_NO_CARD, .card_goes_in = true};
    person.acts[1] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    run(&r, -1);
    expect_verified(1);
}

static void what_is_missing_is_told_only_when_the_person_says_so(void **state)
{
    static const struct {
        enum err reader_error;
        bool has_card;
        enum ask_phase phase;
        enum err told;
    } rows[] = {
        {ERR_OK, false, ASK_WAIT_CARD, ERR_NO_CARD},
        {ERR_NO_READER, false, ASK_WAIT_READER, ERR_NO_READER},
        {ERR_PCSC_DOWN, false, ASK_WAIT_PCSC, ERR_PCSC_DOWN},
    };
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        struct request r = request_of(METHOD_AUTHENTICATE);
        bool report = i % 2 == 0;
        set_up(state);
        reader.has_card = rows[i / 2].has_card;
        reader.error = rows[i / 2].reader_error;
        person.acts[0] = (struct act){.when = rows[i / 2].phase,
                                      .error = rows[i / 2].told,
                                      .verb = report ? ASK_REPORT : ASK_CANCEL};
        run(&r, -1);
        assert_int_equal(heard.err, report ? rows[i / 2].told : ERR_CANCELLED);
        if (i + 1 < 2 * sizeof rows / sizeof rows[0]) {
            tear_down(state);
        }
    }
}

static void another_certificate_than_the_page_wants_can_not_sign(void **state)
{
    struct request r = request_of(METHOD_SIGN);
    (void)state;
    r.certificate = span_str("another one");
    person.acts[0] =
        (struct act){.when = ASK_NO_CERT, .error = ERR_CERT_NOT_FOUND, .verb = ASK_REPORT};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_CERT_NOT_FOUND);
    assert_int_equal(chip.n_sign_calls, 0);
}

static void an_expired_certificate_is_shown_and_can_not_sign(void **state)
{
    struct request r = request_of(METHOD_SIGN);
    (void)state;
    chip.cert = test_cert_make("P-384", "critical,nonRepudiation", "M M", -60, -10);
    person.acts[0] =
        (struct act){.when = ASK_NO_CERT, .error = ERR_CERT_INVALID, .verb = ASK_REPORT};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_CERT_INVALID);
    assert_int_equal(person.shown.certs[0].usable, ASK_EXPIRED);
}

#define BOUND ";0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct request scs_login(const char *challenge)
{
    struct request r = request_of(METHOD_AUTHENTICATE);
    r.door = DOOR_SCS;
    r.nonce = span_of(NULL, 0);
    r.challenge = span_str(challenge);
    r.hash = HASH_SHA256;
    r.has_hash = true;
    return r;
}

static void an_scs_login_signs_the_pages_words_with_the_hash_that_it_names(void **state)
{
    struct request r = scs_login("https://service.example" BOUND);
    uint8_t digest[LIMIT_DIGEST];
    (void)state;
    chip.offers_pss = true; /* SCS has no name for it */
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    run(&r, -1);
    expect_verified(1);
    assert_int_equal(heard.sigs[0].alg.scheme, SIG_ECDSA);
    assert_int_equal(heard.sigs[0].alg.hash, HASH_SHA256);
    assert_int_equal(digest_of(HASH_SHA256, &r.challenge, 1, digest), ERR_OK);
    assert_memory_equal(heard.sigs[0].digest, digest, 32);
}

/* Whatever the agent let through. */
static void the_signer_sends_no_challenge_of_another_site_to_the_card(void **state)
{
    static const char *const challenges[] = {"https://other.example" BOUND, "random bytes",
                                             "https://service.example;short"};
    (void)state;
    for (size_t i = 0; i < sizeof challenges / sizeof challenges[0]; i++) {
        struct request r = scs_login(challenges[i]);
        assert_int_equal(set_up(state), 0);
        person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
        person.acts[1] = (struct act){.when = ASK_ENDED, .error = ERR_NOT_BOUND, .verb = ASK_CLOSE};
        run(&r, -1);
        assert_int_equal(heard.err, ERR_NOT_BOUND);
        assert_int_equal(chip.n_sign_calls, 0);
        assert_int_equal(tear_down(state), 0);
    }
}

static void the_signing_key_never_authenticates(void **state)
{
    struct request r = request_of(METHOD_AUTHENTICATE);
    (void)state;
    chip.cert = test_cert_make("P-384", "critical,nonRepudiation", "M M", -60, 60);
    person.acts[0] =
        (struct act){.when = ASK_NO_CERT, .error = ERR_CERT_NOT_FOUND, .verb = ASK_REPORT};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_CERT_NOT_FOUND);
}

static void a_blocked_pin_is_told_before_it_is_asked(void **state)
{
    struct request r = request_of(METHOD_AUTHENTICATE);
    (void)state;
    chip.tries = 0;
    person.acts[0] =
        (struct act){.when = ASK_NO_CERT, .error = ERR_PIN_BLOCKED, .verb = ASK_REPORT};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_PIN_BLOCKED);
}

static void a_certificate_is_given_without_a_pin(void **state)
{
    struct request r = request_of(METHOD_GET_SIGNING_CERTIFICATE);
    (void)state;
    chip.tries = 0;
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_OK);
    assert_int_equal(heard.cert_len, chip.cert.der_len);
    assert_int_equal(chip.n_sign_calls, 0);
}

static void card_events_are_allowed_without_touching_a_card(void **state)
{
    struct request r = request_of(METHOD_SUBSCRIBE);
    (void)state;
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_OK);
    assert_int_equal(chip.n_opened, 0);
    assert_int_equal(person.n_shown_ready, 1);
}

/* A point on the curve: the public key of some other pair. */
static struct request decrypt_request(uint8_t *point)
{
    struct request r = request_of(METHOD_DECRYPT);
    unsigned char *bytes = NULL;
    EVP_PKEY *key = test_key("P-384");
    assert_int_equal(EVP_PKEY_get1_encoded_public_key(key, &bytes), 97);
    memcpy(point, bytes, 97);
    OPENSSL_free(bytes);
    EVP_PKEY_free(key);
    r.dec_alg = DEC_ECDH;
    r.cryptogram = span_of(point, 97);
    return r;
}

static void one_confirmation_decrypts_one_item(void **state)
{
    uint8_t point[97];
    struct request r = decrypt_request(point);
    (void)state;
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_OK);
    assert_int_equal(heard.plaintext_len, 48);
    assert_memory_equal(heard.plaintext, point + 1, 48);
    assert_int_equal(heard.cert_len, chip.cert.der_len);
    assert_int_equal(heard.n_sigs, 0);
    assert_int_equal(chip.n_decrypt_calls, 1);
}

static void a_point_off_the_curve_never_reaches_the_card(void **state)
{
    uint8_t point[97];
    struct request r = decrypt_request(point);
    (void)state;
    point[96] ^= 1;
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_DECRYPT_FAILED);
    assert_int_equal(heard.plaintext_len, 0);
    assert_int_equal(heard.cert_len, 0);
    assert_int_equal(chip.n_decrypt_calls, 0);
}

static void what_the_card_refuses_to_decrypt_is_final(void **state)
{
    uint8_t point[97];
    struct request r = decrypt_request(point);
    (void)state;
    chip.results[0] = ERR_DECRYPT_FAILED;
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_DECRYPT_FAILED);
    assert_int_equal(heard.plaintext_len, 0);
    assert_int_equal(person.shown.phase, ASK_ENDED);
    assert_int_equal(chip.n_decrypt_calls, 1);
}

static void an_expired_certificate_still_decrypts(void **state)
{
    uint8_t point[97];
    struct request r = decrypt_request(point);
    (void)state;
    chip.cert = test_cert_make("P-384", "critical,keyAgreement", "M M", -120, -60);
    person.acts[0] = (struct act){.when = ASK_READY, .verb = ASK_CONFIRM};
    run(&r, -1);
    assert_int_equal(heard.err, ERR_OK);
    assert_int_equal(heard.plaintext_len, 48);
}

static void a_key_that_is_not_for_it_does_not_decrypt(void **state)
{
    static const struct {
        const char *kind, *usage;
        bool no_decrypt;
        enum err want;
    } rows[] = {
        {"P-384", "critical,digitalSignature", false, ERR_CERT_NOT_FOUND},
        {"P-384", "critical,keyAgreement", true, ERR_ALG_UNSUPPORTED},
        {"P-256", "critical,keyAgreement", false, ERR_CERT_NOT_FOUND}, /* another length */
        {"RSA2048", "critical,keyEncipherment", false, ERR_ALG_UNSUPPORTED},
    };
    uint8_t point[97];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request r = decrypt_request(point);
        (void)tear_down(state);
        (void)set_up(state);
        chip.cert = test_cert_make(rows[i].kind, rows[i].usage, "M M", -60, 60);
        chip.no_decrypt = rows[i].no_decrypt;
        person.acts[0] =
            (struct act){.when = ASK_NO_CERT, .error = rows[i].want, .verb = ASK_REPORT};
        run(&r, -1);
        assert_int_equal(heard.err, rows[i].want);
        assert_int_equal(chip.n_decrypt_calls, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        STORY(one_confirmation_decrypts_one_item),
        STORY(a_point_off_the_curve_never_reaches_the_card),
        STORY(what_the_card_refuses_to_decrypt_is_final),
        STORY(an_expired_certificate_still_decrypts),
        STORY(a_key_that_is_not_for_it_does_not_decrypt),
        STORY(an_scs_login_signs_the_pages_words_with_the_hash_that_it_names),
        cmocka_unit_test(the_signer_sends_no_challenge_of_another_site_to_the_card),
        STORY(one_confirmation_gives_one_verified_signature),
        STORY(three_documents_are_signed_under_one_confirmation),
        STORY(the_card_uses_the_first_that_it_can_of_what_the_page_accepts),
        STORY(a_key_that_can_nothing_of_what_the_page_accepts_is_not_offered),
        STORY(the_cas_of_a_card_are_read_for_answers_with_a_chain),
        STORY(a_pin_on_the_reader_never_comes_here),
        STORY(a_pad_that_the_policy_leaves_alone_is_none),
        STORY(cancel_while_the_reader_waits_ends_it),
        STORY(a_pad_that_fails_or_waits_in_vain_asks_again),
        STORY(cancel_on_the_reader_is_the_persons_no),
        STORY(a_wrong_pin_asks_again_in_the_same_window),
        STORY(a_final_error_is_answered_first_and_explained_after),
        STORY(what_the_page_does_not_accept_is_shown_and_reported_only_by_the_person),
        STORY(a_filter_that_fits_changes_nothing),
        STORY(a_certificate_for_something_else_says_so),
        STORY(cancel_and_a_closed_window_are_the_persons_no),
        STORY(cancel_between_two_signatures_keeps_those_made),
        STORY(a_caller_that_goes_away_ends_it),
        STORY(nobody_answering_times_out),
        STORY(a_card_put_in_while_the_window_waits_is_read),
        STORY(what_is_missing_is_told_only_when_the_person_says_so),
        STORY(another_certificate_than_the_page_wants_can_not_sign),
        STORY(an_expired_certificate_is_shown_and_can_not_sign),
        STORY(the_signing_key_never_authenticates),
        STORY(a_blocked_pin_is_told_before_it_is_asked),
        STORY(a_certificate_is_given_without_a_pin),
        STORY(card_events_are_allowed_without_touching_a_card),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
