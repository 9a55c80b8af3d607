#include "core/desk.h"

#include "card/pcsc.h"
#include "card/profile.h"
#include "core/doctor.h"
#include "core/inventory.h"
#include "core/journal_words.h"
#include "core/pad_policy.h"
#include "core/pinning.h"
#include "crypto/cert.h"
#include "os/clock.h"
#include "ui/translate.h"

#include <stdio.h>
#include <stdlib.h>

/* A card in a reader, open as long as it stays in: what it refused last is known (card.h), and a
 * card that was changed is noticed. */
struct desk_slot {
    struct reader_state reader;
    struct card *card; /* NULL: error says why */
    enum err error;
};

struct desk {
    struct readers *readers;
    bool knows_policy; /* asked when the first reader with a PIN pad is there */
    bool uses_pads;
    struct desk_slot slots[LIMIT_READERS];
    size_t n;
};

enum err desk_open(struct desk **ret)
{
    struct desk *d = calloc(1, sizeof *d);
    enum err e = d == NULL ? ERR_NOMEM : readers_open(&d->readers);
    if (e != ERR_OK) {
        free(d);
        return e;
    }
    *ret = d;
    return ERR_OK;
}

void desk_close(struct desk **d)
{
    for (size_t i = 0; *d != NULL && i < (*d)->n; i++) {
        card_free(&(*d)->slots[i].card);
    }
    if (*d != NULL) {
        readers_close(&(*d)->readers);
    }
    free(*d);
    *d = NULL;
}

/* ---- looking ---- */

static bool is_same(const struct reader_state *a, const struct reader_state *b)
{
    return a->insertion_count == b->insertion_count && strcmp(a->name, b->name) == 0;
}

/* Takes the card that is still in out of the slots of the last look. A card that could not be read
 * is tried again. */
static struct card *take_known(struct desk_slot *slots, size_t n, const struct reader_state *reader)
{
    for (size_t i = 0; i < n; i++) {
        if (is_same(&slots[i].reader, reader)) {
            struct card *card = slots[i].card;
            slots[i].card = NULL;
            return card;
        }
    }
    return NULL;
}

static bool uses_pads(struct desk *d)
{
    if (!d->knows_policy) {
        d->uses_pads = pad_policy_uses_pads();
        d->knows_policy = true;
    }
    return d->uses_pads;
}

static void update_slots(struct desk *d, const struct reader_state *now, size_t n)
{
    struct desk_slot old[LIMIT_READERS];
    size_t n_old = d->n;
    memcpy(old, d->slots, n_old * sizeof old[0]);
    d->n = 0;
    for (size_t i = 0; i < n; i++) {
        struct desk_slot *s = &d->slots[d->n];
        if (!now[i].has_card) {
            continue;
        }
        *s = (struct desk_slot){.reader = now[i], .card = take_known(old, n_old, &now[i])};
        d->n++;
    }
    for (size_t i = 0; i < n_old; i++) {
        card_free(&old[i].card);
    }
    for (size_t i = 0; i < d->n; i++) {
        struct desk_slot *s = &d->slots[i];
        if (s->card != NULL) {
            continue;
        }
        s->error = inventory_open(&s->reader, &s->card);
        if (s->card != NULL && s->card->io->pad != NULL && !uses_pads(d)) {
            card_leave_pad(s->card);
        }
    }
}

static void describe_cert(const struct card_key *key, struct manager_cert *ret)
{
    struct cert_info info;
    ret->for_signatures = key->use == CERT_SIGN;
    ret->pin_index = key->pin_index;
    ret->readable = cert_parse(buf_span(&key->cert), &info) == ERR_OK;
    if (ret->readable) {
        memcpy(ret->holder, info.holder, sizeof ret->holder);
        memcpy(ret->person_id, info.person_id, sizeof ret->person_id);
        memcpy(ret->issuer, info.issuer, sizeof ret->issuer);
        ret->not_before = info.not_before;
        ret->not_after = info.not_after;
    }
}

/* The name of a profile is for people who develop: plain words before it. */
static void describe_kind(const char *name, struct manager_card *ret)
{
    static const struct {
        const char *begins;
        const char *words;
    } kinds[] = {
        {"FINEID citizen", N_("Finnish identity card")},
        {"FINEID organisation", N_("Finnish organisation or health care card")},
        {"SITHS", N_("Swedish SITHS card")},
    };
    snprintf(ret->kind, sizeof ret->kind, "%s", name);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strncmp(name, kinds[i].begins, strlen(kinds[i].begins)) == 0) {
            snprintf(ret->kind, sizeof ret->kind, "%s (%s)", _(kinds[i].words), name);
        }
    }
}

static void describe(struct desk_slot *s, struct manager_card *ret)
{
    memcpy(ret->reader, s->reader.name, sizeof ret->reader);
    ret->insertion_count = s->reader.insertion_count;
    ret->error = s->error;
    if (ret->error == ERR_OK) {
        ret->error = pinning_look(s->card, &ret->pins);
    }
    for (size_t i = 0; ret->error == ERR_CARD_UNKNOWN && i < s->reader.atr_len; i++) {
        snprintf(ret->atr + 2 * i, 3, "%02X", s->reader.atr[i]);
    }
    if (ret->error != ERR_OK || s->card == NULL) {
        /* Nothing of it is held on to: the next look begins anew. */
        card_free(&s->card);
        return;
    }
    describe_kind(s->card->profile->name, ret);
    ret->n_certs = s->card->n_keys;
    for (size_t i = 0; i < ret->n_certs; i++) {
        describe_cert(&s->card->keys[i], &ret->certs[i]);
    }
}

static void look(void *user, struct manager_sight *ret)
{
    struct desk *d = user;
    struct reader_state now[LIMIT_READERS];
    size_t n = 0;
    *ret = (struct manager_sight){.now = clock_calendar_s()};
    ret->error = readers_take(d->readers, now, LIMIT_READERS, &n);
    update_slots(d, now, ret->error == ERR_OK ? n : 0);
    for (size_t i = 0; i < d->n; i++) {
        describe(&d->slots[i], &ret->cards[i]);
    }
    ret->n_cards = d->n;
}

/* ---- doing ---- */

static struct desk_slot *find_slot(struct desk *d, const struct manager_order *o)
{
    for (size_t i = 0; i < d->n; i++) {
        struct desk_slot *s = &d->slots[i];
        if (s->card != NULL && s->reader.insertion_count == o->insertion_count &&
            strcmp(s->reader.name, o->reader) == 0) {
            return s;
        }
    }
    return NULL;
}

static enum err run(void *user, const struct manager_order *order, int8_t *ret_tries)
{
    struct desk_slot *s = find_slot(user, order);
    return s != NULL
               ? pinning_run(s->card, order->activation, &order->form, &order->answer, ret_tries)
               : ERR_CARD_CHANGED;
}

static void add_row(void *user, enum doctor_mark mark, const char *text, const char *advice)
{
    static const enum manager_mark marks[] = {
        [DOCTOR_FINE] = MANAGER_FINE,
        [DOCTOR_NOTE] = MANAGER_NOTE,
        [DOCTOR_WRONG] = MANAGER_WRONG,
    };
    manager_report_add(user, marks[mark], text, advice);
}

static void diagnose(void *user, struct manager_report *to)
{
    (void)user;
    (void)doctor_check(add_row, to);
}

/* ---- what was done ---- */

static enum err put_line(struct buf *out, struct span text)
{
    enum err e = buf_append_u8(out, '\n');
    return e == ERR_OK ? buf_append(out, text) : e;
}

static enum err put_details(struct buf *out, const struct journal_entry *entry)
{
    char outcome[JOURNAL_TEXT];
    journal_outcome(entry, outcome);
    enum err e = buf_append_str(out, outcome);
    e = e == ERR_OK ? put_line(out, entry->holder) : e;
    for (size_t i = 0; e == ERR_OK && i < entry->n_documents; i++) {
        e = put_line(out, entry->documents[i]);
        e = e == ERR_OK && i >= entry->n_made ? buf_append_str(out, _(" (not signed)")) : e;
    }
    return e == ERR_OK ? buf_append_u8(out, '\0') : e;
}

static void recall_entry(void *user, const struct journal_entry *entry)
{
    char title[JOURNAL_TEXT];
    struct buf details;
    buf_init(&details, LIMIT_JOURNAL_LINE);
    if (!entry->is_entry) {
        manager_history_add(user, _("(a line that is no entry)"), "", true);
    } else if (put_details(&details, entry) == ERR_OK) {
        snprintf(title, sizeof title, "%.*s  %s", (int)entry->time.len,
                 (const char *)entry->time.at, journal_operation(entry->operation));
        manager_history_add(user, title, (const char *)details.at, !entry->follows);
    }
    buf_clear(&details);
}

static void recall(void *user, struct manager_history *to)
{
    struct journal_totals totals;
    char text[JOURNAL_TEXT];
    (void)user;
    enum err e = journal_read(recall_entry, to, &totals);
    if (e == ERR_OK) {
        journal_verdict(&totals, text);
    }
    manager_history_judge(to, e == ERR_OK ? text : _("The journal can't be read."),
                          e != ERR_OK || totals.breaks > 0);
}

struct manager_back desk_back(struct desk *d)
{
    return (struct manager_back){look, run, diagnose, recall, readers_fd(d->readers)};
}
