#include "card/pintask.h"

#include "card/bracket.h"
#include "card/certkey.h"
#include "card/pin_pad.h"

/* S4-1 §4.6.2: cards issued from this day on have a preset code in both PINs. */
#define PRESET_DAY 20260113u

/* ---- what the holder may choose ---- */

static bool has_crl(const struct card *c, const char *file)
{
    for (size_t i = 0; i < c->n_keys; i++) {
        if (c->keys[i].use == CERT_AUTH && certkey_has_crl(buf_span(&c->keys[i].cert), file)) {
            return true;
        }
    }
    return false;
}

/* The PIN's own rule, unless the certificate says that the card is of another service. */
static void find_rule(const struct card *c, const struct profile_pin *pin, uint8_t *ret_min,
                      uint8_t *ret_max)
{
    *ret_min = pin->choose_min;
    *ret_max = pin->choose_max;
    for (size_t i = 0; i < c->profile->n_kins; i++) {
        const struct profile_kin *kin = &c->profile->kins[i];
        if (kin->index == pin->index && has_crl(c, kin->crl)) {
            *ret_min = kin->choose_min;
            *ret_max = kin->choose_max;
            return;
        }
    }
}

/* ---- status ---- */

static bool is_preset_generation(const struct card *c)
{
    uint32_t day = 0;
    for (size_t i = 0; i < c->n_keys; i++) {
        if (c->keys[i].use == CERT_AUTH &&
            certkey_not_before(buf_span(&c->keys[i].cert), &day) == ERR_OK && day >= PRESET_DAY) {
            return true;
        }
    }
    return false;
}

/* A PIN with tries that was never changed holds the preset code, on a card young enough: older ones
 * that were activated by their PUK may say "never changed" for ever. */
static enum err ask_preset(struct card *c, const struct profile_pin *pin, struct pin_state *state,
                           bool *ret_untold)
{
    int8_t changed = -1;
    if (pin->index == PROFILE_PUK || c->profile->activation != FRESH_DATED || state->blocked ||
        !state->activated || !is_preset_generation(c)) {
        return ERR_OK;
    }
    enum err e = pin_ask_changed(c->io, pin, &changed);
    if (e == ERR_OK) {
        state->activated = changed != 0;
        *ret_untold = changed < 0;
    }
    return e;
}

static enum err read_state(struct card *c, const struct profile_pin *pin, struct pin_info *ret)
{
    struct pin_state state = {-1, false, true};
    bool untold = false;
    enum err e = pin_probe(c->io, pin, &state);
    if (e == ERR_OK) {
        e = ask_preset(c, pin, &state, &untold);
    } else if (e == ERR_CARD_STATUS) { /* this card has no such PIN, or does not tell */
        untold = true;
        e = ERR_OK;
    }
    if (e == ERR_OK) {
        bracket_note_pin(c, pin, &state);
        *ret = (struct pin_info){.index = pin->index,
                                 .tries_left = state.blocked ? 0 : state.tries,
                                 .blocked = state.blocked,
                                 .activated = state.activated,
                                 .untold = untold};
        find_rule(c, pin, &ret->min, &ret->max);
    }
    return e;
}

enum err pintask_status(struct card *c, struct pin_info *ret, size_t cap, size_t *ret_n)
{
    size_t n = c->profile->n_pins < cap ? c->profile->n_pins : cap;
    bool reset;
    enum err e = c->io->begin(c->io, &reset);
    if (e != ERR_OK) {
        return e;
    }
    e = bracket_select(c, PLACE_PATH);
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        e = read_state(c, &c->profile->pins[i], &ret[i]);
    }
    c->io->end(c->io, false);
    if (e == ERR_OK) {
        *ret_n = n;
    }
    return e;
}

/* A fresh PIN without tries is not activated but unlocked, unless its code is the PUK anyway. */
enum activation_scheme pintask_activation(const struct card *c, const struct pin_info *pins,
                                          size_t n)
{
    bool preset = c->profile->activation == FRESH_DATED && is_preset_generation(c);
    if (c->profile->activation == FRESH_NEVER) {
        return ACTIVATION_NONE;
    }
    for (size_t i = 0; i < n; i++) {
        if (pins[i].index == PROFILE_PUK || pins[i].activated) {
            continue;
        }
        if (!preset) {
            return ACTIVATION_PUK;
        }
        if (!pins[i].blocked && pins[i].tries_left != 0) {
            return ACTIVATION_PRESET;
        }
    }
    return ACTIVATION_NONE;
}

/* ---- new values ---- */

/* One change, unlock or activation: what its steps share. */
struct task {
    struct card *c;
    const struct profile_pin *pin;    /* gets the new value */
    const struct profile_pin *prover; /* its value gives the right to: the same PIN, or the PUK */
    struct pintask_values values;
    struct pad_range proof_range; /* of what is typed on the pad */
    struct pin_state state;       /* of the prover */
    bool sent;
};

static enum err task_init(struct task *t, struct card *c, uint8_t index, uint8_t prover,
                          const struct pintask_values *values)
{
    *t = (struct task){.c = c, .values = *values};
    t->pin = profile_pin_by_index(c->profile, index);
    t->prover = profile_pin_by_index(c->profile, prover);
    if (t->pin == NULL || index == PROFILE_PUK) {
        return ERR_ARGUMENT;
    }
    bool can = t->prover != NULL && (t->prover == t->pin || profile_unlocks(c->profile));
    if (can) {
        t->proof_range = (struct pad_range){t->prover->min, t->prover->max};
    }
    return can ? ERR_OK : ERR_UNSUPPORTED;
}

static bool is_on_pad(const struct task *t)
{
    return t->values.proof == NULL;
}

enum pintask_pad pintask_pad(const struct card *c, uint8_t index, bool by_puk)
{
    const struct profile_pin *pin = profile_pin_by_index(c->profile, index);
    if (c->io->pad == NULL || pin == NULL) {
        return PINTASK_NO_PAD;
    }
    if (!c->io->pad->can_modify) {
        return PINTASK_PAD_VERIFIES;
    }
    bool fits = by_puk ? pin_pad_fits_unlock(c->profile, pin) : pin_pad_fits_change(pin);
    return fits ? PINTASK_ON_PAD : PINTASK_PAD_UNFIT;
}

static enum err check_pad(const struct task *t)
{
    switch (pintask_pad(t->c, t->pin->index, t->prover != t->pin)) {
    case PINTASK_ON_PAD:
        return ERR_OK;
    case PINTASK_PAD_UNFIT:
        return ERR_UNSUPPORTED;
    case PINTASK_NO_PAD:
    case PINTASK_PAD_VERIFIES:
        break;
    }
    return ERR_PAD_FAILED;
}

/* Nothing of this needs the card. */
static enum err check_values(const struct task *t)
{
    uint8_t min, max;
    if (is_on_pad(t)) {
        return check_pad(t);
    }
    find_rule(t->c, t->pin, &min, &max);
    enum err e = pin_check_digits(t->values.proof, t->proof_range.min, t->proof_range.max);
    if (e == ERR_OK) {
        e = pin_check_digits(t->values.fresh, min, max);
    }
    if (e == ERR_OK && secret_equal(t->values.proof, t->values.fresh)) {
        e = ERR_PIN_FORMAT;
    }
    if (e == ERR_OK && bracket_was_refused(t->c, t->prover, t->values.proof)) {
        e = ERR_PIN_REPEATED;
    }
    return e;
}

static enum err check_tries(const struct task *t)
{
    if (t->state.blocked || t->state.tries == 0) {
        return ERR_PIN_BLOCKED;
    }
    if (!t->state.activated) {
        return ERR_PIN_NOT_ACTIVATED;
    }
    return t->state.tries == 1 && !t->values.last_try_agreed ? ERR_PIN_LAST_TRY : ERR_OK;
}

/* Inside the bracket, before a value may go out. A card that does not tell about its PUK gets it
 * all the same: the person has a locked PIN and nothing else to try. */
static enum err check_card(struct task *t, bool reset)
{
    struct card *c = t->c;
    enum err e = reset ? bracket_prove_same_card(c, c->n_keys > 0 ? &c->keys[0] : NULL) : ERR_OK;
    if (e == ERR_OK) {
        e = bracket_select(c, PLACE_PATH);
    }
    t->state = (struct pin_state){c->pin_tries[t->prover->index], false, true};
    if (e != ERR_OK || (!reset && t->state.tries > BRACKET_TRIES_IN_DOUBT)) {
        return e;
    }
    e = pin_probe(c->io, t->prover, &t->state);
    if (e == ERR_CARD_STATUS && t->prover->index == PROFILE_PUK) {
        e = ERR_OK;
    }
    if (e == ERR_OK) {
        bracket_note_pin(c, t->prover, &t->state);
        e = check_tries(t);
    }
    return e;
}

static enum err send_typed(struct task *t)
{
    const struct pintask_values *v = &t->values;
    return t->prover == t->pin
               ? pin_change(t->c->io, t->pin, v->proof, v->fresh, &t->state)
               : pin_unlock(t->c->io, t->c->profile, t->pin, v->proof, v->fresh, &t->state);
}

static enum err send_from_pad(struct task *t)
{
    struct pad_range fresh;
    const struct pad_person *person = t->values.person;
    find_rule(t->c, t->pin, &fresh.min, &fresh.max);
    return t->prover == t->pin
               ? pin_pad_change(t->c->io, t->pin, t->proof_range, fresh, person, &t->state)
               : pin_pad_unlock(t->c->io, t->c->profile, t->pin, fresh, person, &t->state);
}

static enum err send(struct task *t)
{
    static const struct pin_state set = {-1, false, true};
    struct card *c = t->c;
    t->sent = true;
    c->pin_tries[t->prover->index] = -1; /* whatever happens, they are not what they were */
    enum err e = is_on_pad(t) ? send_from_pad(t) : send_typed(t);
    if (e == ERR_OK) {
        t->state.tries = -1; /* full again; how full, the card will tell */
        bracket_forget_refused(c, t->pin);
        bracket_note_pin(c, t->pin, &set);
    }
    if (e == ERR_OK || e == ERR_PIN_WRONG || e == ERR_PIN_BLOCKED || e == ERR_PIN_NOT_ACTIVATED) {
        bracket_note_pin(c, t->prover, &t->state);
    }
    return is_on_pad(t) ? e : bracket_note_refused(c, t->prover, t->values.proof, e);
}

static enum err run(struct task *t, int8_t *ret_tries)
{
    bool reset;
    enum err e = check_values(t);
    if (e == ERR_OK) {
        e = t->c->io->begin(t->c->io, &reset);
    }
    if (e != ERR_OK) {
        return e;
    }
    e = check_card(t, reset);
    if (e == ERR_OK) {
        e = send(t);
    }
    t->c->io->end(t->c->io, t->sent);
    if (e == ERR_PIN_WRONG || e == ERR_PIN_BLOCKED) {
        *ret_tries = t->state.blocked ? 0 : t->state.tries;
    }
    return e;
}

enum err pintask_change(struct card *c, uint8_t index, const struct pintask_values *values,
                        int8_t *ret_tries)
{
    struct task t;
    enum err e = task_init(&t, c, index, index, values);
    return e == ERR_OK ? run(&t, ret_tries) : e;
}

enum err pintask_unlock(struct card *c, uint8_t index, const struct pintask_values *values,
                        int8_t *ret_tries)
{
    struct task t;
    enum err e = task_init(&t, c, index, PROFILE_PUK, values);
    return e == ERR_OK ? run(&t, ret_tries) : e;
}

enum err pintask_activate(struct card *c, uint8_t index, enum activation_scheme scheme,
                          const struct pintask_values *values, int8_t *ret_tries)
{
    struct task t;
    enum err e = ERR_UNSUPPORTED;
    if (scheme == ACTIVATION_PUK) {
        return pintask_unlock(c, index, values, ret_tries);
    }
    if (scheme == ACTIVATION_PRESET) {
        e = task_init(&t, c, index, index, values);
    }
    if (e == ERR_OK) {
        t.proof_range = (struct pad_range){PINTASK_PRESET_DIGITS, PINTASK_PRESET_DIGITS};
        e = run(&t, ret_tries);
    }
    return e;
}
