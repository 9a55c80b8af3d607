/* card_sign of card.h. */
#include "base/log.h"
#include "card/card.h"
#include "card/key_use.h"

/* One card_sign: what its steps share. */
struct signing {
    struct key_use use;
    struct key_type type;
};

/* Nothing of this needs the card. */
static enum err check_jobs(const struct card *c, struct key_type type, const struct card_job *jobs,
                           size_t n_jobs)
{
    uint8_t byte;
    enum err e = n_jobs > 0 ? ERR_OK : ERR_ARGUMENT;
    for (size_t i = 0; e == ERR_OK && i < n_jobs; i++) {
        e = profile_alg_byte(c->profile, type, jobs[i].alg, &byte);
    }
    return e;
}

/* The commands that give the card one digest and ask for its signature. */
static enum err ask_signature(struct signing *s, struct span digest, size_t le,
                              struct apdu_answer *ret)
{
    const struct card *c = s->use.c;
    struct apdu a;
    enum err e = ERR_OK;
    if (c->profile->digest == DIGEST_INLINE) {
        apdu_pso_cds_digest(&a, digest, le, c->io->t1);
    } else {
        apdu_pso_hash(&a, digest);
        e = key_use_prepare(&s->use, &a, digest, &ret->sw);
        apdu_pso_cds(&a, le);
    }
    return e == ERR_OK ? apdu_exchange(c->io, &a, APDU_ONCE, ret) : e;
}

/* On T=0 a command with data has no Le (ISO 7816-3 §12.2.5): only GET RESPONSE asks. */
static bool has_le(const struct card *c)
{
    return c->profile->digest == DIGEST_LOADED || c->io->t1;
}

/* HASH and CDS. A card that answers 6Cxx to the Le of CDS has made no signature (ISO 7816-4 §5.6,
 * process aborted) but may have dropped the hash (FINEID S1, 3.8.1.1), so the pair starts again
 * with the length that it told; once. Should it have signed all the same, it is the same digest,
 * which the person approved. Without an Le there is nothing to correct, and 6Cxx is a refusal. */
static enum err compute(struct signing *s, const struct card_job *job, struct apdu_answer *ret)
{
    size_t le = alg_signature_len(s->type) < 256 ? alg_signature_len(s->type) : 256;
    enum err e = ERR_OK;
    for (int round = 0; e == ERR_OK && round < 2; round++) {
        e = ask_signature(s, span_of(job->digest, alg_hash_len(job->alg.hash)), le, ret);
        if (e == ERR_OK && ((ret->sw & 0xFF00) != 0x6C00 || !has_le(s->use.c))) {
            break;
        }
        le = (ret->sw & 0xFF) == 0 ? 256 : ret->sw & 0xFFu;
    }
    return e;
}

static enum err try_sign(struct signing *s, const struct card_job *job, struct apdu_answer *ret)
{
    struct apdu a;
    uint8_t byte;
    enum err e = profile_alg_byte(s->use.c->profile, s->type, job->alg, &byte);
    if (e == ERR_OK) {
        e = key_use_verify(&s->use);
    }
    if (e == ERR_OK) {
        apdu_mse_sign(&a, byte, s->use.row->ref);
        e = key_use_prepare(&s->use, &a, span_of(NULL, 0), &ret->sw);
    }
    if (e == ERR_OK) {
        e = compute(s, job, ret);
    }
    if (e == ERR_OK && ret->sw != SW_OK) {
        log_line(LOG_INFO, "card: refuses to sign, status %04X", ret->sw);
        e = ERR_CARD_STATUS;
    }
    return e;
}

static enum err sign_one(struct signing *s, struct card_job *job)
{
    struct apdu_answer r = {.sw = 0};
    enum err e = try_sign(s, job, &r);
    if (e == ERR_CARD_STATUS && key_use_must_repeat(&s->use, r.sw)) {
        e = try_sign(s, job, &r);
    }
    if (e == ERR_OK && r.len != alg_signature_len(s->type)) {
        e = ERR_CARD_IO;
    }
    if (e == ERR_OK) {
        memcpy(job->value, r.data, r.len);
        job->value_len = r.len;
    }
    return e;
}

enum err card_sign(struct card *c, struct card_key *k, const struct card_pin *pin,
                   struct card_job *jobs, size_t n_jobs, card_progress progress, void *user,
                   size_t *ret_done)
{
    struct signing s = {.type = card_key_type(c, k)};
    size_t done = 0;
    *ret_done = 0;
    enum err e = check_jobs(c, s.type, jobs, n_jobs);
    if (e == ERR_OK) {
        e = key_use_begin(&s.use, c, k, pin);
    }
    if (e != ERR_OK) {
        return e;
    }
    while (e == ERR_OK && done < n_jobs) {
        e = sign_one(&s, &jobs[done]);
        if (e == ERR_OK) {
            done++;
            bool go_on = progress == NULL || progress(user, done, n_jobs);
            e = !go_on && done < n_jobs ? ERR_ABORTED : ERR_OK;
        }
    }
    key_use_end(&s.use);
    *ret_done = done;
    return e;
}
