#include "card/card.h"

#include "base/log.h"
#include "base/wipe.h"
#include "card/apdu.h"
#include "card/cache.h"
#include "card/certkey.h"
#include "card/file.h"
#include "card/pin.h"
#include "card/profile.h"

#include <stdlib.h>

/* With at most this many tries left the counter is asked again before a PIN goes out: another
 * program may have used one while the person typed, and the last one needs the person's word. */
#define TRIES_IN_DOUBT 2

enum err card_open(struct card_io *take_io, struct card **ret)
{
    const struct profile *profile;
    struct card *c = NULL;
    enum err e = profile_find(span_of(take_io->atr, take_io->atr_len), &profile);
    if (e == ERR_OK) {
        c = calloc(1, sizeof *c);
        e = c == NULL ? ERR_NOMEM : ERR_OK;
    }
    if (e == ERR_OK && strlen(take_io->reader) >= sizeof c->reader) {
        e = ERR_TOO_LARGE;
    }
    if (e != ERR_OK) {
        free(c);
        take_io->free(take_io);
        return e;
    }
    c->io = take_io;
    c->profile = profile;
    memcpy(c->reader, take_io->reader, strlen(take_io->reader));
    memcpy(c->atr, take_io->atr, take_io->atr_len);
    c->atr_len = take_io->atr_len;
    *ret = c;
    return ERR_OK;
}

void card_free(struct card **c)
{
    if (*c == NULL) {
        return;
    }
    for (size_t i = 0; i < (*c)->n_keys; i++) {
        buf_clear(&(*c)->keys[i].cert);
    }
    (*c)->io->free((*c)->io);
    free(*c);
    *c = NULL;
}

static enum err select_application(struct card *c)
{
    struct apdu a;
    struct apdu_answer r;
    apdu_select_aid(&a, span_of(c->profile->aid, c->profile->aid_len));
    enum err e = apdu_exchange(c->io, &a, APDU_REPEAT, &r);
    if (e == ERR_OK && r.sw != SW_OK) {
        log_line(LOG_WARN, "card: %s refuses its application, status %04X", c->profile->name, r.sw);
        e = ERR_CARD_STATUS;
    }
    return e;
}

static struct span key_path(const struct profile_key *row)
{
    return span_of(row->path, row->path_len);
}

static struct card_key *key_of_row(struct card *c, size_t row)
{
    for (size_t i = 0; i < c->n_keys; i++) {
        if (c->keys[i].row == row) {
            return &c->keys[i];
        }
    }
    return NULL;
}

/* Is the certificate that the person saw still the one in the card? Reads its head, which
 * holds its length too, with the application selected. Any answer but the same bytes is
 * ERR_CARD_CHANGED. */
static enum err compare_certificate(struct card *c, const struct card_key *k)
{
    struct span seen = buf_span(&k->cert);
    struct buf head;
    size_t len = 0;
    buf_init(&head, LIMIT_CERT + FILE_HEAD);
    enum err e = file_select(c->io, key_path(&c->profile->keys[k->row]));
    if (e == ERR_OK) {
        e = file_read_head(c->io, &head, &len);
    }
    if (e == ERR_CARD_STATUS || e == ERR_CERT_NOT_FOUND ||
        (e == ERR_OK && !span_eq(buf_span(&head), span_sub(seen, 0, head.len)))) {
        e = ERR_CARD_CHANGED;
    }
    buf_clear(&head);
    return e;
}

/* One card_read_keys: what its steps share. */
struct reading {
    struct card *c;
    struct cache *cache; /* NULL without memory */
    uint64_t epoch;
    bool reset; /* the card was reset since the last bracket */
    struct pin_state pin;
};

/* The key is already in memory; after a reset it must still be the one in the card. */
static enum err reread_certificate(struct reading *r, const struct card_key *k, struct buf *out)
{
    enum err e = r->reset ? compare_certificate(r->c, k) : ERR_OK;
    return e == ERR_OK ? buf_append(out, buf_span(&k->cert)) : e;
}

/* The certificate of one row: from the cache, else from the card. */
static enum err read_certificate(struct reading *r, size_t row, struct buf *out)
{
    struct card *c = r->c;
    struct cache_key key = {c->reader, span_of(c->atr, c->atr_len), row, c->io->insertion_count,
                            r->epoch};
    struct span der;
    size_t len;
    if (cache_find_inserted(r->cache, &key, &der)) {
        return buf_append(out, der);
    }
    enum err e = file_select(c->io, key_path(&c->profile->keys[row]));
    if (e == ERR_OK) {
        e = file_read_head(c->io, out, &len);
    }
    if (e == ERR_OK && cache_find_head(r->cache, &key, buf_span(out), len, &der)) {
        buf_truncate(out, 0);
        e = buf_append(out, der);
    } else if (e == ERR_OK) {
        e = file_read_rest(c->io, out, len);
    }
    if (e == ERR_OK) {
        cache_put(r->cache, &key, buf_span(out));
    }
    return e;
}

/* For every key that this PIN guards. */
static void note_pin(struct card *c, const struct profile_pin *pin, const struct pin_state *state)
{
    for (size_t i = 0; i < c->n_keys; i++) {
        struct card_key *k = &c->keys[i];
        if (k->pin_index == pin->index) {
            k->tries_left = state->tries;
            k->pin_blocked = state->blocked;
            k->pin_activated = state->activated;
        }
    }
}

static enum err read_key(struct reading *r, size_t row)
{
    const struct profile_key *key = &r->c->profile->keys[row];
    const struct profile_pin *pin = &r->c->profile->pins[key->pin];
    struct buf cert;
    buf_init(&cert, LIMIT_CERT + FILE_HEAD);
    struct card_key *k = key_of_row(r->c, row);
    enum err e = k != NULL ? reread_certificate(r, k, &cert) : read_certificate(r, row, &cert);
    if (e == ERR_OK && k == NULL) {
        if (r->c->n_keys == LIMIT_CERTS) {
            e = ERR_TOO_LARGE;
        } else {
            k = &r->c->keys[r->c->n_keys++];
            *k = (struct card_key){.use = key->use, .row = row, .pin_index = pin->index};
            k->pin_min = pin->min;
            k->pin_max = pin->max;
        }
    }
    if (e == ERR_OK) {
        buf_move(&k->cert, &cert);
        note_pin(r->c, pin, &r->pin);
    }
    buf_clear(&cert);
    return e;
}

/* The PIN is asked first, right behind the SELECT of the application that its reference belongs to.
 * The keys of one use are under one PIN in every profile (tests/unit/card/test_profile.c). */
static enum err read_use(struct reading *r, enum cert_use use)
{
    const struct profile *p = r->c->profile;
    bool probed = false, found = false;
    enum err e = select_application(r->c);
    for (size_t row = 0; e == ERR_OK && row < p->n_keys; row++) {
        if (p->keys[row].use != use) {
            continue;
        }
        if (!probed) {
            e = pin_probe(r->c->io, &p->pins[p->keys[row].pin], &r->pin);
            probed = true;
        }
        if (e == ERR_OK) {
            e = read_key(r, row);
            found = found || e == ERR_OK;
        }
        if (e == ERR_CERT_NOT_FOUND) {
            e = ERR_OK;
        }
    }
    return e == ERR_OK && !found ? ERR_CERT_NOT_FOUND : e;
}

enum err card_read_keys(struct card *c, enum cert_use use, uint64_t epoch)
{
    struct reading r = {.c = c, .epoch = epoch, .cache = cache_load()};
    enum err e = c->io->begin(c->io, &r.reset);
    if (e == ERR_OK) {
        e = read_use(&r, use);
        c->io->end(c->io, false);
    }
    if (e == ERR_OK) {
        cache_save(r.cache);
    }
    cache_free(&r.cache);
    return e;
}

struct key_type card_key_type(const struct card *c, const struct card_key *k)
{
    struct key_type type;
    if (certkey_type(buf_span(&k->cert), &type) != ERR_OK) {
        type = c->profile->keys[k->row].type;
    }
    return type;
}

size_t card_key_algs(const struct card *c, const struct card_key *k, struct sig_alg *ret,
                     size_t cap)
{
    return profile_algs(c->profile, card_key_type(c, k), ret, cap);
}

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

/* After a reset the reader may hold another card. */
static enum err prove_same_card(const struct signing *s)
{
    enum err e = select_application(s->c);
    if (e == ERR_CARD_STATUS) {
        return ERR_CARD_CHANGED;
    }
    return e == ERR_OK ? compare_certificate(s->c, s->k) : e;
}

static enum err verify(struct signing *s)
{
    struct pin_state state = {s->k->tries_left, s->k->pin_blocked, s->k->pin_activated};
    s->verify_sent = true;
    enum err e = pin_verify(s->c->io, s->pin, s->value, &state);
    if (e == ERR_OK && state.tries <= TRIES_IN_DOUBT) {
        state.tries = -1; /* the counter is full again; how full, the card will tell */
    }
    note_pin(s->c, s->pin, &state);
    return e;
}

static enum err command(struct signing *s, struct apdu *a)
{
    struct apdu_answer r;
    enum err e = apdu_exchange(s->c->io, a, APDU_ONCE, &r);
    if (e == ERR_OK && r.sw != SW_OK) {
        log_line(LOG_WARN, "card: refuses to prepare a signature, status %04X", r.sw);
        e = ERR_CARD_STATUS;
    }
    return e;
}

/* HASH and CDS. A card that answers 6Cxx to CDS may have dropped the hash (FINEID S1, 3.8.1.1), so
 * the pair starts again with the length that it told; once. */
static enum err compute(struct signing *s, const struct card_job *job, struct apdu_answer *ret)
{
    size_t le = alg_signature_len(s->type) < 256 ? alg_signature_len(s->type) : 256;
    enum err e = ERR_OK;
    for (int round = 0; e == ERR_OK && round < 2; round++) {
        struct apdu a;
        apdu_pso_hash(&a, span_of(job->digest, alg_hash_len(job->alg.hash)));
        e = command(s, &a);
        if (e == ERR_OK) {
            apdu_pso_cds(&a, le);
            e = apdu_exchange(s->c->io, &a, APDU_ONCE, ret);
        }
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
        e = command(s, &a);
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
    enum err e = reset ? prove_same_card(s) : ERR_OK;
    if (e == ERR_OK) {
        e = select_application(s->c);
    }
    if (e == ERR_OK && (reset || s->k->tries_left <= TRIES_IN_DOUBT)) {
        e = pin_probe(s->c->io, s->pin, &state);
        if (e == ERR_OK) {
            note_pin(s->c, s->pin, &state);
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

enum err card_read_tries(struct card *c, int8_t *ret_tries, size_t cap, size_t *ret_n)
{
    size_t n = c->profile->n_pins < cap ? c->profile->n_pins : cap;
    bool reset;
    enum err e = c->io->begin(c->io, &reset);
    if (e != ERR_OK) {
        return e;
    }
    e = select_application(c);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        struct pin_state state = {.tries = -1};
        e = pin_probe(c->io, &c->profile->pins[i], &state);
        if (e == ERR_CARD_STATUS) { /* this card has no such PIN, or does not tell */
            e = ERR_OK;
        }
        ret_tries[i] = state.tries;
    }
    c->io->end(c->io, false);
    if (e == ERR_OK) {
        *ret_n = n;
    }
    return e;
}
