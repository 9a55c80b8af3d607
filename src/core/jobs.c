#include "core/jobs.h"

#include "core/tbs.h"
#include "crypto/cms.h"
#include "crypto/verify.h"
#include "os/clock.h"

#include <stdlib.h>

/* One thing to sign. */
struct job {
    uint8_t digest[LIMIT_DIGEST]; /* of the document */
    struct cms *cms;              /* NULL: the card's value goes out as it is */
};

struct jobs {
    const struct request *r;
    struct jobs_signer signer;
    struct card_job *list; /* n, for the card */
    struct job *own;       /* n */
    size_t n;
};

void jobs_free(struct jobs **j)
{
    if (*j == NULL) {
        return;
    }
    for (size_t i = 0; (*j)->own != NULL && i < (*j)->n; i++) {
        cms_free(&(*j)->own[i].cms);
    }
    free((*j)->own);
    free((*j)->list);
    free(*j);
    *j = NULL;
}

/* Nobody vouches for this computer's clock: its time goes in only when the page wants it. */
static enum err wrap(struct jobs *j, size_t i)
{
    const struct document *doc = &j->r->docs[i];
    const struct cms_spec spec = {
        .profile = j->r->format == FORMAT_CMS ? CMS_PROFILE_PLAIN : CMS_PROFILE_CADES,
        .alg = j->signer.alg,
        .cert = j->signer.cert,
        .chain = j->signer.chain,
        .n_chain = j->signer.n_chain,
        .digest = span_of(j->own[i].digest, alg_hash_len(j->signer.alg.hash)),
        .attached = j->r->attached,
        .content = j->r->attached ? doc->content : span_of(NULL, 0),
        .signing_time = j->r->signing_time ? clock_calendar_s() : 0,
    };
    return cms_prepare(&spec, &j->own[i].cms, j->list[i].digest);
}

static enum err make_document(struct jobs *j, size_t i)
{
    enum err e = tbs_document(&j->r->docs[i], j->signer.alg.hash, j->own[i].digest);
    if (e == ERR_OK && j->r->format != FORMAT_RAW) {
        return wrap(j, i);
    }
    memcpy(j->list[i].digest, j->own[i].digest, LIMIT_DIGEST);
    return e;
}

/* What SignedData has beside content and certificates is less than this (RSA-4096: 512 bytes of
 * value, 300 of attributes and identifiers). */
#define AROUND 2048u

static size_t size_at_most(const struct jobs *j)
{
    size_t each = AROUND + j->signer.cert.len;
    size_t total = 0;
    for (size_t i = 0; i < j->signer.n_chain; i++) {
        each += j->signer.chain[i].len;
    }
    for (size_t i = 0; j->r->format != FORMAT_RAW && i < j->n; i++) {
        total += each + (j->r->attached ? j->r->docs[i].content.len : 0);
    }
    return total;
}

static enum err make_login(struct jobs *j)
{
    const struct request *r = j->r;
    enum hash_alg hash = j->signer.alg.hash;
    enum err e = r->door == DOOR_SCS
                     ? tbs_challenge(r->origin, r->challenge, r->binding, hash, j->list[0].digest)
                     : tbs_authentication(r->origin, r->nonce, hash, j->list[0].digest);
    memcpy(j->own[0].digest, j->list[0].digest, LIMIT_DIGEST);
    return e;
}

static enum err make_list(struct jobs *j)
{
    enum err e = size_at_most(j) > LIMIT_MESSAGE ? ERR_TOO_LARGE : ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < j->n; i++) {
        j->list[i].alg = j->signer.alg;
        e = j->r->method == METHOD_AUTHENTICATE ? make_login(j) : make_document(j, i);
    }
    return e;
}

enum err jobs_make(const struct request *r, const struct jobs_signer *signer, struct jobs **ret)
{
    struct jobs *j = calloc(1, sizeof *j);
    if (j == NULL) {
        return ERR_NOMEM;
    }
    j->r = r;
    j->signer = *signer;
    j->n = r->method == METHOD_AUTHENTICATE ? 1 : r->n_docs;
    j->list = calloc(j->n, sizeof j->list[0]);
    j->own = calloc(j->n, sizeof j->own[0]);
    enum err e = j->list == NULL || j->own == NULL ? ERR_NOMEM : make_list(j);
    if (e != ERR_OK) {
        jobs_free(&j);
        return e;
    }
    *ret = j;
    return ERR_OK;
}

struct card_job *jobs_list(struct jobs *j)
{
    return j->list;
}

size_t jobs_count(const struct jobs *j)
{
    return j->n;
}

/* SignedData goes to the end of the store, which has room for all of it: spans stay where they are.
 */
static enum err put_signed_data(struct jobs *j, size_t i, struct response *resp)
{
    size_t start = resp->store.len;
    enum err e =
        cms_complete(j->own[i].cms, span_of(j->list[i].value, j->list[i].value_len), &resp->store);
    if (e == ERR_OK) {
        resp->sigs[i].signed_data = span_sub(buf_span(&resp->store), start, resp->store.len);
    }
    return e;
}

static enum err take(struct jobs *j, size_t i, struct response *resp)
{
    const struct card_job *job = &j->list[i];
    struct signature *sig = &resp->sigs[i];
    size_t digest_len = alg_hash_len(job->alg.hash);
    struct span value = span_of(job->value, job->value_len);
    enum err e = verify_digest(j->signer.cert, job->alg, span_of(job->digest, digest_len), value);
    if (e != ERR_OK) {
        return e;
    }
    sig->alg = job->alg;
    sig->len = value.len;
    memcpy(sig->value, value.at, value.len);
    memcpy(sig->digest, j->own[i].digest, digest_len);
    return j->own[i].cms != NULL ? put_signed_data(j, i, resp) : ERR_OK;
}

enum err jobs_take(struct jobs *j, size_t n, struct response *resp)
{
    uint8_t *room;
    size_t size = size_at_most(j);
    enum err e = response_alloc_sigs(resp, n);
    if (e == ERR_OK && size > 0) {
        e = buf_extend(&resp->store, size, &room);
        buf_truncate(&resp->store, 0);
    }
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        e = take(j, i, resp);
    }
    return e;
}
