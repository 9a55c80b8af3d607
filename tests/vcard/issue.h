/* Personalising test cards: a small CA, certificates of the Finnish profile, and the card's folder.
 */
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
    const char *crl;
};

struct issue_ca {
    X509 *root;
    X509 *issuing;
    EVP_PKEY *issuing_key;
};

struct issue_order {
    const char *ca_folder;
    const char *card_folder;
    const struct profile *profile;
    struct issue_person person;
    struct issue_urls urls;
    const char *serial; /* of the card; letters and digits */
    const char *pin1;
    const char *pin2;
    const char *puk;
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
X509 *issue_cert_ca(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *issuer_key);
X509 *issue_cert_person(const struct issue_order *o, const struct profile_key *row, EVP_PKEY *key,
                        const struct issue_ca *ca);

/* issue_files.c. Content of one file; certificates come from the arguments. */
enum err issue_file(const struct issue_order *o, const struct profile_file *f,
                    const struct issue_ca *ca, X509 *const *certs, struct buf *out) MUST_CHECK;

#endif
