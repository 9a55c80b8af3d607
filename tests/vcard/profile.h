/* What a kind of card is: one const row per card, in profile.c. The engine plays the row,
 * vcard-issue personalises it; neither knows a card by name. Byte values are the published ones of
 * each family. */
#ifndef VCARD_PROFILE_H
#define VCARD_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FID_MF          0x3F00u
#define FID_SIGN_DF     0x5016u
#define PROFILE_PIN_MAX 12u /* digits; also the stored length that the padding fills */

enum key_shape { SHAPE_P256, SHAPE_P384, SHAPE_RSA2048, SHAPE_RSA3072 };
enum ca_family { CA_EC, CA_RSA };

/* Where a file can be seen: under the MF always, or only after SELECT of the PKCS#15 application.
 */
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
    CONTENT_KEY_CERT, /* the certificate of the key whose row names this file */
    CONTENT_CA_CERT,
    CONTENT_ROOT_CERT,
};

struct profile_file {
    uint16_t df; /* FID_MF or FID_SIGN_DF */
    uint16_t fid;
    enum file_scope scope;
    enum file_content content;
};

struct profile_pin {
    const char *label;
    uint8_t ref;
    uint8_t id;  /* PKCS#15 identifier */
    uint8_t min; /* digits */
    uint8_t max;
    uint8_t tries;
    bool is_puk;
    bool signs;       /* PIN of the legal signature: can be one-shot */
    uint8_t flags[2]; /* pinFlags: unused bits, bits */
    uint16_t path;    /* DF of the PIN object in the AODF */
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
    const char *policy; /* certificate policy OID */
};

struct dialect; /* commands.h */

struct profile {
    const char *name;
    const char *token_label;
    const uint8_t *atr;
    size_t atr_len;
    const struct dialect *dialect;
    enum ca_family ca;
    /* Status word for a READ that asks explicitly for more than is left: 0x6C00 corrects, all else
     * refuses. Cards of the field do either. */
    uint16_t sw_overlong_read;
    const struct profile_file *files;
    size_t n_files;
    const struct profile_pin *pins;
    size_t n_pins;
    const struct profile_key *keys;
    size_t n_keys;
};

/* NULL when there is no such row. */
const struct profile *profile_find(const char *name);
/* Row by position, NULL past the last; for listings. */
const struct profile *profile_at(size_t index);

const struct profile_pin *profile_pin_find(const struct profile *p, uint8_t ref);
/* The key whose certificate stands in this file; NULL when none does. */
const struct profile_key *profile_key_of_file(const struct profile *p,
                                              const struct profile_file *f);

#endif
