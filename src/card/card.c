#include "card/card.h"

#include "card/bracket.h"
#include "card/cache.h"
#include "card/certkey.h"
#include "card/file.h"
#include "card/pin.h"
#include "card/profile.h"
#include "card/recognise.h"

#include <stdlib.h>

enum err card_open(struct card_io *take_io, struct card **ret)
{
    struct card *c = calloc(1, sizeof *c);
    enum err e = c == NULL ? ERR_NOMEM : ERR_OK;
    if (e == ERR_OK && strlen(take_io->reader) >= sizeof c->reader) {
        e = ERR_TOO_LARGE;
    }
    if (e == ERR_OK) {
        e = recognise_card(take_io, &c->profile, &c->own);
    }
    if (e != ERR_OK) {
        free(c);
        take_io->free(take_io);
        return e;
    }
    c->io = take_io;
    memcpy(c->reader, take_io->reader, strlen(take_io->reader));
    memcpy(c->atr, take_io->atr, take_io->atr_len);
    c->atr_len = take_io->atr_len;
    memset(c->pin_tries, -1, sizeof c->pin_tries);
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
    for (size_t i = 0; i < (*c)->n_cas; i++) {
        buf_clear(&(*c)->cas[i]);
    }
    for (size_t i = 0; i < CARD_PINS; i++) {
        secret_free(&(*c)->refused[i]);
    }
    (*c)->io->free((*c)->io);
    free((*c)->own);
    free(*c);
    *c = NULL;
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

/* One card_read_keys: what its steps share. */
struct reading {
    struct card *c;
    struct cache *cache; /* NULL without memory */
    uint64_t epoch;
    bool reset; /* the card was reset since the last bracket */
    bool has_pin;
    size_t asked; /* row of pins that `pin` is about */
    struct pin_state pin;
};

/* The key is already in memory; after a reset it must still be the one in the card. */
static enum err reread_certificate(struct reading *r, const struct card_key *k, struct buf *out)
{
    enum err e = r->reset ? bracket_compare_certificate(r->c, k) : ERR_OK;
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
    enum err e = bracket_select_certificate(c, &c->profile->keys[row]);
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
        bracket_note_pin(r->c, pin, &r->pin);
    }
    buf_clear(&cert);
    return e;
}

/* The PIN of the row, unless it is the one that was asked last. Right behind a SELECT: a local
 * reference belongs to what is selected, and reading a certificate leaves that. */
static enum err ask_pin(struct reading *r, const struct profile_key *key)
{
    if (r->has_pin && r->asked == key->pin) {
        return ERR_OK;
    }
    enum err e = bracket_select(r->c, key->place);
    if (e == ERR_OK) {
        e = pin_probe(r->c->io, &r->c->profile->pins[key->pin], &r->pin);
    }
    r->has_pin = e == ERR_OK;
    r->asked = key->pin;
    return e;
}

static enum err read_use(struct reading *r, enum cert_use use)
{
    const struct profile *p = r->c->profile;
    bool found = false;
    enum err e = ERR_OK;
    for (size_t row = 0; e == ERR_OK && row < p->n_keys; row++) {
        if (p->keys[row].use != use) {
            continue;
        }
        e = ask_pin(r, &p->keys[row]);
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

void card_leave_pad(struct card *c)
{
    c->io->pad = NULL;
}

enum err card_read_keys(struct card *c, enum cert_use use, uint64_t epoch)
{
    struct reading r = {.c = c, .epoch = epoch, .cache = cache_load()};
    enum err e = bracket_begin(c, &r.reset);
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

enum err card_read_tries(struct card *c, int8_t *ret_tries, size_t cap, size_t *ret_n)
{
    size_t n = c->profile->n_pins < cap ? c->profile->n_pins : cap;
    bool reset;
    enum err e = c->io->begin(c->io, &reset);
    if (e != ERR_OK) {
        return e;
    }
    e = bracket_select(c, PLACE_PATH);
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
