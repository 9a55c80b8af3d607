/* Counts what each flow costs the card: exchanges and bytes, told by the virtual card itself. Runs
 * in a stage of tests/vcard/with_card; prints one line of figures per flow.
 * usage: card_flows [PIN1 PIN2] */
#include "card/card.h"
#include "card/pcsc.h"
#include "card/pintask.h"
#include "card/readers.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define JOBS_MAX 3
#define PUK      "12345678" /* of every card that is made without another one */
#define NEW_PIN  "753190"   /* fits every card */

static char reader[LIMIT_READER_NAME];
static const char *pins[] = {"1234", "123456"};

static void stop(const char *what, enum err e)
{
    fprintf(stderr, "card_flows: %s: %s\n", what, err_name(e));
    exit(1);
}

/* One command to the virtual card's control socket, its one-line answer. */
static void control(const char *command, char *answer, size_t cap)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *stage = getenv("KS_STAGE_DIR");
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/card0.ctl",
             stage != NULL ? stage : ".");
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        dprintf(fd, "%s\n", command) < 0) {
        stop("control socket", ERR_CLOSED);
    }
    ssize_t n = read(fd, answer, cap - 1);
    answer[n > 0 ? n : 0] = '\0';
    close(fd);
}

static struct secret *secret_of(const char *digits)
{
    struct secret *pin = NULL;
    if (secret_new(&pin) != ERR_OK) {
        stop("secret", ERR_NOMEM);
    }
    while (*digits != '\0') {
        if (secret_push(pin, (uint8_t)*digits++) != ERR_OK) {
            stop("secret", ERR_TOO_LARGE);
        }
    }
    return pin;
}

static struct secret *pin_of(const struct card_key *key)
{
    return secret_of(pins[key->pin_index == 1 ? 0 : 1]);
}

static void run_flow(enum cert_use use, uint64_t epoch, size_t n_jobs)
{
    struct card_job jobs[JOBS_MAX] = {0};
    struct card_io *io = NULL;
    struct card *card = NULL;
    size_t done = 0;
    enum err e = pcsc_open(reader, &io);
    if (e == ERR_OK) {
        e = card_open(io, &card);
    }
    if (e == ERR_OK) {
        e = card_read_keys(card, use, epoch);
    }
    if (e != ERR_OK) {
        stop("read", e);
    }
    struct card_key *key = &card->keys[0];
    struct secret *pin = pin_of(key);
    for (size_t i = 0; i < n_jobs; i++) {
        if (card_key_algs(card, key, &jobs[i].alg, 1) != 1) {
            stop("algorithm", ERR_ALG_UNSUPPORTED);
        }
        memset(jobs[i].digest, (int)(i + 1), alg_hash_len(jobs[i].alg.hash));
    }
    e = card_sign(card, key, &(struct card_pin){.value = pin}, jobs, n_jobs, NULL, NULL, &done);
    if (e != ERR_OK || done != n_jobs) {
        stop("sign", e);
    }
    secret_free(&pin);
    card_free(&card);
}

/* What is read while the person looks: the CA files of the card. Told: how many there were. */
static void measure_cas(const char *name, uint64_t epoch)
{
    char answer[2048];
    struct card_io *io = NULL;
    struct card *card = NULL;
    enum err e = pcsc_open(reader, &io);
    if (e == ERR_OK) {
        e = card_open(io, &card);
    }
    if (e != ERR_OK) {
        stop("open", e);
    }
    control("stats-reset", answer, sizeof answer);
    card_read_cas(card, epoch);
    control("stats", answer, sizeof answer);
    printf("%s %s", name, answer);
    card_free(&card);
}

/* A cryptogram of the key's own length that holds nothing: the commands are those of a right one,
 * and the card says no to what it finds, or gives what an agreement gives. */
static void measure_decrypt(uint64_t epoch)
{
    static const enum dec_alg algs[] = {DEC_RSA_PKCS1, DEC_OAEP_SHA256, DEC_ECDH};
    char answer[2048];
    struct card_io *io = NULL;
    struct card *card = NULL;
    struct buf out;
    uint8_t cryptogram[LIMIT_SIGNATURE] = {0x04};
    enum err e = pcsc_open(reader, &io);
    if (e == ERR_OK) {
        e = card_open(io, &card);
    }
    control("stats-reset", answer, sizeof answer);
    if (e == ERR_OK) {
        e = card_read_keys(card, CERT_AUTH, epoch);
    }
    if (e != ERR_OK) {
        stop("read", e);
    }
    struct card_key *key = &card->keys[0];
    struct secret *pin = pin_of(key);
    buf_init(&out, LIMIT_SIGNATURE);
    for (size_t i = 0; i < sizeof algs / sizeof algs[0]; i++) {
        if (!card_key_decrypts(card, key, algs[i])) {
            continue;
        }
        size_t len = alg_dec_input_len(card_key_type(card, key));
        e = card_decrypt(card, key, &(struct card_pin){.value = pin}, algs[i],
                         span_of(cryptogram, len), &out);
        if (e != ERR_OK && e != ERR_DECRYPT_FAILED) {
            stop("decrypt", e);
        }
        control("stats", answer, sizeof answer);
        printf("decrypt-card-not-removed %s", answer);
        break;
    }
    buf_clear(&out);
    secret_free(&pin);
    card_free(&card);
}

typedef enum err (*pin_task)(struct card *c, uint8_t index, const struct pintask_values *values,
                             int8_t *ret_tries);

/* PIN1 of a card that is open; nothing is printed for a task that it has not got. */
static void measure_task(const char *name, pin_task task, const char *proof, const char *fresh)
{
    char answer[2048];
    struct card_io *io = NULL;
    struct card *card = NULL;
    int8_t tries = -1;
    struct secret *old_value = secret_of(proof), *new_value = secret_of(fresh);
    enum err e = pcsc_open(reader, &io);
    if (e == ERR_OK) {
        e = card_open(io, &card);
    }
    control("stats-reset", answer, sizeof answer);
    if (e == ERR_OK) {
        e = task(card, 1, &(struct pintask_values){.proof = old_value, .fresh = new_value}, &tries);
    }
    if (e != ERR_OK && e != ERR_UNSUPPORTED) {
        stop(name, e);
    }
    control("stats", answer, sizeof answer);
    if (e == ERR_OK) {
        printf("%s %s", name, answer);
    }
    secret_free(&old_value);
    secret_free(&new_value);
    card_free(&card);
}

static void measure(const char *name, enum cert_use use, uint64_t epoch, size_t n_jobs)
{
    char answer[2048];
    control("stats-reset", answer, sizeof answer);
    run_flow(use, epoch, n_jobs);
    control("stats", answer, sizeof answer);
    printf("%s %s", name, answer);
}

/* The certificate cache lives in the runtime folder: a new one forgets every card. */
static void forget(void)
{
    char folder[512];
    const char *stage = getenv("KS_STAGE_DIR");
    snprintf(folder, sizeof folder, "%s/runtime-XXXXXX", stage != NULL ? stage : ".");
    if (mkdtemp(folder) == NULL || setenv("XDG_RUNTIME_DIR", folder, 1) != 0) {
        stop("runtime folder", ERR_CLOSED);
    }
}

/* One to three signatures, cold, by a card whose PIN2 lasts ("persistent") or covers one
 * ("oneshot"). */
static void measure_signatures(const char *name, const char *pin2, uint64_t epoch)
{
    char text[64];
    char answer[2048];
    snprintf(text, sizeof text, "pin2 %s", pin2);
    control(text, answer, sizeof answer);
    for (size_t n = 1; n <= JOBS_MAX; n++) {
        forget();
        snprintf(text, sizeof text, "%s-%zu-cold", name, n);
        measure(text, CERT_SIGN, epoch, n);
    }
}

static uint64_t epoch_of(struct readers *watch)
{
    struct reader_state states[LIMIT_READERS];
    struct pollfd p = {.fd = readers_fd(watch), .events = POLLIN};
    size_t n = 0;
    uint64_t epoch = readers_epoch(watch);
    while (epoch == 0) {
        (void)poll(&p, 1, -1);
        enum err e = readers_take(watch, states, LIMIT_READERS, &n);
        epoch = e == ERR_OK ? readers_epoch(watch) : 0;
    }
    return epoch;
}

int main(int argc, char **argv)
{
    struct reader_state states[LIMIT_READERS];
    struct readers *watch = NULL;
    size_t n = 0;
    if (argc == 3) {
        pins[0] = argv[1];
        pins[1] = argv[2];
    }
    enum err e = readers_list(states, LIMIT_READERS, &n);
    if (e == ERR_OK) {
        e = n > 0 && states[0].has_card ? readers_open(&watch) : ERR_NO_CARD;
    }
    if (e != ERR_OK) {
        stop("reader", e);
    }
    memcpy(reader, states[0].name, sizeof reader);
    uint64_t epoch = epoch_of(watch);
    forget();
    measure("authenticate-cold", CERT_AUTH, epoch, 1);
    measure("authenticate-card-not-removed", CERT_AUTH, epoch, 1);
    measure_decrypt(epoch);
    measure("authenticate-card-recognised", CERT_AUTH, 0, 1);
    forget();
    measure_cas("cas-cold", epoch);
    measure_cas("cas-card-not-removed", epoch);
    measure_cas("cas-card-recognised", 0);
    measure_signatures("sign", "persistent", epoch);
    measure_signatures("oneshot", "oneshot", epoch);
    measure_task("pin-change", pintask_change, pins[0], NEW_PIN);
    measure_task("pin-unlock", pintask_unlock, PUK, pins[0]);
    readers_close(&watch);
    return 0;
}
