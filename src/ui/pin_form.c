#include "ui/pin_form.h"

#include "base/limits.h"

#define PUK 3u

const struct pin_facts *pin_set_find(const struct pin_set *s, uint8_t index)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->pins[i].index == index) {
            return &s->pins[i];
        }
    }
    return NULL;
}

uint8_t pin_set_next_fresh(const struct pin_set *s, uint8_t after)
{
    for (uint8_t index = (uint8_t)(after + 1); index < PUK && s->activation != PIN_ACTIVATION_NONE;
         index++) {
        const struct pin_facts *p = pin_set_find(s, index);
        if (p != NULL && !p->activated) {
            return index;
        }
    }
    return 0;
}

bool pin_set_is_on_reader(const struct pin_set *s)
{
    bool any = false;
    for (size_t i = 0; i < PIN_SET_MAX; i++) {
        any = any || s->changes[i] == PIN_ON_READER || s->unlocks[i] == PIN_ON_READER;
    }
    return any;
}

static bool can_unlock(const struct pin_set *s)
{
    return s->unlocker == PIN_UNLOCKER_HOLDER && pin_set_find(s, PUK) != NULL;
}

/* What proves that the person may: the PIN itself, or the PUK. */
static enum err find_spent(const struct pin_set *s, enum pin_task task, const struct pin_facts *pin,
                           const struct pin_facts **ret)
{
    bool fresh = s->activation != PIN_ACTIVATION_NONE && !pin->activated;
    bool by_puk =
        task == PIN_UNLOCK || (task == PIN_ACTIVATE && s->activation == PIN_ACTIVATION_PUK);
    if (task == PIN_ACTIVATE && s->is_unsure) {
        return ERR_CARD_STATUS; /* half a card would be taken for a whole one */
    }
    if (task == PIN_ACTIVATE && !fresh) {
        return ERR_UNSUPPORTED;
    }
    if (task == PIN_CHANGE && !pin->activated) {
        return ERR_PIN_NOT_ACTIVATED;
    }
    if (task == PIN_UNLOCK && !can_unlock(s)) {
        return ERR_UNSUPPORTED;
    }
    const struct pin_facts *spent = by_puk ? pin_set_find(s, PUK) : pin;
    if (spent == NULL) {
        return ERR_UNSUPPORTED;
    }
    if (spent->blocked || spent->tries_left == 0) {
        return ERR_PIN_BLOCKED;
    }
    *ret = spent;
    return ERR_OK;
}

enum err pin_form_make(const struct pin_set *s, enum pin_task task, uint8_t index,
                       struct pin_form *ret)
{
    const struct pin_facts *pin = index == PUK ? NULL : pin_set_find(s, index);
    const struct pin_facts *spent = NULL;
    enum err e = pin != NULL ? find_spent(s, task, pin, &spent) : ERR_ARGUMENT;
    if (e != ERR_OK) {
        return e;
    }
    bool preset = task == PIN_ACTIVATE && s->activation == PIN_ACTIVATION_PRESET;
    bool by_puk = spent->index == PUK;
    /* What is typed as a code was not always chosen by today's rule: only the card layer knows how
     * long it can be at most. */
    *ret = (struct pin_form){
        .task = task,
        .index = index,
        .spends = spent->index,
        .tries_left = spent->tries_left,
        .can_unlock = can_unlock(s),
        .where = by_puk ? s->unlocks[index] : s->changes[index],
        .unlocks_on_reader = !by_puk && can_unlock(s) && s->unlocks[index] == PIN_ON_READER,
        .min = {preset ? s->preset_digits : spent->min, pin->min, pin->min},
        .max = {preset ? s->preset_digits : LIMIT_PIN_MAX, pin->max, pin->max},
    };
    return ERR_OK;
}

static bool fits(const struct pin_form *f, const struct pin_answer *a, enum pin_part part)
{
    size_t len = secret_len(a->parts[part]);
    return len >= f->min[part] && len <= f->max[part];
}

bool pin_form_asks_where(const struct pin_form *f)
{
    return f->where == PIN_PAD_VERIFIES || f->where == PIN_PAD_UNFIT;
}

void pin_form_type_here(struct pin_form *f)
{
    f->where = PIN_HERE;
}

bool pin_form_may_try_again(enum err e)
{
    static const enum err again[] = {ERR_PIN_WRONG,    ERR_PIN_FORMAT,  ERR_PIN_LAST_TRY,
                                     ERR_PIN_REPEATED, ERR_PIN_DIFFERS, ERR_PAD_TIMED_OUT,
                                     ERR_PAD_FAILED};
    for (size_t i = 0; i < sizeof again / sizeof again[0]; i++) {
        if (e == again[i]) {
            return true;
        }
    }
    return false;
}

bool pin_form_is_last_try(const struct pin_form *f)
{
    return f->tries_left == 1;
}

static enum pin_flaw flaw_of_typed(const struct pin_form *f, const struct pin_answer *a, size_t n)
{
    if (n > PIN_PART_CODE && !fits(f, a, PIN_PART_CODE)) {
        return PIN_FLAW_CODE_LENGTH;
    }
    if (n > PIN_PART_NEW && !fits(f, a, PIN_PART_NEW)) {
        return PIN_FLAW_NEW_LENGTH;
    }
    if (n > PIN_PART_NEW && secret_equal(a->parts[PIN_PART_CODE], a->parts[PIN_PART_NEW])) {
        return PIN_FLAW_NEW_SAME;
    }
    bool differ =
        n > PIN_PART_AGAIN && !secret_equal(a->parts[PIN_PART_NEW], a->parts[PIN_PART_AGAIN]);
    return differ ? PIN_FLAW_AGAIN : PIN_FLAW_NONE;
}

enum pin_flaw pin_form_flaw(const struct pin_form *f, const struct pin_answer *a, size_t n)
{
    enum pin_flaw flaw = f->where == PIN_ON_READER ? PIN_FLAW_NONE : flaw_of_typed(f, a, n);
    if (flaw != PIN_FLAW_NONE) {
        return flaw;
    }
    bool asked = n >= PIN_PARTS && pin_form_is_last_try(f);
    return asked && !a->last_try_agreed ? PIN_FLAW_LAST_TRY : PIN_FLAW_NONE;
}
