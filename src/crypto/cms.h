/* CMS SignedData (RFC 5652) around a signature that a card makes: first the signed attributes,
 * whose digest the card signs, then the card's value in its place. */
#ifndef CRYPTO_CMS_H
#define CRYPTO_CMS_H

#include "base/alg.h"
#include "base/buf.h"
#include "base/limits.h"

enum cms_profile {
    CMS_PROFILE_PLAIN, /* contentType, messageDigest */
    CMS_PROFILE_CADES /* and signing-certificate-v2 (RFC 5035): with signing time CAdES-B-B, ETSI EN
                       * 319 122-1 §6.3; without it ETSI.CAdES.detached, EN 319 142-1 §6.3 */
};

/* Spans are borrowed for the call. */
struct cms_spec {
    enum cms_profile profile;
    struct sig_alg alg;
    struct span cert;         /* DER of the signer's certificate */
    const struct span *chain; /* DER of those above it, put in as they are */
    size_t n_chain;
    struct span digest; /* of the content, made with alg.hash */
    bool attached;
    struct span content;  /* goes in when attached */
    int64_t signing_time; /* seconds since 1970, UTC; 0: the attribute is left out */
};

/* A SignedData that waits for its signature. */
struct cms;

/* ret_tbs: what the card signs, alg_hash_len(alg.hash) bytes. ERR_CERT_INVALID (certificate or
 * chain can't be read), ERR_ARGUMENT (digest of another length), ERR_NOMEM. */
enum err cms_prepare(const struct cms_spec *spec, struct cms **ret,
                     uint8_t ret_tbs[LIMIT_DIGEST]) MUST_CHECK;
/* Puts the card's value in (ECDSA: r then s; RSA: big endian), checks that the whole verifies with
 * the certificate in it, and appends its DER to out. ERR_SIGNATURE_BAD, ERR_TOO_LARGE past the
 * buffer's maximum, ERR_NOMEM. */
enum err cms_complete(struct cms *c, struct span value, struct buf *out) MUST_CHECK;
/* Clears the pointer; NULL is fine. */
void cms_free(struct cms **c);

#endif
