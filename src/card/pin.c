#include "card/pin.h"

#include "base/log.h"
#include "card/apdu.h"
#include "card/tlv.h"

#define TAG_PIN     0xA0u
#define TAG_TRIES   0xDF21u /* tries left, then three allowances */
#define TAG_CHANGED 0xDF2Fu /* 00: never changed, 01: changed */

enum err pin_check(const struct profile_pin *pin, const struct secret *value)
{
    struct span digits = secret_span(value);
    if (digits.len < pin->min || digits.len > pin->max || digits.len > pin->stored) {
        return ERR_PIN_FORMAT;
    }
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9') {
            return ERR_PIN_FORMAT;
        }
    }
    return ERR_OK;
}

/* What the card does not tell here stays as it is in *state; only a broken exchange is an error. */
static enum err ask_attributes(struct card_io *io, const struct profile_pin *pin,
                               struct pin_state *state)
{
    struct apdu a;
    struct apdu_answer r;
    struct span all, value;
    apdu_get_pin_data(&a, pin->ref, io->t1);
    enum err e = apdu_exchange(io, &a, APDU_REPEAT, &r);
    if (e != ERR_OK) {
        return e;
    }
    if (r.sw != SW_OK || tlv_find(span_of(r.data, r.len), TAG_PIN, &all) != ERR_OK) {
        return ERR_OK;
    }
    if (tlv_find(all, TAG_TRIES, &value) == ERR_OK && value.len > 0 && value.at[0] <= 0x0F) {
        state->tries = (int8_t)value.at[0];
    }
    if (state->blocked && tlv_find(all, TAG_CHANGED, &value) == ERR_OK && value.len == 1) {
        state->activated = value.at[0] != 0;
    }
    return ERR_OK;
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
    if (state.blocked || (state.tries < 0 && state.activated)) {
        e = ask_attributes(io, pin, &state);
    } else {
        e = ERR_OK;
    }
    if (e == ERR_OK) {
        *ret = state;
    }
    return e;
}

enum err pin_verify(struct card_io *io, const struct profile_pin *pin, const struct secret *value,
                    struct pin_state *state)
{
    struct apdu a;
    struct apdu_answer r;
    apdu_verify(&a, pin->ref, secret_span(value), pin->stored, pin->pad);
    enum err e = apdu_exchange(io, &a, APDU_ONCE, &r);
    if (e != ERR_OK) {
        return e;
    }
    e = apdu_status(r.sw);
    if (e == ERR_PIN_WRONG || e == ERR_PIN_BLOCKED || e == ERR_PIN_NOT_ACTIVATED) {
        judge(r.sw, state);
    }
    if (e != ERR_OK) {
        log_line(LOG_INFO, "card: VERIFY of PIN %u answered %04X", pin->index, r.sw);
    }
    return e == ERR_CERT_NOT_FOUND ? ERR_CARD_STATUS : e;
}
