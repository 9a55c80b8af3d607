#include "card/pin_pad.h"

#include "card/apdu.h"

/* Padding without digits: what the reader writes them over. */
static struct apdu_pin blank(const struct profile_pin *pin)
{
    return (struct apdu_pin){span_of(NULL, 0), pin->stored, pin->pad};
}

static struct pad_entry entry_of(const struct profile_pin *pin, struct pad_range range,
                                 const struct pad_person *person)
{
    return (struct pad_entry){
        .min = range.min, .max = range.max, .block = pin->stored, .language = person->language};
}

static struct pad_range range_of(const struct profile_pin *pin)
{
    return (struct pad_range){pin->min, pin->max};
}

/* What is outside its own, the card refuses. */
static struct pad_range both(struct pad_range a, struct pad_range b)
{
    return (struct pad_range){a.min < b.min ? a.min : b.min, a.max > b.max ? a.max : b.max};
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
    struct pad_entry entry = entry_of(pin, range_of(pin), person);
    struct apdu a;
    apdu_verify(&a, pin->ref, blank(pin));
    return enter(io, &entry, &a, pin, person, state);
}

bool pin_pad_fits_change(const struct profile_pin *pin)
{
    return pin->stored != 0;
}

bool pin_pad_fits_unlock(const struct profile *p, const struct profile_pin *pin)
{
    const struct profile_pin *puk = profile_pin_by_index(p, PROFILE_PUK);
    return puk != NULL &&
           (p->unlock == UNLOCK_VERIFIED ||
            (p->unlock == UNLOCK_TOGETHER && puk->stored != 0 && puk->stored == pin->stored));
}

enum err pin_pad_change(struct card_io *io, const struct profile_pin *pin, struct pad_range old_pin,
                        struct pad_range new_pin, const struct pad_person *person,
                        struct pin_state *state)
{
    struct pad_entry entry = entry_of(pin, both(old_pin, new_pin), person);
    struct apdu a;
    if (!pin_pad_fits_change(pin)) {
        return ERR_UNSUPPORTED;
    }
    entry.modify = true;
    entry.asks_old = true;
    entry.new_offset = pin->stored;
    apdu_change_pin(&a, pin->ref, blank(pin), blank(pin));
    return enter(io, &entry, &a, pin, person, state);
}

static enum err unlock_together(struct card_io *io, const struct profile_pin *puk,
                                const struct profile_pin *pin, struct pad_range new_pin,
                                const struct pad_person *person, struct pin_state *puk_state)
{
    struct pad_entry entry = entry_of(pin, both(range_of(puk), new_pin), person);
    struct apdu_pin code = blank(puk);
    struct apdu a;
    entry.modify = true;
    entry.asks_old = true;
    entry.new_offset = puk->stored;
    apdu_unlock_pin(&a, pin->ref, &code, blank(pin));
    return enter(io, &entry, &a, puk, person, puk_state);
}

enum err pin_pad_unlock(struct card_io *io, const struct profile *p, const struct profile_pin *pin,
                        struct pad_range new_pin, const struct pad_person *person,
                        struct pin_state *puk_state)
{
    const struct profile_pin *puk = profile_pin_by_index(p, PROFILE_PUK);
    struct pad_entry entry = entry_of(pin, new_pin, person);
    struct apdu a;
    if (!pin_pad_fits_unlock(p, pin)) {
        return ERR_UNSUPPORTED;
    }
    if (p->unlock == UNLOCK_TOGETHER) {
        return unlock_together(io, puk, pin, new_pin, person, puk_state);
    }
    enum err e = pin_pad_verify(io, puk, person, puk_state);
    if (e != ERR_OK) {
        return e;
    }
    struct pin_state ignored = *puk_state; /* this answer is not about the PUK */
    entry.modify = true;
    apdu_unlock_pin(&a, pin->ref, NULL, blank(pin));
    e = enter(io, &entry, &a, pin, person, &ignored);
    bool is_about_pin = e == ERR_PIN_WRONG || e == ERR_PIN_BLOCKED || e == ERR_PIN_NOT_ACTIVATED;
    return is_about_pin ? ERR_CARD_STATUS : e;
}
