/* Which certificates a page accepts: the member certificateFilter of a request. Every member that
 * is there must fit; what it is compared with is in crypto/cert.h. */
#ifndef WIRE_FILTER_H
#define WIRE_FILTER_H

#include "base/alg.h"
#include "base/buf.h"
#include "base/limits.h"
#include "wire/record.h"

/* Zeroed: every certificate fits. Spans point into the request's store. */
struct cert_filter {
    /* Any of them: the issuer's common name, or its whole name as RFC 4514 writes it. */
    struct span issuers[LIMIT_FILTER_VALUES];
    size_t n_issuers;
    struct span policies[LIMIT_FILTER_VALUES]; /* any of them: object identifiers, dotted */
    size_t n_policies;
    struct span holder; /* the subject's serialNumber, all of it; empty: anybody's */
    bool loose;         /* issuers in any case, order of their parts and white space (SCS) */
    unsigned key_kinds; /* any of them: bit 1 << enum key_kind; 0: both */
    /* All of them: bit n is bit n of KeyUsage, RFC 5280 §4.2.1.3. */
    uint16_t key_usage;
};

#define FILTER_KEY_USAGES 9u
#define FILTER_KEY_KINDS  (1u << KEY_RSA | 1u << KEY_EC)

/* Within limits.h, texts are UTF-8 without U+0000, policies are object identifiers. */
bool filter_is_sound(const struct cert_filter *f);
/* As one field with this tag, in a record between our processes. */
void filter_put(struct record_writer *w, uint8_t tag, const struct cert_filter *f);
void filter_take(struct record_reader *r, uint8_t tag, struct cert_filter *ret);

#endif
