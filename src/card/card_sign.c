/* card_sign of card.h. */
#include "base/log.h"
#include "card/apdu.h"
#include "card/bracket.h"
#include "card/card.h"
#include "card/pin.h"
#include "card/profile.h"

/* One card_sign: what its steps share. */
struct signing {
    struct card *c;
    struct card_key *k;
    const struct profile_key *row;
    const struct profile_pin *pin;
    const struct secret *value;
    bool last_try_agreed;
    struct key_type type;
    bool verify_sent;
};

/* Nothing of this needs the card. */
static enum err check_before(const struct signing *s, const struct card_job *jobs, size_t n_jobs)
{
    uint8_t byte;
    enum err e = n_jobs > 0 ? pin_check(s->pin, s->value) : ERR_ARGUMENT;
    if (e == ERR_OK && bracket_was_refused(s->c, s->pin, s->value)) {
        e = ERR_PIN_REPEATED;
    }
    for (size_t i = 0; e == ERR_OK && i < n_jobs; i++) {
        e = profile_alg_byte(s->c->profile, s->type, jobs[i].alg, &byte);
    }
    return e;
}

static enum err check_tries(const struct signing *s)
{
    if (!s->k->pin_activated) {
        return ERR_PIN_NOT_ACTIVATED;
    }
    if (s->k->pin_blocked || s->k->tries_left == 0) {
        return ERR_PIN_BLOCKED;
    }
    return s->k->tries_left == 1 && !s->last_try_agreed ? ERR_PIN_LAST_TRY : ERR_OK;
}

static enum err verify(struct signing *s)
{
    struct pin_state state = {s->k->tries_left, s->k->pin_blocked, s->k->pin_activated};
    s->verify_sent = true;
    enum err e = pin_verify(s->c->io, s->pin, s->value, &state);
    if (e == ERR_OK && state.tries <= BRACKET_TRIES_IN_DOUBT) {
        state.tries = -1; /* the counter is full again; how full, the card will tell */
    }
    bracket_note_pin(s->c, s->pin, &state);
    return bracket_note_refused(s->c, s->pin, s->value, e);
}

/* Prepares a signature. What comes back may only be what was sent: some cards return the hash. */
static enum err command(struct signing *s, struct apdu *a, struct span echo)
{
    struct apdu_answer r;
    enum err e = apdu_exchange(s->c->io, a, APDU_ONCE, &r);
    if (e == ERR_OK && r.sw != SW_OK) {
        log_line(LOG_WARN, "card: refuses to prepare a signature, status %04X", r.sw);
        e = ERR_CARD_STATUS;
    }
    if (e == ERR_OK && r.len > 0 && !span_eq(span_of(r.data, r.len), echo)) {
        e = ERR_CARD_IO;
    }
    return e;
}

/* The commands that give the card one digest and ask for its signature. */
static enum err ask_signature(struct signing *s, struct span digest, size_t le,
                              struct apdu_answer *ret)
{
    struct apdu a;
    enum err e = ERR_OK;
    if (s->c->profile->digest == DIGEST_INLINE) {
        apdu_pso_cds_digest(&a, digest, le, s->c->io->t1);
    } else {
        apdu_pso_hash(&a, digest);
        e = command(s, &a, digest);
        apdu_pso_cds(&a, le);
    }
    return e == ERR_OK ? apdu_exchange(s->c->io, &a, APDU_ONCE, ret) : e;
}

/* HASH and CDS. A card that answers 6Cxx to CDS may have dropped the hash (FINEID S1, 3.8.1.1), so
 * the pair starts again with the length that it told; once. */
static enum err compute(struct signing *s, const struct card_job *job, struct apdu_answer *ret)
{
    size_t le = alg_signature_len(s->type) < 256 ? alg_signature_len(s->type) : 256;
    enum err e = ERR_OK;
    for (int round = 0; e == ERR_OK && round < 2; round++) {
        e = ask_signature(s, span_of(job->digest, alg_hash_len(job->alg.hash)), le, ret);
        if (e == ERR_OK && (ret->sw & 0xFF00) != 0x6C00) {
            break;
        }
        le = (ret->sw & 0xFF) == 0 ? 256 : ret->sw & 0xFFu;
    }
    return e;
}

static enum err sign_one(struct signing *s, struct card_job *job)
{
    struct apdu a;
    struct apdu_answer r = {.sw = 0};
    uint8_t byte;
    enum err e = profile_alg_byte(s->c->profile, s->type, job->alg, &byte);
    if (e == ERR_OK) {
        e = verify(s);
    }
    if (e == ERR_OK) {
        apdu_mse_sign(&a, byte, s->row->ref);
        e = command(s, &a, span_of(NULL, 0));
    }
    if (e == ERR_OK) {
        e = compute(s, job, &r);
    }
    if (e == ERR_OK && r.sw != SW_OK) {
        log_line(LOG_WARN, "card: refuses to sign, status %04X", r.sw);
        e = ERR_CARD_STATUS;
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

/* Inside the bracket, before a PIN may go out. */
static enum err check_card(struct signing *s, bool reset)
{
    struct pin_state state;
    enum err e = reset ? bracket_prove_same_card(s->c, s->k) : ERR_OK;
    if (e == ERR_OK) {
        e = bracket_select(s->c, s->row->place);
    }
    if (e == ERR_OK && (reset || s->k->tries_left <= BRACKET_TRIES_IN_DOUBT)) {
        e = pin_probe(s->c->io, s->pin, &state);
        if (e == ERR_OK) {
            bracket_note_pin(s->c, s->pin, &state);
            e = check_tries(s);
        }
    }
    return e;
}

enum err card_sign(struct card *c, struct card_key *k, const struct secret *pin,
                   bool last_try_agreed, struct card_job *jobs, size_t n_jobs,
                   card_progress progress, void *user, size_t *ret_done)
{
    const struct profile_key *row = &c->profile->keys[k->row];
    struct signing s = {
        c, k, row, &c->profile->pins[row->pin], pin, last_try_agreed, card_key_type(c, k), false};
    bool reset;
    size_t done = 0;
    enum err e = check_before(&s, jobs, n_jobs);
    if (e == ERR_OK) {
        e = check_tries(&s);
    }
    if (e == ERR_OK) {
        e = c->io->begin(c->io, &reset);
    }
    if (e != ERR_OK) {
        *ret_done = 0;
        return e;
    }
    e = check_card(&s, reset);
    while (e == ERR_OK && done < n_jobs) {
        e = sign_one(&s, &jobs[done]);
        if (e == ERR_OK) {
            done++;
            bool go_on = progress == NULL || progress(user, done, n_jobs);
            e = !go_on && done < n_jobs ? ERR_ABORTED : ERR_OK;
        }
    }
    c->io->end(c->io, s.verify_sent);
    *ret_done = done;
    return e;
}
