/* What the card is asked to sign for a request, and what becomes of its values: verified here and
 * nowhere else, so that one that does not fit never reaches a response. */
#ifndef CORE_JOBS_H
#define CORE_JOBS_H

#include "card/card.h"
#include "wire/msg.h"

/* The certificate that signs, and those above it as far as they are known, issuer first. */
struct jobs_signer {
    struct sig_alg alg;
    struct span cert; /* DER, borrowed as are the others */
    const struct span *chain;
    size_t n_chain;
};

struct jobs;

/* One job for authenticate, one a document for sign. `r` and the spans of `signer` are borrowed
 * until jobs_free. ERR_TOO_LARGE when the answer would not fit LIMIT_IPC: before anything is
 * signed. ERR_NOMEM, ERR_ARGUMENT, ERR_CERT_INVALID. */
enum err jobs_make(const struct request *r, const struct jobs_signer *signer,
                   struct jobs **ret) MUST_CHECK;
/* For card_sign; borrowed. */
struct card_job *jobs_list(struct jobs *j);
size_t jobs_count(const struct jobs *j);
/* Puts the first n, which the card has signed, into the response. ERR_SIGNATURE_BAD, ERR_NOMEM,
 * ERR_TOO_LARGE. */
enum err jobs_take(struct jobs *j, size_t n, struct response *resp) MUST_CHECK;
/* Clears the pointer; NULL is fine. */
void jobs_free(struct jobs **j);

#endif
