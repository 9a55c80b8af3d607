/* Between the signer (or the tool) and korttisilta-revocation: one record each way, each in one
 * frame. */
#ifndef WIRE_LOOKUP_H
#define WIRE_LOOKUP_H

#include "base/buf.h"
#include "base/limits.h"

struct lookup_question {
    struct span cert;   /* DER */
    struct span issuer; /* DER */
};

struct lookup_answer {
    enum err err; /* ERR_OK: not revoked; ERR_CERT_REVOKED, ERR_CERT_UNCHECKED */
    int64_t at;   /* ERR_CERT_REVOKED: since when, seconds since 1970; 0: not told */
};

/* ERR_TOO_LARGE, ERR_NOMEM. */
enum err lookup_pack_question(const struct lookup_question *q, struct buf *out) MUST_CHECK;
enum err lookup_pack_answer(const struct lookup_answer *a, struct buf *out) MUST_CHECK;
/* Spans point into the record. ERR_MALFORMED for what pack can't have made. */
enum err lookup_unpack_question(struct span record, struct lookup_question *ret) MUST_CHECK;
enum err lookup_unpack_answer(struct span record, struct lookup_answer *ret) MUST_CHECK;

#endif
