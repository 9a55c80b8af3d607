/* A card in a reader, by its profile: read what it says about itself, and sign under one PIN entry.
 * Every function is one bracket: it begins an exclusive transaction, works, and ends it, so that
 * nothing is held while a person types. */
#ifndef CARD_CARD_H
#define CARD_CARD_H

#include "base/alg.h"
#include "base/buf.h"
#include "base/limits.h"
#include "card/card_io.h"
#include "os/secret.h"

struct profile; /* card/profile.h */
struct profile_store;

enum cert_use { CERT_AUTH, CERT_SIGN };

/* One key with its certificate and the PIN that guards it. */
struct card_key {
    enum cert_use use;
    size_t row;        /* index into profile->keys */
    struct buf cert;   /* DER, exact length */
    uint8_t pin_index; /* 1 or 2 */
    uint8_t pin_min;
    uint8_t pin_max;
    int8_t tries_left; /* -1: the card does not tell */
    bool pin_blocked;
    bool pin_activated; /* false: the card says that the PIN was never set */
};

#define CARD_PINS 4u /* by their index, 1 to 3 */

struct card {
    struct card_io *io; /* owned */
    const struct profile *profile;
    struct profile_store *own;      /* owned: what `profile` points into, unless a built-in row */
    char reader[LIMIT_READER_NAME]; /* UTF-8 */
    uint8_t atr[LIMIT_ATR];
    size_t atr_len;
    struct card_key keys[LIMIT_CERTS];
    size_t n_keys;
    /* The value of each PIN that the card refused last: it never goes out a second time. */
    struct secret *refused[CARD_PINS];
    int8_t pin_tries[CARD_PINS]; /* as last heard; -1: ask */
    /* Certificates of CAs, DER: candidates, which crypto/chain.h tells from rubbish. */
    struct buf cas[LIMIT_CARD_CAS];
    size_t n_cas;
    bool has_read_cas;
    bool is_unproven; /* it was reset, and nothing has yet proved that it is the same card */
};

/* Finds the profile: by ATR, and where that does not say enough by asking the card, in a bracket of
 * its own that leaves no trace but the selected application. Keeps `take_io` also when it fails.
 * ERR_CARD_UNKNOWN, and what a bracket can end with. */
enum err card_open(struct card_io *take_io, struct card **ret) MUST_CHECK;
/* Closes the connection and leaves the card as it is; clears the pointer; NULL is fine. */
void card_free(struct card **c);

/* From now on the reader is used as one without a PIN pad. */
void card_leave_pad(struct card *c);

/* Reads the certificates for `use` with the tries left of their PINs into c->keys (adding to those
 * read before; a key that is already there is refreshed). `epoch`: see struct request; 0 makes a
 * known card be recognised by the first block of its certificate, never by the insertion count
 * alone. ERR_CARD_REMOVED, ERR_CARD_IO, ERR_CARD_STATUS, ERR_CARD_CHANGED, ERR_CERT_NOT_FOUND. */
enum err card_read_keys(struct card *c, enum cert_use use, uint64_t epoch) MUST_CHECK;

/* Reads the CAs that the profile names into c->cas, once in the card's life, in a bracket of its
 * own; known ones (`epoch`: as above) without touching the card. Nothing here is an error: a card
 * that has none, holds rubbish or breaks off gives fewer. Never between a PIN and its use. */
void card_read_cas(struct card *c, uint64_t epoch);

/* Algorithms of the key in order of preference; returns how many, at most `cap`. */
size_t card_key_algs(const struct card *c, const struct card_key *k, struct sig_alg *ret,
                     size_t cap);
struct key_type card_key_type(const struct card *c, const struct card_key *k);

/* Called after each signature; false stops before the next one (the result is then ERR_ABORTED and
 * *ret_done says how many were made). */
typedef bool (*card_progress)(void *user, size_t done, size_t total);

/* How the PIN of a key comes to the card. */
struct card_pin {
    const struct secret *value;      /* NULL: it is typed on the reader's PIN pad, */
    const struct pad_person *person; /* and this is who types it there */
    bool last_try_agreed;            /* the person was told that one try is left and said yes */
};

struct card_job {
    struct sig_alg alg;
    uint8_t digest[LIMIT_DIGEST]; /* alg_hash_len(alg.hash) bytes */
    uint8_t value[LIMIT_SIGNATURE];
    size_t value_len; /* set on success */
};

/* Signs all jobs with one PIN entry in one exclusive transaction: same card as before (PC/SC state,
 * and the certificate where in doubt), SELECT, then for each job VERIFY (where one lasts, before
 * the first one alone: profile.h), MSE SET, PSO HASH, PSO CDS. The verified state is dropped at the
 * end, whatever happened. The PIN is checked for its shape first (ERR_PIN_FORMAT, nothing sent),
 * and with one try left it is sent only when last_try_agreed (ERR_PIN_LAST_TRY); a value that this
 * card has just refused is not sent at all (ERR_PIN_REPEATED).
 * Typed on the reader's pad it is asked for each time that it goes out; ERR_CANCELLED, ERR_ABORTED
 * and the errors of card/pin_pad.h then end the work. ERR_PIN_WRONG and ERR_PIN_BLOCKED refresh
 * k->tries_left. ERR_CARD_CHANGED, ERR_CARD_REMOVED, ERR_CARD_IO, ERR_CARD_STATUS. */
enum err card_sign(struct card *c, struct card_key *k, const struct card_pin *pin,
                   struct card_job *jobs, size_t n_jobs, card_progress progress, void *user,
                   size_t *ret_done) MUST_CHECK;

/* Whether card_decrypt can do it with this key. */
bool card_key_decrypts(const struct card *c, const struct card_key *k, enum dec_alg alg);

/* Decrypts one cryptogram, alg_dec_input_len() bytes, in one exclusive transaction: as card_sign,
 * then MSE SET and PSO DECIPHER. The card takes the padding off itself, so nothing that is signed
 * can come out of it. out (cleared first) gets 1 to alg_dec_output_max() bytes. ERR_DECRYPT_FAILED
 * for everything that may depend on the cryptogram; ERR_ALG_UNSUPPORTED; else as card_sign. */
enum err card_decrypt(struct card *c, struct card_key *k, const struct card_pin *pin,
                      enum dec_alg alg, struct span cryptogram, struct buf *out) MUST_CHECK;

/* Tries left of every PIN that the profile knows, without touching a counter; for the tool.
 * tries[i] is for profile->pins[i]; -1: the card does not tell, 0: blocked. */
enum err card_read_tries(struct card *c, int8_t *ret_tries, size_t cap, size_t *ret_n) MUST_CHECK;

#endif
