/* X.509 certificates of cards (RFC 5280): what the program needs of them, out of OpenSSL. */
#ifndef CRYPTO_CERT_H
#define CRYPTO_CERT_H

#include "base/alg.h"
#include "base/buf.h"
#include "base/identifier.h"
#include "base/limits.h"

/* Bits of key_usage, RFC 5280 §4.2.1.3: bit n of the extension is 1 << n. */
#define CERT_DIGITAL_SIGNATURE 1u
#define CERT_NON_REPUDIATION   2u
#define CERT_ENCIPHERMENT      12u /* keyEncipherment, dataEncipherment */
#define CERT_KEY_AGREEMENT     16u

struct cert_info {
    struct key_type key;
    uint16_t key_usage;              /* 0 without the extension: for nothing here */
    char holder[LIMIT_CERT_TEXT];    /* subject commonName, UTF-8 with NUL; "" when absent */
    char person_id[LIMIT_CERT_TEXT]; /* subject serialNumber (SATU, HSA-id ...) */
    enum id_kind id_kind;            /* of person_id */
    /* Subject organizationName and organizationalUnitName, which name the employer on cards of
     * organisations and of health care; a citizen's certificate has neither. */
    char employer[LIMIT_CERT_TEXT];
    char issuer[LIMIT_CERT_TEXT]; /* issuer commonName */
    /* The issuer's whole name as RFC 4514 writes it, UTF-8 unescaped; not to be shown. "" when it
     * does not fit. */
    char issuer_name[LIMIT_FILTER_ISSUER + 1];
    char policies[LIMIT_POLICIES][LIMIT_OID + 1]; /* certificatePolicies, dotted; the first ones */
    size_t n_policies;
    int64_t not_before; /* seconds since 1970, UTC */
    int64_t not_after;
};

/* ERR_CERT_INVALID when the bytes are not exactly one certificate with a key we know. Texts that
 * don't fit are cut at a code point. */
enum err cert_parse(struct span der, struct cert_info *ret) MUST_CHECK;

/* Authentication: digitalSignature and not nonRepudiation; signature: nonRepudiation alone
 * (FINEID S2; never chosen by file name). */
bool cert_is_auth(const struct cert_info *info);
bool cert_is_sign(const struct cert_info *info);
/* RSA: keyEncipherment or dataEncipherment; EC: keyAgreement. */
bool cert_is_decrypt(const struct cert_info *info);

/* ERR_OK when `point` is an uncompressed point on the curve of the certificate's key, and not the
 * one at infinity (SEC 1 §3.2.2.1). ERR_DECRYPT_FAILED when not, ERR_CERT_INVALID, ERR_NOMEM. */
enum err cert_check_point(struct span der, struct span point) MUST_CHECK;

#endif
