/* Personalising test cards: a small CA, certificates, and the card's folder. */
#ifndef VCARD_ISSUE_H
#define VCARD_ISSUE_H

#include "profile.h"

#include "base/buf.h"

#include <openssl/x509.h>

struct issue_person {
    const char *given;
    const char *surname;
    char satu[10]; /* eight digits and the check character */
};

struct issue_urls {
    const char *ocsp;
    const char *ca;
    const char *crl; /* NULL: of the CA */
};

struct issue_ca {
    X509 *root;
    X509 *issuing;
    EVP_PKEY *issuing_key;
};

/* All families; those that the card has nothing from stay empty. */
struct issue_cas {
    struct issue_ca of[CA_COUNT];
};

struct issue_order {
    const char *ca_folder;
    const char *card_folder;
    const struct profile *profile;
    struct issue_person person;
    struct issue_urls urls;
    const char *serial; /* of the card; letters and digits */
    size_t n_keys;      /* the first so many of the profile's */
    const char *pin1;   /* NULL: the row's own */
    const char *pin2;
    const char *puk;
    unsigned activation;    /* 0: live; or one of the ACTIVATION_ schemes */
    const char *code;       /* what ACTIVATION_PRESET puts into both PINs */
    const char *not_before; /* ASN.1 GeneralizedTime text */
    const char *not_after;
};

/* The check character of a SATU: eight digits modulo 31. */
char issue_satu_check(const char *digits);

/* issue_keys.c. Makes the keys of all shapes at once, RSA ones side by side in threads. */
bool issue_make_keys(const enum key_shape *shapes, size_t n, EVP_PKEY **ret_keys);

/* issue_ca.c. Takes the CA of this family out of the folder, or makes it and writes it there
 * together with ca.pem, root.pem and chain.pem (issuing certificates, roots, both, of all families
 * there). */
bool issue_ca_open(const char *folder, enum ca_family family, struct issue_ca *ret);
void issue_ca_close(struct issue_ca *ca);

/* issue_cert.c */
X509 *issue_cert_ca(EVP_PKEY *key, const char *name, const char *country, X509 *issuer,
                    EVP_PKEY *issuer_key);
/* Whose family a certificate of this key is. */
enum ca_family issue_family(const struct profile *p, const struct profile_key *row);
X509 *issue_cert_person(const struct issue_order *o, const struct profile_key *row, EVP_PKEY *key,
                        const struct issue_ca *ca);

/* issue_files.c. Content of one file; certificates come from the arguments. */
enum err issue_file(const struct issue_order *o, const struct profile_file *f,
                    const struct issue_cas *cas, X509 *const *certs, struct buf *out) MUST_CHECK;

/* issue_directory.c. Directory files of PKCS #15 and ISO 7816-15. */
enum err issue_dir(const struct issue_order *o, struct buf *out) MUST_CHECK;
enum err issue_odf(const struct issue_order *o, struct buf *out) MUST_CHECK;
enum err issue_aodf(const struct issue_order *o, struct buf *out) MUST_CHECK;
enum err issue_prkdf(const struct issue_order *o, struct buf *out) MUST_CHECK;
enum err issue_cdf(const struct issue_order *o, struct buf *out) MUST_CHECK;
enum err issue_cdf_ca(const struct issue_order *o, struct buf *out) MUST_CHECK;
/* issue_token.c */
enum err issue_token_info(const struct issue_order *o, struct buf *out) MUST_CHECK;

/* issue_minidriver.c */
enum err issue_md_card_id(const struct issue_order *o, struct buf *out) MUST_CHECK;
enum err issue_md_index(const struct issue_order *o, X509 *const *certs,
                        struct buf *out) MUST_CHECK;
enum err issue_md_containers(const struct issue_order *o, struct buf *out) MUST_CHECK;
enum err issue_md_key_map(const struct issue_order *o, struct buf *out) MUST_CHECK;

#endif
