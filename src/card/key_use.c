#include "card/key_use.h"

#include "base/log.h"
#include "card/bracket.h"
#include "card/pin_pad.h"

/* Nothing of this needs the card. */
static enum err check_value(const struct key_use *u)
{
    if (u->how.value == NULL) {
        return u->c->io->pad != NULL ? ERR_OK : ERR_PAD_FAILED;
    }
    enum err e = pin_check(u->pin, u->how.value);
    return e == ERR_OK && bracket_was_refused(u->c, u->pin, u->how.value) ? ERR_PIN_REPEATED : e;
}

static enum err check_tries(const struct key_use *u)
{
    if (!u->k->pin_activated) {
        return ERR_PIN_NOT_ACTIVATED;
    }
    if (u->k->pin_blocked || u->k->tries_left == 0) {
        return ERR_PIN_BLOCKED;
    }
    return u->k->tries_left == 1 && !u->how.last_try_agreed ? ERR_PIN_LAST_TRY : ERR_OK;
}

/* Inside the bracket, before a PIN may go out. */
static enum err check_card(struct key_use *u, bool reset)
{
    struct pin_state state;
    enum err e = reset ? bracket_prove_same_card(u->c, u->k) : ERR_OK;
    if (e == ERR_OK) {
        e = bracket_select(u->c, u->row->place);
    }
    if (e == ERR_OK && (reset || u->k->tries_left <= BRACKET_TRIES_IN_DOUBT)) {
        e = pin_probe(u->c->io, u->pin, &state);
        if (e == ERR_OK) {
            bracket_note_pin(u->c, u->pin, &state);
            e = check_tries(u);
        }
    }
    return e;
}

enum err key_use_begin(struct key_use *u, struct card *c, struct card_key *k,
                       const struct card_pin *how)
{
    const struct profile_key *row = &c->profile->keys[k->row];
    bool reset;
    *u = (struct key_use){.c = c,
                          .k = k,
                          .row = row,
                          .pin = &c->profile->pins[row->pin],
                          .how = *how,
                          .lasting = how->value == NULL || c->profile->verify == VERIFY_LASTING};
    enum err e = check_value(u);
    if (e == ERR_OK) {
        e = check_tries(u);
    }
    if (e == ERR_OK) {
        e = bracket_begin(c, &reset);
    }
    if (e != ERR_OK) {
        return e;
    }
    e = check_card(u, reset);
    if (e != ERR_OK) {
        key_use_end(u);
    }
    return e;
}

/* A pad that has just failed may have failed late: the card is asked whether a try was used. */
static enum err verify_on_pad(struct key_use *u, struct pin_state *state)
{
    struct pin_state now;
    enum err e = pin_pad_verify(u->c->io, u->pin, u->how.person, state);
    if (e == ERR_PAD_FAILED && pin_probe(u->c->io, u->pin, &now) == ERR_OK) {
        *state = now;
    }
    return e;
}

enum err key_use_verify(struct key_use *u)
{
    struct pin_state state = {u->k->tries_left, u->k->pin_blocked, u->k->pin_activated};
    u->left_out = u->lasting && u->verify_sent;
    if (u->left_out) {
        return ERR_OK;
    }
    u->verify_sent = true;
    enum err e = u->how.value == NULL ? verify_on_pad(u, &state)
                                      : pin_verify(u->c->io, u->pin, u->how.value, &state);
    if (e == ERR_OK && state.tries <= BRACKET_TRIES_IN_DOUBT) {
        state.tries = -1; /* the counter is full again; how full, the card will tell */
    }
    bracket_note_pin(u->c, u->pin, &state);
    return u->how.value == NULL ? e : bracket_note_refused(u->c, u->pin, u->how.value, e);
}

/* Which of the two a card answers when its PIN is gone is not published for all of them. */
bool key_use_must_repeat(struct key_use *u, uint16_t sw)
{
    bool must = u->left_out && (sw == SW_NOT_VERIFIED || sw == SW_CONDITIONS);
    u->lasting = u->lasting && !must;
    u->left_out = u->left_out && !must;
    return must;
}

enum err key_use_prepare(struct key_use *u, struct apdu *a, struct span echo, uint16_t *ret_sw)
{
    struct apdu_answer r;
    enum err e = apdu_exchange(u->c->io, a, APDU_ONCE, &r);
    if (e == ERR_OK && r.sw != SW_OK) {
        log_line(LOG_INFO, "card: refuses to prepare the key, status %04X", r.sw);
        *ret_sw = r.sw;
        e = ERR_CARD_STATUS;
    }
    if (e == ERR_OK && r.len > 0 && !span_eq(span_of(r.data, r.len), echo)) {
        e = ERR_CARD_IO;
    }
    return e;
}

void key_use_end(struct key_use *u)
{
    u->c->io->end(u->c->io, u->verify_sent);
}
