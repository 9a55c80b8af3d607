/* Has a certificate been revoked? OCSP (RFC 6960) and revocation lists (RFC 5280 §6.3) as bytes:
 * what to ask, where, and what an answer is worth. Nothing here touches a network (crypto/fetch.h
 * does). Judges return ERR_OK (it was not revoked when the answer was made, and the answer is of
 * now), ERR_CERT_REVOKED, or ERR_CERT_UNCHECKED when the answer proves neither; ERR_NOMEM. */
#ifndef CRYPTO_STATUS_H
#define CRYPTO_STATUS_H

#include "base/buf.h"
#include "base/limits.h"

/* The first http address of each kind, with NUL; "" when the certificate names none that fits.
 * Others (ldap) are passed over; https is not needed, since answers are signed (RFC 5280 §4.2.1.13)
 * and would need a revocation check of its own. */
struct status_places {
    char ocsp[LIMIT_URL + 1]; /* id-ad-ocsp of authorityInfoAccess */
    char crl[LIMIT_URL + 1];  /* distributionPoint fullName of cRLDistributionPoints */
};

/* Certificates are DER; `issuer` is the one whose key signed `cert`. ERR_CERT_INVALID. */
enum err status_find_places(struct span cert, struct status_places *ret) MUST_CHECK;

/* DER of an OCSPRequest with a nonce. ERR_CERT_INVALID, ERR_NOMEM. */
enum err status_ocsp_request(struct span cert, struct span issuer, struct buf *ret) MUST_CHECK;
/* The responder is the issuer itself or one that the issuer certified for it (RFC 6960 §4.2.2.2).
 * Responders that leave the nonce out are common (RFC 5019): their answers are judged by their
 * times. *ret_at: when it was revoked, seconds since 1970; 0: not revoked. */
enum err status_judge_ocsp(struct span cert, struct span issuer, struct span request,
                           struct span answer, int64_t *ret_at) MUST_CHECK;
/* `list` is the issuer's own complete list, in force now. */
enum err status_judge_crl(struct span cert, struct span issuer, struct span list,
                          int64_t *ret_at) MUST_CHECK;

#endif
