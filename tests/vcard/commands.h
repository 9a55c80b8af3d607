/* The instructions of a card family. A dialect is a table; another family brings its own table and
 * may share rows. */
#ifndef VCARD_COMMANDS_H
#define VCARD_COMMANDS_H

#include "apdu.h"
#include "engine.h"

#define SW_OK           0x9000u
#define SW_MORE         0x6100u /* + bytes waiting */
#define SW_WRONG        0x63C0u /* + tries left */
#define SW_MEMORY       0x6581u
#define SW_LENGTH       0x6700u
#define SW_NO_CHAIN     0x6884u
#define SW_SECURITY     0x6982u
#define SW_BLOCKED      0x6983u
#define SW_INVALID      0x6984u
#define SW_CONDITIONS   0x6985u
#define SW_NO_EF        0x6986u
#define SW_DATA         0x6A80u
#define SW_NO_FILE      0x6A82u
#define SW_P1P2         0x6A86u
#define SW_NO_REFERENCE 0x6A88u
#define SW_OFFSET       0x6B00u
#define SW_LE           0x6C00u /* + right Le */
#define SW_INS          0x6D00u
#define SW_CLA          0x6E00u
#define SW_INTERNAL     0x6F00u

/* Which way data flows decides what P3 means on T=0. */
enum flow {
    FLOW_IN,   /* P3 = Lc; an Le behind the data is a mistake of the host */
    FLOW_OUT,  /* P3 = Le; data is a mistake of the host unless the row says that it looks at it */
    FLOW_BOTH, /* P3 = Lc; the answer waits for GET RESPONSE unless an Le came along */
};

struct command {
    uint8_t ins;
    enum flow flow;
    bool takes_data; /* FLOW_OUT: the handler judges data itself */
    bool refuses_le; /* FLOW_BOTH: an Le behind the data is answered 6700, as strict T=0 cards do */
    bool waits;      /* T=0: what data asked for is always fetched, Le or not */
    /* Returns SW; data goes to `out`. */
    unsigned (*run)(struct engine *e, const struct apdu *a, struct buf *out);
};

/* An algorithm of MSE SET. */
enum scheme {
    SCHEME_RAW,   /* can be set but not used */
    SCHEME_INFO,  /* PKCS #1 v1.5 around what the host brings: a DigestInfo */
    SCHEME_PKCS1, /* PKCS #1 v1.5 around a digest */
    SCHEME_ECDSA,
    SCHEME_PSS, /* salt as long as the digest */
};

struct alg_row {
    uint8_t byte;
    enum scheme scheme;
    uint8_t digest_len; /* 0: any */
    const char *hash;
};

/* An algorithm of MSE SET for DECIPHER. */
struct dec_row {
    uint8_t byte;
    const char *hash; /* of OAEP; NULL: PKCS #1 v1.5 */
};

struct dialect {
    const struct command *commands;
    size_t n_commands;
    const struct alg_row *algs;
    size_t n_algs;
    const struct dec_row *decs; /* none: RSA keys don't decipher */
    size_t n_decs;
    bool agrees;            /* EC keys do, by ECDH */
    bool digest_inline;     /* COMPUTE DIGITAL SIGNATURE brings it */
    bool digest_loaded;     /* PSO HASH before; both may hold */
    bool hash_returns;      /* PSO HASH answers with the digest */
    bool verified_survives; /* SELECT by name leaves PINs verified */
    bool absent_selects;    /* SELECT P1=00 of a file that is not there answers 9000 */
};

extern const struct dialect dialect_citizen;
extern const struct dialect dialect_org;
extern const struct dialect dialect_minidriver;
extern const struct dialect dialect_pkcs15_a;
extern const struct dialect dialect_pkcs15_b;

/* engine.c */
#define CLA_CHAINED 0x10u
/* The key with this reference that is in reach; n_keys: none. */
size_t engine_find_key(const struct engine *e, uint8_t ref);
/* Whether the PIN of this key is verified. */
bool *engine_pin_flag(struct engine *e, const struct profile_key *key);
#define INS_GET_RESPONSE 0xC0u
unsigned engine_get_response(struct engine *e, const struct apdu *a, struct buf *out);
/* Local PINs and keys, and files of SCOPE_APP, are in reach. */
bool engine_inside(const struct engine *e);
/* Does the answer to this command go out with it, or wait for GET RESPONSE? */
bool engine_at_once(const struct engine *e, const struct command *c, const struct apdu *a);

/* files.c */
unsigned files_select(struct engine *e, const struct apdu *a, struct buf *out);
unsigned files_read_binary(struct engine *e, const struct apdu *a, struct buf *out);

/* minidriver.c */
unsigned minidriver_get_data(struct engine *e, const struct apdu *a, struct buf *out);
unsigned minidriver_challenge(struct engine *e, const struct apdu *a, struct buf *out);

/* pins.c */
unsigned pins_verify(struct engine *e, const struct apdu *a, struct buf *out);
unsigned pins_change(struct engine *e, const struct apdu *a, struct buf *out);
/* PUK and new value in one command. */
unsigned pins_unblock(struct engine *e, const struct apdu *a, struct buf *out);
/* New value alone, after VERIFY of the PUK. */
unsigned pins_unblock_verified(struct engine *e, const struct apdu *a, struct buf *out);
unsigned pins_get_data(struct engine *e, const struct apdu *a, struct buf *out);
void pins_forget(struct engine *e);

/* deciphering.c */
unsigned deciphering_set_env(struct engine *e, const struct apdu *a);
unsigned deciphering_operate(struct engine *e, const struct apdu *a, struct buf *out);

/* signing.c */
unsigned signing_set_env(struct engine *e, const struct apdu *a, struct buf *out);
unsigned signing_operate(struct engine *e, const struct apdu *a, struct buf *out);

#endif
