/* VERIFY, CHANGE and RESET RETRY COUNTER with every value typed on the reader's PIN pad: the
 * reader, not this program, puts it into the command. Each is for a card_io whose pad can do it,
 * and tells what the reader itself says: ERR_PAD_TIMED_OUT, ERR_CANCELLED (on the reader),
 * ERR_PIN_DIFFERS (the repetition), ERR_PIN_FORMAT (too few or too many digits); nothing was sent
 * to the card then. ERR_PAD_FAILED: the reader has no working pad, and io->pad is NULL from then
 * on. ERR_ABORTED: `person` said no. Else as the functions of pin.h. */
#ifndef CARD_PIN_PAD_H
#define CARD_PIN_PAD_H

#include "card/pin.h"

enum err pin_pad_verify(struct card_io *io, const struct profile_pin *pin,
                        const struct pad_person *person, struct pin_state *state) MUST_CHECK;

/* Digits that a value may have. */
struct pad_range {
    uint8_t min;
    uint8_t max;
};

/* Can a pad make the command? It puts each value at a place that does not depend on what is typed
 * (§2.5.3), in blocks of one size: two values that are sent as typed, one behind the other, it
 * can't. */
bool pin_pad_fits_change(const struct profile_pin *pin);
bool pin_pad_fits_unlock(const struct profile *p, const struct profile_pin *pin);

/* The old value, the new one, and that again. A reader has one range for all values of an entry,
 * which is then as wide as both. ERR_UNSUPPORTED: it does not fit. */
enum err pin_pad_change(struct card_io *io, const struct profile_pin *pin, struct pad_range old_pin,
                        struct pad_range new_pin, const struct pad_person *person,
                        struct pin_state *state) MUST_CHECK;
/* The PUK, the new value, and that again; where the PUK is verified by itself it is an entry of its
 * own. ERR_UNSUPPORTED: it does not fit. */
enum err pin_pad_unlock(struct card_io *io, const struct profile *p, const struct profile_pin *pin,
                        struct pad_range new_pin, const struct pad_person *person,
                        struct pin_state *puk_state) MUST_CHECK;

#endif
