/* Judges CMS SignedData (RFC 5652) that somebody else may have made: does each signature hold, and
 * whose is it? */
#ifndef CRYPTO_SIGNED_DATA_H
#define CRYPTO_SIGNED_DATA_H

#include "crypto/cert.h"
#include "crypto/chain.h"

enum signed_state {
    SIGNED_HOLDS,
    SIGNED_CHANGED, /* the content, or what stands beside the signature, is not what was signed */
    /* No signature that this program can judge: its form, an algorithm, a key, no certificate
     * inside, or no signed attributes: the attributes of another signature could pass for its
     * content. */
    SIGNED_UNREADABLE
};

/* Of a certificate whose signature holds; worst last. */
enum signed_trust {
    TRUST_FULL,
    TRUST_EXPIRED,
    TRUST_NOT_YET,
    TRUST_UNCHECKED, /* set by who asks the issuer */
    TRUST_USAGE,     /* not one for signatures: no nonRepudiation, or a CA's */
    TRUST_NO_PATH,   /* leads to none of the CAs */
    TRUST_REVOKED    /* set by who asks the issuer */
};

struct signed_by {
    enum signed_state state;
    enum signed_trust trust;
    struct sig_alg alg;
    bool is_cades;              /* the certificate is under the signature (RFC 5035) */
    int64_t said_at;            /* signing time that the signer's computer wrote; 0: none */
    struct cert_info info;      /* of the signer; empty when it could not be read */
    struct buf cert, issuer;    /* DER; empty when not known */
    char root[LIMIT_CERT_TEXT]; /* commonName of the last of the path; "" without one */
};

struct signed_data;

/* `file` is DER or BER, with nothing behind it but zeros when `padded` (as in a PDF), or PEM.
 * ERR_UNSUPPORTED: it is no SignedData of 1 to LIMIT_VERIFY_SIGNERS signers. ERR_NOMEM. */
enum err signed_data_open(struct span file, bool padded, struct signed_data **ret) MUST_CHECK;
/* Clears the pointer; NULL is fine. */
void signed_data_free(struct signed_data **s);
/* NULL at: the content is elsewhere. Borrowed. */
struct span signed_data_content(const struct signed_data *s);
size_t signed_data_signers(const struct signed_data *s);
/* Signer i over the content, which is these parts one after another. `now`: seconds since 1970.
 * ret is signed_by_clear'ed by the caller, whatever is returned. ERR_NOMEM. */
enum err signed_data_judge(struct signed_data *s, size_t i, const struct span *parts,
                           size_t n_parts, const struct chain_pool *pool, int64_t now,
                           struct signed_by *ret) MUST_CHECK;
void signed_by_init(struct signed_by *by);
void signed_by_clear(struct signed_by *by);

#endif
