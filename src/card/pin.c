#include "card/pin.h"

#include "base/log.h"
#include "card/apdu.h"
#include "card/tlv.h"

#define TAG_PIN     0xA0u
#define TAG_TRIES   0xDF21u /* tries left, then three allowances */
#define TAG_CHANGED 0xDF2Fu /* 00: never changed, 01: changed */

enum err pin_check_digits(const struct secret *value, size_t min, size_t max)
{
    struct span digits = secret_span(value);
    if (digits.len < min || digits.len > max) {
        return ERR_PIN_FORMAT;
    }
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9') {
            return ERR_PIN_FORMAT;
        }
    }
    return ERR_OK;
}

enum err pin_check(const struct profile_pin *pin, const struct secret *value)
{
    return pin_check_digits(value, pin->min, pin->max);
}

struct attributes {
    int8_t tries;   /* -1: not told */
    int8_t changed; /* 0, 1; -1: not told */
};

/* What the card does not tell stays -1; only a broken exchange is an error. */
static enum err ask_attributes(struct card_io *io, const struct profile_pin *pin,
                               struct attributes *ret)
{
    struct apdu a;
    struct apdu_answer r;
    struct span all, value;
    apdu_get_pin_data(&a, pin->ref, io->t1);
    enum err e = apdu_exchange(io, &a, APDU_REPEAT, &r);
    if (e != ERR_OK) {
        return e;
    }
    *ret = (struct attributes){-1, -1};
    if (r.sw != SW_OK || tlv_find(span_of(r.data, r.len), TAG_PIN, &all) != ERR_OK) {
        return ERR_OK;
    }
    if (tlv_find(all, TAG_TRIES, &value) == ERR_OK && value.len > 0 && value.at[0] <= 0x0F) {
        ret->tries = (int8_t)value.at[0];
    }
    if (tlv_find(all, TAG_CHANGED, &value) == ERR_OK && value.len == 1) {
        ret->changed = value.at[0] != 0;
    }
    return ERR_OK;
}

enum err pin_ask_changed(struct card_io *io, const struct profile_pin *pin, int8_t *ret)
{
    struct attributes told;
    enum err e = ask_attributes(io, pin, &told);
    if (e == ERR_OK) {
        *ret = told.changed;
    }
    return e;
}

static void judge(uint16_t sw, struct pin_state *state)
{
    enum err meaning = apdu_status(sw);
    state->tries = meaning == ERR_PIN_BLOCKED ? 0 : apdu_tries(sw);
    state->blocked = meaning == ERR_PIN_BLOCKED;
    state->activated = meaning != ERR_PIN_NOT_ACTIVATED;
}

enum err pin_probe(struct card_io *io, const struct profile_pin *pin, struct pin_state *ret)
{
    struct apdu a;
    struct apdu_answer r;
    struct pin_state state;
    apdu_verify_probe(&a, pin->ref);
    enum err e = apdu_exchange(io, &a, APDU_ONCE, &r);
    if (e != ERR_OK) {
        return e;
    }
    e = apdu_status(r.sw);
    if (e == ERR_CARD_STATUS || e == ERR_CERT_NOT_FOUND) {
        log_line(LOG_WARN, "card: PIN %u can't be asked for, status %04X", pin->index, r.sw);
        return ERR_CARD_STATUS;
    }
    judge(r.sw, &state);
    struct attributes told = {-1, -1};
    if (state.blocked || (state.tries < 0 && state.activated)) {
        e = ask_attributes(io, pin, &told);
    } else {
        e = ERR_OK;
    }
    if (told.tries >= 0) {
        state.tries = told.tries;
    }
    if (state.blocked && told.changed == 0) {
        state.activated = false;
    }
    if (e == ERR_OK) {
        *ret = state;
    }
    return e;
}

static struct apdu_pin as_sent(const struct profile_pin *pin, const struct secret *value)
{
    return (struct apdu_pin){secret_span(value), pin->stored, pin->pad};
}

enum err pin_judge(uint8_t ins, const struct profile_pin *pin, uint16_t sw, struct pin_state *state)
{
    enum err e = apdu_status(sw);
    if (e == ERR_PIN_WRONG || e == ERR_PIN_BLOCKED || e == ERR_PIN_NOT_ACTIVATED) {
        judge(sw, state);
    }
    if (e != ERR_OK) {
        log_line(LOG_INFO, "card: INS %02X with PIN %u answered %04X", ins, pin->index, sw);
    }
    return e == ERR_CERT_NOT_FOUND ? ERR_CARD_STATUS : e;
}

/* Sends what holds a PIN, once, and judges the value of `pin` by the answer. */
static enum err send_value(struct card_io *io, struct apdu *a, const struct profile_pin *pin,
                           struct pin_state *state)
{
    struct apdu_answer r;
    uint8_t ins = a->bytes[1];
    enum err e = apdu_exchange(io, a, APDU_ONCE, &r);
    if (e != ERR_OK) {
        return e;
    }
    /* these commands have no answer */
    return r.len > 0 ? ERR_CARD_IO : pin_judge(ins, pin, r.sw, state);
}

enum err pin_verify(struct card_io *io, const struct profile_pin *pin, const struct secret *value,
                    struct pin_state *state)
{
    struct apdu a;
    apdu_verify(&a, pin->ref, as_sent(pin, value));
    return send_value(io, &a, pin, state);
}

/* Values that are sent as typed have no border between them: "12345" for the old 1234 would be
 * taken as 1234 with a new value that nobody meant. Such a card is asked about the old one first.
 */
enum err pin_change(struct card_io *io, const struct profile_pin *pin, const struct secret *old_pin,
                    const struct secret *new_pin, struct pin_state *state)
{
    struct apdu a;
    enum err e = pin->stored == 0 ? pin_verify(io, pin, old_pin, state) : ERR_OK;
    if (e != ERR_OK) {
        return e;
    }
    apdu_change_pin(&a, pin->ref, as_sent(pin, old_pin), as_sent(pin, new_pin));
    return send_value(io, &a, pin, state);
}

enum err pin_unlock(struct card_io *io, const struct profile *p, const struct profile_pin *pin,
                    const struct secret *puk, const struct secret *new_pin,
                    struct pin_state *puk_state)
{
    const struct profile_pin *puk_row = profile_pin_by_index(p, PROFILE_PUK);
    struct apdu_pin code = as_sent(puk_row, puk);
    struct apdu a;
    if (p->unlock == UNLOCK_TOGETHER) {
        apdu_unlock_pin(&a, pin->ref, &code, as_sent(pin, new_pin));
        return send_value(io, &a, puk_row, puk_state);
    }
    enum err e = pin_verify(io, puk_row, puk, puk_state);
    if (e != ERR_OK) {
        return e;
    }
    struct pin_state ignored = *puk_state; /* this answer is not about the PUK */
    apdu_unlock_pin(&a, pin->ref, NULL, as_sent(pin, new_pin));
    e = send_value(io, &a, pin, &ignored);
    bool is_about_pin = e == ERR_PIN_WRONG || e == ERR_PIN_BLOCKED || e == ERR_PIN_NOT_ACTIVATED;
    return is_about_pin ? ERR_CARD_STATUS : e;
}
