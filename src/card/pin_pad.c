#include "card/pin_pad.h"

#include "card/apdu.h"

/* Padding without digits: what the reader writes them over. */
static struct apdu_pin blank(const struct profile_pin *pin)
{
    return (struct apdu_pin){span_of(NULL, 0), pin->stored, pin->pad};
}

static struct pad_entry entry_of(const struct profile_pin *pin, const struct pad_person *person)
{
    return (struct pad_entry){
        .min = pin->min, .max = pin->max, .block = pin->stored, .language = person->language};
}

/* The two values of an entry have one range in the reader: from the shorter least to the longer
 * most. What is outside its own, the card refuses. */
static void widen(struct pad_entry *e, const struct profile_pin *pin)
{
    e->min = pin->min < e->min ? pin->min : e->min;
    e->max = pin->max > e->max ? pin->max : e->max;
}

/* Status words of the reader (PC/SC part 10 §2.5.2): the command was never sent. */
static enum err reader_error(uint16_t sw)
{
    static const struct {
        uint16_t sw;
        enum err err;
    } rows[] = {
        {0x6400, ERR_PAD_TIMED_OUT}, {0x6401, ERR_CANCELLED},  {0x6402, ERR_PIN_DIFFERS},
        {0x6403, ERR_PIN_FORMAT},    {0x6404, ERR_PAD_FAILED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].sw == sw) {
            return rows[i].err;
        }
    }
    return ERR_OK;
}

static enum err enter(struct card_io *io, struct pad_entry *entry, const struct apdu *a,
                      const struct profile_pin *pin, const struct pad_person *person,
                      struct pin_state *state)
{
    uint8_t answer[LIMIT_APDU_ANSWER];
    size_t len = sizeof answer;
    bool can = io->pad != NULL && (entry->modify ? io->pad->can_modify : io->pad->can_verify);
    if (!can || a->len > sizeof entry->command) {
        return ERR_PAD_FAILED;
    }
    memcpy(entry->command, a->bytes, a->len);
    entry->len = a->len;
    enum err e = io->enter(io, entry, person, answer, &len);
    if (e == ERR_OK && len != 2) {
        e = ERR_CARD_IO; /* these commands have no answer but their status word */
    }
    if (e != ERR_OK) {
        return e;
    }
    uint16_t sw = (uint16_t)(answer[0] << 8 | answer[1]);
    e = reader_error(sw);
    if (e == ERR_PAD_FAILED) {
        io->pad = NULL;
    }
    return e != ERR_OK ? e : pin_judge(a->bytes[1], pin, sw, state);
}

enum err pin_pad_verify(struct card_io *io, const struct profile_pin *pin,
                        const struct pad_person *person, struct pin_state *state)
{
    struct pad_entry entry = entry_of(pin, person);
    struct apdu a;
    apdu_verify(&a, pin->ref, blank(pin));
    return enter(io, &entry, &a, pin, person, state);
}

enum err pin_pad_change(struct card_io *io, const struct profile_pin *pin,
                        const struct pad_person *person, struct pin_state *state)
{
    struct pad_entry entry = entry_of(pin, person);
    struct apdu a;
    enum err e = pin->stored == 0 ? pin_pad_verify(io, pin, person, state) : ERR_OK;
    if (e != ERR_OK) {
        return e;
    }
    entry.modify = true;
    entry.asks_old = true;
    entry.new_offset = pin->stored;
    apdu_change_pin(&a, pin->ref, blank(pin), blank(pin));
    return enter(io, &entry, &a, pin, person, state);
}

enum err pin_pad_unlock(struct card_io *io, const struct profile *p, const struct profile_pin *pin,
                        const struct pad_person *person, struct pin_state *puk_state)
{
    const struct profile_pin *puk = profile_pin_by_index(p, PROFILE_PUK);
    struct pad_entry entry = entry_of(pin, person);
    struct apdu_pin code = blank(puk);
    struct apdu a;
    entry.modify = true;
    if (p->unlock == UNLOCK_TOGETHER) {
        entry.asks_old = true;
        entry.new_offset = puk->stored;
        widen(&entry, puk);
        apdu_unlock_pin(&a, pin->ref, &code, blank(pin));
        return enter(io, &entry, &a, puk, person, puk_state);
    }
    enum err e = pin_pad_verify(io, puk, person, puk_state);
    if (e != ERR_OK) {
        return e;
    }
    struct pin_state ignored = *puk_state; /* this answer is not about the PUK */
    apdu_unlock_pin(&a, pin->ref, NULL, blank(pin));
    e = enter(io, &entry, &a, pin, person, &ignored);
    bool is_about_pin = e == ERR_PIN_WRONG || e == ERR_PIN_BLOCKED || e == ERR_PIN_NOT_ACTIVATED;
    return is_about_pin ? ERR_CARD_STATUS : e;
}
