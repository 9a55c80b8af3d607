/* X.509 certificates of cards (RFC 5280): what the program needs of them, out of OpenSSL. */
#ifndef CRYPTO_CERT_H
#define CRYPTO_CERT_H

#include "base/alg.h"
#include "base/buf.h"
#include "base/limits.h"

/* keyUsage bits that decide what a certificate is for (RFC 5280 §4.2.1.3). */
struct cert_info {
    struct key_type key;
    bool digital_signature;
    bool non_repudiation;
    bool encipherment; /* keyEncipherment or dataEncipherment */
    bool key_agreement;
    char holder[LIMIT_CERT_TEXT];    /* subject commonName, UTF-8 with NUL; "" when absent */
    char person_id[LIMIT_CERT_TEXT]; /* subject serialNumber (SATU, HSA-id ...) */
    char issuer[LIMIT_CERT_TEXT];    /* issuer commonName */
    int64_t not_before;              /* seconds since 1970, UTC */
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
