#include "core/pinning.h"

#include "base/log.h"
#include "card/pintask.h"
#include "card/profile.h"
#include "core/inventory.h"
#include "core/pad_policy.h"

#include <string.h>

/* The one card that is meant. */
static enum err find_reader(const char *name, const struct reader_state *readers, size_t n,
                            const struct reader_state **ret)
{
    const struct reader_state *found = NULL;
    size_t n_cards = 0;
    for (size_t i = 0; i < n; i++) {
        if (name != NULL ? strcmp(readers[i].name, name) == 0 : readers[i].has_card) {
            found = &readers[i];
            n_cards++;
        }
    }
    if (found == NULL) {
        return name != NULL || n == 0 ? ERR_NO_READER : ERR_NO_CARD;
    }
    if (n_cards > 1) {
        return ERR_ARGUMENT;
    }
    *ret = found;
    return found->has_card ? ERR_OK : ERR_NO_CARD;
}

enum err pinning_open(const char *reader, struct card **ret)
{
    struct reader_state readers[LIMIT_READERS];
    const struct reader_state *meant = NULL;
    size_t n = 0;
    enum err e = readers_list(readers, LIMIT_READERS, &n);
    if (e == ERR_OK) {
        e = find_reader(reader, readers, n, &meant);
    }
    if (e == ERR_OK) {
        e = inventory_open(meant, ret);
    }
    if (e == ERR_OK && (*ret)->io->pad != NULL && !pad_policy_uses_pads()) {
        card_leave_pad(*ret);
    }
    return e;
}

static enum pin_activation activation_of(enum activation_scheme scheme)
{
    static const enum pin_activation rows[] = {
        [ACTIVATION_NONE] = PIN_ACTIVATION_NONE,
        [ACTIVATION_PUK] = PIN_ACTIVATION_PUK,
        [ACTIVATION_PRESET] = PIN_ACTIVATION_PRESET,
    };
    return rows[scheme];
}

static enum pin_unlocker unlocker_of(const struct profile *p)
{
    if (profile_unlocks(p)) {
        return PIN_UNLOCKER_HOLDER;
    }
    return p->unlock == UNLOCK_ISSUER ? PIN_UNLOCKER_ISSUER : PIN_UNLOCKER_UNKNOWN;
}

static enum pin_where where_of(const struct card *c, uint8_t index, bool by_puk)
{
    static const enum pin_where rows[] = {
        [PINTASK_NO_PAD] = PIN_HERE,
        [PINTASK_ON_PAD] = PIN_ON_READER,
        [PINTASK_PAD_VERIFIES] = PIN_PAD_VERIFIES,
        [PINTASK_PAD_UNFIT] = PIN_PAD_UNFIT,
    };
    return rows[pintask_pad(c, index, by_puk)];
}

enum err pinning_look(struct card *c, struct pin_set *ret)
{
    struct pin_info infos[PIN_SET_MAX];
    struct pin_set set = {.preset_digits = PINTASK_PRESET_DIGITS,
                          .unlocker = unlocker_of(c->profile)};
    enum err e = pintask_status(c, infos, PIN_SET_MAX, &set.n);
    if (e != ERR_OK) {
        return e;
    }
    set.activation = activation_of(pintask_activation(c, infos, set.n));
    for (size_t i = 0; i < set.n; i++) {
        const struct pin_info *p = &infos[i];
        set.is_unsure = set.is_unsure || (p->untold && p->index != PROFILE_PUK &&
                                          c->profile->activation != FRESH_NEVER);
        /* A fresh PIN without tries waits for the PUK, like every locked one. */
        bool locked = p->blocked && set.activation != PIN_ACTIVATION_PUK;
        set.pins[i] = (struct pin_facts){p->index,      p->min,     p->max,
                                         p->tries_left, p->blocked, p->activated || locked};
        set.changes[p->index] = where_of(c, p->index, false);
        set.unlocks[p->index] = where_of(c, p->index, true);
    }
    *ret = set;
    return ERR_OK;
}

/* ---- the reader's PIN pad ---- */

static bool begins(void *user, const struct pad_entry *entry, bool can_stop)
{
    const struct pin_person *p = user;
    enum pin_entry what = !entry->modify ? PIN_ENTRY_CODE : PIN_ENTRY_NEW;
    return p->begins(p->user, entry->asks_old ? PIN_ENTRY_ALL : what, can_stop);
}

static bool wait_for(void *user, unsigned ms)
{
    const struct pin_person *p = user;
    return p->wait(p->user, ms);
}

/* ---- what is done ---- */

static enum err activate(struct card *c, enum pin_activation scheme, const struct pin_form *f,
                         const struct pintask_values *values, int8_t *ret_tries)
{
    enum activation_scheme how = scheme == PIN_ACTIVATION_PUK ? ACTIVATION_PUK : ACTIVATION_PRESET;
    return scheme != PIN_ACTIVATION_NONE ? pintask_activate(c, f->index, how, values, ret_tries)
                                         : ERR_UNSUPPORTED;
}

static enum err run(struct card *c, enum pin_activation scheme, const struct pin_form *f,
                    const struct pin_answer *a, int8_t *ret_tries)
{
    const struct pad_person person = {translate_windows_id(LANG_SYSTEM), begins, wait_for,
                                      (void *)a->person};
    bool on_reader = f->where == PIN_ON_READER;
    const struct pintask_values values = {
        .proof = on_reader ? NULL : a->parts[PIN_PART_CODE],
        .fresh = on_reader ? NULL : a->parts[PIN_PART_NEW],
        .person = on_reader ? &person : NULL,
        .last_try_agreed = a->last_try_agreed,
    };
    switch (f->task) {
    case PIN_CHANGE:
        return pintask_change(c, f->index, &values, ret_tries);
    case PIN_UNLOCK:
        return pintask_unlock(c, f->index, &values, ret_tries);
    case PIN_ACTIVATE:
        return activate(c, scheme, f, &values, ret_tries);
    }
    return ERR_INTERNAL;
}

enum err pinning_run(struct card *c, enum pin_activation scheme, const struct pin_form *f,
                     const struct pin_answer *a, int8_t *ret_tries)
{
    static const char *const names[] = {"change", "unlock", "activate"};
    int8_t tries = -1;
    if (pin_form_asks_where(f) || (f->where == PIN_ON_READER && a->person == NULL)) {
        return ERR_ARGUMENT;
    }
    enum pin_flaw flaw = pin_form_flaw(f, a, PIN_PARTS);
    if (flaw != PIN_FLAW_NONE) {
        return flaw == PIN_FLAW_LAST_TRY ? ERR_PIN_LAST_TRY : ERR_PIN_FORMAT;
    }
    enum err e = run(c, scheme, f, a, &tries);
    e = e == ERR_ABORTED ? ERR_CANCELLED : e; /* by the person, here */
    log_line(LOG_INFO, "%s PIN%u: %s", names[f->task], f->index, err_name(e));
    if (e == ERR_PIN_WRONG) {
        *ret_tries = tries;
    }
    return e;
}
