/* Cards as constant data: how one is recognised, where its certificates are, which keys and PINs it
 * has and how it wants them named. A new card is a row here and a replay file, no code
 * (docs/adding-a-card.md); a family that tells its own layout brings one function that fills a row.
 * Sources: FINEID S1, S4-1 v3.0 to v4.2 and S4-2 v4.0 as publicly documented implementations show
 * them. */
#ifndef CARD_PROFILE_H
#define CARD_PROFILE_H

#include "card/card.h"

#define PROFILE_HIST 15u /* historical bytes, ISO 7816-3 §8.2.2: at most 15 */
#define PROFILE_PATH 8u
#define PROFILE_AID  16u
#define PROFILE_NAME 64u

/* In a row that the card or a file filled. */
#define PROFILE_PINS 4u
#define PROFILE_ALGS 16u
#define PROFILE_KINS 4u
#define PROFILE_CRL  64u

#define PROFILE_PUK 3u /* profile_pin.index */

struct profile_pin {
    uint8_t index; /* 1: PIN1, 2: PIN2, 3: PUK */
    uint8_t ref;   /* P2 of VERIFY */
    uint8_t min;   /* digits that the card may hold */
    uint8_t max;
    uint8_t choose_min; /* digits that the issuer lets the holder choose */
    uint8_t choose_max;
    uint8_t stored; /* bytes on the card; shorter ones are padded. 0: sent as typed */
    uint8_t pad;
};

enum profile_place {
    PLACE_PATH,  /* file by its path from the MF; key in the application */
    PLACE_FOLDER /* file in the signature folder, which has an AID; so has the key */
};

struct profile_key {
    enum cert_use use;
    uint8_t ref; /* of MSE SET */
    size_t pin;  /* row of pins */
    enum profile_place place;
    uint8_t path[PROFILE_PATH]; /* certificate */
    size_t path_len;
    struct key_type type; /* when the certificate does not tell (card/certkey.h) */
    bool decrypts;        /* DECIPHER may use it */
};

/* One byte that names scheme and hash in MSE SET; rows stand in order of preference. */
struct profile_alg {
    struct sig_alg alg;
    uint8_t byte;
};

/* A certificate of a CA that the card holds, so that answers can carry the chain. */
struct profile_ca {
    enum profile_place place;
    uint8_t path[PROFILE_PATH];
    size_t path_len;
    bool is_directory; /* the file lists certificates (PKCS #15 CDF) instead of holding one */
};

/* Cards of two services that share ATR and layout and differ in what the holder may choose: the
 * certificate for authentication tells them apart. */
struct profile_kin {
    const char *crl;    /* its revocation list: the last part of the address (certkey_has_crl) */
    uint8_t index;      /* the PIN that differs */
    uint8_t choose_min; /* in place of the PIN's own */
    uint8_t choose_max;
};

/* What DECIPHER can do, and the byte of MSE SET for it; a key agreement has none. */
struct profile_dec {
    enum dec_alg alg;
    uint8_t byte;
};

/* How a digest reaches the card. */
enum profile_digest {
    DIGEST_LOADED, /* PSO HASH, then PSO CDS without data */
    DIGEST_INLINE  /* in PSO CDS */
};

/* Whether one VERIFY covers more than one use of a key. What a card does with its PINs is asked by
 * trying: a card that was thought to keep one and does not is given it each time from then on. */
enum profile_verify {
    VERIFY_EACH,   /* before each use: no dearer than asking */
    VERIFY_LASTING /* once, until the card says that it is not verified */
};

/* How a PIN is given a new value with the PUK. */
enum profile_unlock {
    UNLOCK_NONE,     /* nobody knows how */
    UNLOCK_ISSUER,   /* by the issuer's program or administrator, not by this program */
    UNLOCK_TOGETHER, /* RESET RETRY COUNTER with PUK and new PIN */
    UNLOCK_VERIFIED  /* VERIFY of the PUK, then RESET RETRY COUNTER with the new PIN */
};

/* How a fresh card says so, and which code its letter holds. */
enum profile_activation {
    FRESH_NEVER, /* not known, or not by this program */
    FRESH_PUK,   /* unusable PINs; the code is the PUK */
    FRESH_DATED  /* as FRESH_PUK, but from 2026-01-13 on a preset code in both PINs (S4-1 §4.6) */
};

struct profile_store;

struct profile {
    const char *name; /* for people who develop */
    uint8_t hist[PROFILE_HIST];
    uint8_t mask[PROFILE_HIST]; /* FF: this byte must fit, 00: any */
    size_t hist_len;
    /* Other kinds of card have this ATR too: the application must know the first PIN. */
    bool is_ambiguous;
    /* Asks the card where things are; the rest of the row is what it begins with. NULL: all is
     * here. ERR_CARD_UNKNOWN when the card is of another kind. */
    enum err (*read_layout)(struct card_io *io, const struct profile *row,
                            struct profile_store *ret);
    uint8_t aid[PROFILE_AID];
    size_t aid_len;
    uint8_t folder[PROFILE_AID]; /* of PLACE_FOLDER */
    size_t folder_len;
    enum profile_digest digest;
    enum profile_verify verify;
    enum profile_unlock unlock;
    enum profile_activation activation;
    const struct profile_pin *pins;
    size_t n_pins;
    const struct profile_key *keys;
    size_t n_keys;
    const struct profile_alg *algs;
    size_t n_algs;
    const struct profile_kin *kins;
    size_t n_kins;
    const struct profile_dec *decs; /* none: the card does not decrypt, or how is not known */
    size_t n_decs;
    const struct profile_ca *cas; /* at most LIMIT_CARD_CAS */
    size_t n_cas;
};

/* A row that is not constant, with what its pointers point to. */
struct profile_store {
    struct profile row;
    char name[PROFILE_NAME];
    struct profile_pin pins[PROFILE_PINS];
    struct profile_key keys[LIMIT_CERTS];
    struct profile_alg algs[PROFILE_ALGS];
    struct profile_kin kins[PROFILE_KINS];
    char crls[PROFILE_KINS][PROFILE_CRL];
    struct profile_dec decs[DEC_COUNT];
    struct profile_ca cas[LIMIT_CARD_CAS];
};

/* The rows of each family: profile_fineid.c, profile_siths.c. */
extern const struct profile profile_fineid[];
extern const size_t profile_fineid_count;
extern const struct profile profile_siths[];
extern const size_t profile_siths_count;

/* Built-in rows by position; NULL past the last. */
const struct profile *profile_at(size_t i);
bool profile_fits(const struct profile *p, struct span hist);
/* What the rest of card/ relies on, whoever wrote the row. */
bool profile_is_sound(const struct profile *p);

/* The historical bytes of an ATR (ISO 7816-3 §8.2), which may hold anything. ERR_CARD_UNKNOWN when
 * its structure does not add up to its length; the check byte TCK is not judged, the reader did. */
enum err profile_historical(struct span atr, struct span *ret) MUST_CHECK;
/* First built-in row whose historical bytes fit. ERR_CARD_UNKNOWN. */
enum err profile_find(struct span atr, const struct profile **ret) MUST_CHECK;

/* The row with this index (1: PIN1, 2: PIN2, 3: PUK); NULL when the card has no such PIN. */
const struct profile_pin *profile_pin_by_index(const struct profile *p, uint8_t index);

/* Can this program give a PIN a new value with the PUK? */
bool profile_unlocks(const struct profile *p);

/* Algorithms that the card offers for such a key, best first; returns how many, at most `cap`. For
 * EC the hash as wide as the field comes first. */
size_t profile_algs(const struct profile *p, struct key_type key, struct sig_alg *ret, size_t cap);
/* The MSE byte. ERR_ALG_UNSUPPORTED when the card can't do this with such a key. */
enum err profile_alg_byte(const struct profile *p, struct key_type key, struct sig_alg alg,
                          uint8_t *ret) MUST_CHECK;
/* The row for it; NULL when the card can't decrypt so with such a key. */
const struct profile_dec *profile_dec_find(const struct profile *p, const struct profile_key *key,
                                           struct key_type type, enum dec_alg alg);

#endif
