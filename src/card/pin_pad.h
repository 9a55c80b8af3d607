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
/* The old value, the new one, and that again; before them the old one alone where the card could
 * not tell where it ends (pin_change). */
enum err pin_pad_change(struct card_io *io, const struct profile_pin *pin,
                        const struct pad_person *person, struct pin_state *state) MUST_CHECK;
/* The PUK, the new value, and that again; where the PUK is verified by itself it is an entry of its
 * own. */
enum err pin_pad_unlock(struct card_io *io, const struct profile *p, const struct profile_pin *pin,
                        const struct pad_person *person, struct pin_state *puk_state) MUST_CHECK;

#endif
