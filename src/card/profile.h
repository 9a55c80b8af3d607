/* Cards as constant data: how one is recognised, where its certificates are, which keys and PINs it
 * has and how it wants them named. A new card is a row here and a replay file, no code.
 * Sources: FINEID S1 and S4-1 v3.0 to v4.2 as publicly documented implementations show them. */
#ifndef CARD_PROFILE_H
#define CARD_PROFILE_H

#include "card/card.h"

#define PROFILE_HIST 15u /* historical bytes, ISO 7816-3 §8.2.2: at most 15 */
#define PROFILE_PATH 4u
#define PROFILE_AID  16u

struct profile_pin {
    uint8_t index; /* 1: PIN1, 2: PIN2, 3: PUK */
    uint8_t ref;   /* P2 of VERIFY */
    uint8_t min;   /* digits */
    uint8_t max;
    uint8_t stored; /* bytes on the card; shorter ones are padded */
    uint8_t pad;
};

struct profile_key {
    enum cert_use use;
    uint8_t ref;                /* of MSE SET */
    size_t pin;                 /* row of pins */
    uint8_t path[PROFILE_PATH]; /* certificate, from the MF */
    size_t path_len;
    struct key_type type; /* when the certificate does not tell (card/certkey.h) */
};

/* One byte that names scheme and hash in MSE SET; rows stand in order of preference. */
struct profile_alg {
    struct sig_alg alg;
    uint8_t byte;
};

struct profile {
    const char *name; /* for people who develop */
    uint8_t hist[PROFILE_HIST];
    uint8_t mask[PROFILE_HIST]; /* FF: this byte must fit, 00: any */
    size_t hist_len;
    uint8_t aid[PROFILE_AID];
    size_t aid_len;
    const struct profile_pin *pins;
    size_t n_pins;
    const struct profile_key *keys;
    size_t n_keys;
    const struct profile_alg *algs;
    size_t n_algs;
};

/* The FINEID rows; profile_fineid.c. */
extern const struct profile profile_fineid[];
extern const size_t profile_fineid_count;

/* The historical bytes of an ATR (ISO 7816-3 §8.2), which may hold anything. ERR_CARD_UNKNOWN when
 * its structure does not add up to its length; the check byte TCK is not judged, the reader did. */
enum err profile_historical(struct span atr, struct span *ret) MUST_CHECK;
/* First row whose historical bytes fit. ERR_CARD_UNKNOWN. */
enum err profile_find(struct span atr, const struct profile **ret) MUST_CHECK;

/* Algorithms that the card offers for such a key, best first; returns how many, at most `cap`. For
 * EC the hash as wide as the field comes first. */
size_t profile_algs(const struct profile *p, struct key_type key, struct sig_alg *ret, size_t cap);
/* The MSE byte. ERR_ALG_UNSUPPORTED when the card can't do this with such a key. */
enum err profile_alg_byte(const struct profile *p, struct key_type key, struct sig_alg alg,
                          uint8_t *ret) MUST_CHECK;

#endif
