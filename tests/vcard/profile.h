/* What a kind of card is: one const row per card, in profile_<family>.c. The engine plays the row,
 * vcard-issue personalises it; neither knows a card by name. Byte values are the published ones of
 * each family; the README says where there are none. */
#ifndef VCARD_PROFILE_H
#define VCARD_PROFILE_H

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FID_MF            0x3F00u
#define FID_SIGN_DF       0x5016u
#define PROFILE_PIN_MAX   12u /* digits of a PIN */
#define PROFILE_BLOCK_MAX 16u /* bytes of a padded PIN */

#define PROFILE_COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum key_shape { SHAPE_P256, SHAPE_P384, SHAPE_RSA2048, SHAPE_RSA3072 };
enum ca_family {
    CA_EC,
    CA_RSA,
    CA_ORG,
    CA_HEALTH,
    CA_SITHS_HSA,
    CA_SITHS_PERSON,
    CA_E_LEGITIMATION,
    CA_COUNT
};

/* Whom a certificate names, and how; rows in issue_cert.c. */
enum holder {
    HOLDER_CITIZEN,
    HOLDER_EMPLOYEE,
    HOLDER_HEALTH,
    HOLDER_HSA_ID,
    HOLDER_PERSON_ID,
    HOLDER_E_LEGITIMATION
};

/* Where a file can be seen: always, or only after SELECT of an application that opens. */
enum file_scope { SCOPE_MF, SCOPE_APP };

/* What vcard-issue writes into a file. */
enum file_content {
    CONTENT_CARD_ACCESS,
    CONTENT_DIR,
    CONTENT_ODF,
    CONTENT_TOKEN_INFO,
    CONTENT_AODF,
    CONTENT_PRKDF,
    CONTENT_CDF,
    CONTENT_CDF_CA,   /* of trusted certificates: those of the CAs */
    CONTENT_KEY_CERT, /* the certificate of the key whose row names this file */
    CONTENT_CA_CERT,
    CONTENT_ROOT_CERT,
    CONTENT_MD_CARD_ID, /* minidriver layout: issue_minidriver.c */
    CONTENT_MD_INDEX,
    CONTENT_MD_CONTAINERS,
    CONTENT_MD_KEY_MAP,
};

struct profile_file {
    uint16_t df; /* FID_MF or a folder below it */
    uint16_t fid;
    enum file_scope scope;
    enum file_content content;
};

/* What SELECT by name finds. */
struct profile_app {
    struct span aid;
    const char *label; /* in EF.DIR; NULL: not listed there */
    uint16_t df;       /* the folder that becomes current */
    bool opens;        /* shows SCOPE_APP, local PINs and keys; else only its own folder's files */
};

struct profile_pin {
    const char *label;
    const char *preset; /* digits of a new card */
    uint8_t ref;
    uint8_t id;  /* PKCS#15 identifier */
    uint8_t min; /* digits */
    uint8_t max;
    uint8_t stored; /* bytes it is padded to; 0: as many bytes as digits */
    uint8_t pad;
    uint8_t tries;
    bool is_puk;
    bool signs;       /* PIN of the legal signature: can be one-shot */
    uint8_t flags[2]; /* pinFlags: unused bits, bits */
    uint16_t path;    /* DF of the PIN object in the AODF; 0: no path there */
};

struct profile_key {
    const char *label;
    uint8_t ref;
    uint8_t id;
    uint8_t pin_ref;
    enum key_shape shape;
    bool signs; /* certificate has nonRepudiation alone */
    uint16_t cert_df;
    uint16_t cert_fid;
    enum holder holder;
    const char *policy; /* certificate policy OID */
};

/* One entry of supportedAlgorithms in TokenInfo. */
struct profile_alg {
    unsigned mechanism; /* PKCS #11 number */
    struct span oid;
    struct span hash;   /* of PSS; empty: NULL parameters */
    unsigned salt;      /* 0: none, as of OAEP */
    unsigned reference; /* algRef: what MSE SET wants */
};

/* Schemes that a factory-fresh card of this kind can be issued in. */
#define ACTIVATION_PUK    1u /* PINs invalid until RESET RETRY COUNTER with the PUK or code */
#define ACTIVATION_PRESET 2u /* one code is in both PINs, to be changed */

struct dialect; /* commands.h */

struct profile {
    const char *name;
    const char *token_label;
    const char *manufacturer;
    struct span atr;
    bool t1; /* the ATR offers T=1 besides T=0 */
    const struct dialect *dialect;
    enum ca_family ca; /* of citizen certificates, and of the CA files on the card */
    /* Status word for a READ that asks explicitly for more than is left: 0x6C00 corrects, all else
     * refuses. Cards of the field do either. */
    uint16_t sw_overlong_read;
    bool relative_paths; /* directory files leave 3F00 and the application's folder out */
    unsigned activations;
    bool cdf_has_cas; /* the directory of the holder's certificates lists the CAs as "authority" */
    const struct profile_app *apps;
    size_t n_apps;
    const struct profile_file *files;
    size_t n_files;
    const struct profile_pin *pins;
    size_t n_pins;
    const struct profile_key *keys;
    size_t n_keys;
    const struct profile_alg *algs;
    size_t n_algs;
    bool deciphers; /* the directory says it of the keys that do not sign */
    const struct profile_alg *decs;
    size_t n_decs;
};

/* Rows of each family; profile.c puts them together. */
extern const struct profile profile_fineid[];
extern const size_t profile_fineid_count;
extern const struct profile profile_dvv[];
extern const size_t profile_dvv_count;
extern const struct profile profile_siths[];
extern const size_t profile_siths_count;
extern const struct profile profile_pkcs15[];
extern const size_t profile_pkcs15_count;

/* NULL when there is no such row. */
const struct profile *profile_find(const char *name);
/* Row by position, NULL past the last; for listings. */
const struct profile *profile_at(size_t index);

const struct profile_pin *profile_pin_find(const struct profile *p, uint8_t ref);
/* The key whose certificate stands in this file; NULL when none does. */
const struct profile_key *profile_key_of_file(const struct profile *p,
                                              const struct profile_file *f);
/* First file with this content; NULL when the card has none. */
const struct profile_file *profile_file_with(const struct profile *p, enum file_content content);

#endif
