#include "core/choices.h"

#include "base/log.h"
#include "card/pcsc.h"
#include "core/fit.h"

#include <string.h>

static void slot_clear(struct slot *s)
{
    card_free(&s->card);
    *s = (struct slot){0};
}

void choices_clear(struct choices *c)
{
    for (size_t i = 0; i < c->n_slots; i++) {
        slot_clear(&c->slots[i]);
    }
    *c = (struct choices){0};
}

struct card_key *choices_key(const struct choice *item)
{
    return &item->card->keys[item->key];
}

bool choices_on_reader(const struct choice *item)
{
    return item->card->io->pad != NULL;
}

static void slot_open(struct slot *s, const struct request *r, const struct reader_state *now)
{
    struct card_io *io = NULL;
    memcpy(s->reader, now->name, sizeof s->reader);
    s->insertion_count = now->insertion_count;
    s->error = now->mute ? ERR_CARD_IO : pcsc_open(now->name, &io);
    if (s->error == ERR_OK) {
        s->error = card_open(io, &s->card);
    }
    if (s->error == ERR_OK && r->plain_readers) {
        card_leave_pad(s->card);
    }
    if (s->error == ERR_OK) {
        s->error = card_read_keys(s->card, fit_use(r), r->presence_epoch);
    }
    if (s->error != ERR_OK) {
        log_line(LOG_INFO, "reader %s: %s", now->name, err_name(s->error));
        card_free(&s->card);
    }
}

/* A card that was busy or silent is worth another try whenever something changes. */
static bool still_good(const struct slot *s, const struct reader_state *now)
{
    return strcmp(s->reader, now->name) == 0 && s->insertion_count == now->insertion_count &&
           (s->error == ERR_OK || s->error == ERR_CARD_UNKNOWN || s->error == ERR_CERT_NOT_FOUND);
}

static void update_slots(struct choices *c, const struct request *r, const struct reader_state *now,
                         size_t n)
{
    struct slot next[LIMIT_READERS] = {0};
    size_t n_next = 0;
    for (size_t i = 0; i < n && n_next < LIMIT_READERS; i++) {
        if (!now[i].has_card) {
            continue;
        }
        struct slot *s = &next[n_next++];
        for (size_t k = 0; k < c->n_slots; k++) {
            if (still_good(&c->slots[k], &now[i])) {
                *s = c->slots[k];
                c->slots[k] = (struct slot){0};
            }
        }
        if (s->reader[0] == '\0') {
            slot_open(s, r, &now[i]);
        }
    }
    for (size_t k = 0; k < c->n_slots; k++) {
        slot_clear(&c->slots[k]);
    }
    memcpy(c->slots, next, sizeof next);
    c->n_slots = n_next;
}

static bool pick_alg(const struct request *r, const struct choice *item, struct sig_alg *ret)
{
    struct sig_alg algs[HASH_COUNT * 3];
    size_t n = card_key_algs(item->card, choices_key(item), algs, sizeof algs / sizeof algs[0]);
    for (size_t i = 0; i < n; i++) {
        bool is_token = r->method == METHOD_AUTHENTICATE && r->door != DOOR_SCS;
        bool fits = is_token ? alg_jwa_name(algs[i], item->info.key) != NULL
                             : !r->has_hash || algs[i].hash == r->hash;
        fits = fits && (r->accepts == 0 || (r->accepts & alg_bit(algs[i])) != 0);
        /* SCS names a hash and a kind of key: RSA is PKCS #1 v1.5 to its services. */
        if (fits && (r->door != DOOR_SCS || algs[i].scheme != SIG_RSA_PSS)) {
            *ret = algs[i];
            return true;
        }
    }
    return false;
}

/* A cryptogram of another length was made for another key. */
static enum err check_decrypt(const struct request *r, const struct choice *item)
{
    if (alg_dec_kind(r->dec_alg) != item->info.key.kind ||
        !card_key_decrypts(item->card, choices_key(item), r->dec_alg)) {
        return ERR_ALG_UNSUPPORTED;
    }
    return r->cryptogram.len == alg_dec_input_len(item->info.key) ? ERR_OK : ERR_CERT_NOT_FOUND;
}

/* What a page asks for and what the certificate is for, as opposed to its state. */
static bool is_meant(const struct choice *item)
{
    return item->usable != ASK_OTHER_PURPOSE && item->usable != ASK_NOT_ACCEPTED;
}

static enum ask_status *status_of(struct choices *c, const struct card *card, size_t key)
{
    size_t i = 0;
    while (c->slots[i].card != card) {
        i++; /* every item's card is a slot's */
    }
    return &c->slots[i].status[key];
}

/* What was encrypted stays readable for its owner, also with a certificate that was revoked. */
static void judge(struct choices *c, const struct request *r, struct choice *item)
{
    item->usable = fit_now(r, &item->info, choices_key(item));
    item->status = *status_of(c, item->card, item->key);
    bool is_revoked = item->status == STATUS_REVOKED && r->method != METHOD_DECRYPT;
    if (is_revoked && (item->usable == ASK_USABLE || item->usable == ASK_PIN_BLOCKED)) {
        item->usable = ASK_REVOKED;
    }
}

/* Can the card do with this key what is asked? */
static enum err check_card(const struct request *r, struct choice *item)
{
    if (r->method == METHOD_DECRYPT) {
        return check_decrypt(r, item);
    }
    return pick_alg(r, item, &item->alg) ? ERR_OK : ERR_ALG_UNSUPPORTED;
}

/* ERR_OK when the key's certificate is for this request. It is then the next item, if items of that
 * kind, meant for the request or not, are being gathered. */
static enum err add_item(struct choices *c, const struct request *r, struct card *card, size_t key,
                         bool meant)
{
    struct choice item = {.card = card, .key = key};
    enum err e = cert_parse(buf_span(&card->keys[key].cert), &item.info);
    if (e != ERR_OK) {
        return e;
    }
    judge(c, r, &item);
    if (is_meant(&item)) {
        e = check_card(r, &item);
    }
    if (e != ERR_OK) {
        return e;
    }
    if (is_meant(&item) == meant && c->n_items < LIMIT_CERTS) {
        c->items[c->n_items++] = item;
    }
    return is_meant(&item) ? ERR_OK : ERR_CERT_NOT_FOUND;
}

static void add_card(struct choices *c, const struct request *r, struct card *card, bool meant,
                     enum err *why)
{
    for (size_t k = 0; k < card->n_keys; k++) {
        if (card->keys[k].use == fit_use(r)) {
            enum err e = add_item(c, r, card, k, meant);
            *why = e != ERR_OK ? e : *why;
        }
    }
}

/* Those that are meant for the request come first, the others are for information. The last reason
 * why something was not taken stays in *why. */
static void update_items(struct choices *c, const struct request *r, enum err *why)
{
    c->n_items = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < c->n_slots; i++) {
            struct card *card = c->slots[i].card;
            if (card == NULL) {
                *why = c->slots[i].error;
            } else {
                add_card(c, r, card, pass == 0, why);
            }
        }
    }
}

static bool any_usable(const struct choices *c)
{
    for (size_t i = 0; i < c->n_items; i++) {
        if (c->items[i].usable == ASK_USABLE) {
            return true;
        }
    }
    return false;
}

static enum err why_unusable(const struct choice *item)
{
    if (item->usable != ASK_PIN_BLOCKED) {
        return item->usable == ASK_REVOKED ? ERR_CERT_REVOKED : ERR_CERT_INVALID;
    }
    return choices_key(item)->pin_activated ? ERR_PIN_BLOCKED : ERR_PIN_NOT_ACTIVATED;
}

static enum ask_phase phase_without_choice(enum err why)
{
    if (why == ERR_CARD_UNKNOWN) {
        return ASK_CARD_UNKNOWN;
    }
    bool known_card =
        why == ERR_CERT_NOT_FOUND || why == ERR_CERT_INVALID || why == ERR_ALG_UNSUPPORTED;
    return known_card ? ASK_NO_CERT : ASK_WAIT_CARD;
}

enum ask_phase choices_phase(const struct choices *c, enum err *ret_error)
{
    bool ready = any_usable(c);
    *ret_error = ready ? ERR_OK : why_unusable(&c->items[0]);
    return ready ? ASK_READY : ASK_NO_CERT;
}

enum ask_phase choices_update(struct choices *c, const struct request *r, enum err reader_error,
                              const struct reader_state *now, size_t n, enum err *ret_error)
{
    enum err why = ERR_OK;
    update_slots(c, r, now, reader_error == ERR_OK ? n : 0);
    update_items(c, r, &why);
    *ret_error = ERR_OK;
    if (reader_error != ERR_OK) {
        *ret_error = reader_error;
        return reader_error == ERR_PCSC_DOWN ? ASK_WAIT_PCSC : ASK_WAIT_READER;
    }
    if (c->n_slots == 0) {
        *ret_error = ERR_NO_CARD;
        return ASK_WAIT_CARD;
    }
    if (any_usable(c) || (c->n_items > 0 && is_meant(&c->items[0]))) {
        return choices_phase(c, ret_error);
    }
    *ret_error = why;
    return phase_without_choice(why);
}

void choices_refresh(struct choices *c, const struct request *r)
{
    for (size_t i = 0; i < c->n_items; i++) {
        judge(c, r, &c->items[i]);
    }
}

void choices_tell(struct choices *c, const struct request *r, size_t item, enum ask_status status)
{
    *status_of(c, c->items[item].card, c->items[item].key) = status;
    choices_refresh(c, r);
}

void choices_describe(const struct choices *c, struct ask_state *s)
{
    bool chosen = false;
    s->n_certs = c->n_items;
    s->selected = 0;
    for (size_t i = 0; i < c->n_items; i++) {
        const struct choice *item = &c->items[i];
        const struct card_key *key = choices_key(item);
        s->certs[i] = (struct ask_cert){
            .holder = span_str(item->info.holder),
            .person_id = span_str(item->info.person_id),
            .id_kind = item->info.id_kind,
            .employer = span_str(item->info.employer),
            .issuer = span_str(item->info.issuer),
            .reader = span_str(item->card->reader),
            .not_before = item->info.not_before,
            .not_after = item->info.not_after,
            .usable = item->usable,
            .status = item->status,
            .pin_index = key->pin_index,
            .pin_min = key->pin_min,
            .pin_max = key->pin_max,
            .tries_left = key->tries_left,
            .on_reader = choices_on_reader(item),
        };
        if (!chosen && item->usable == ASK_USABLE) {
            s->selected = i;
            chosen = true;
        }
    }
}
