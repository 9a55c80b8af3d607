/* One PIN of a card: its shape, its state without touching the counter, and VERIFY. */
#ifndef CARD_PIN_H
#define CARD_PIN_H

#include "card/card_io.h"
#include "card/profile.h"
#include "os/secret.h"

struct pin_state {
    int8_t tries; /* -1: the card does not tell */
    bool blocked;
    bool activated; /* false: never set by the person */
};

/* ERR_PIN_FORMAT unless the value is `min` to `max` ASCII digits. Nothing is sent. */
enum err pin_check_digits(const struct secret *value, size_t min, size_t max) MUST_CHECK;
/* The same for a value that the card may hold. */
enum err pin_check(const struct profile_pin *pin, const struct secret *value) MUST_CHECK;
/* One exchange, the empty VERIFY. GET DATA follows (two exchanges on T=0) only where that leaves a
 * question: the counter when the PIN is already verified, and "never set" (FINEID S1, tag DF2F)
 * when it is blocked. With a live counter DF2F is not asked: cards that were activated by their PUK
 * may say "never changed" for ever. ERR_CARD_STATUS when the card does not know the PIN. */
enum err pin_probe(struct card_io *io, const struct profile_pin *pin,
                   struct pin_state *ret) MUST_CHECK;
/* FINEID S1, tag DF2F: 0 when the PIN was never changed, 1 when it was, -1 when the card does not
 * tell. Two exchanges on T=0. */
enum err pin_ask_changed(struct card_io *io, const struct profile_pin *pin, int8_t *ret) MUST_CHECK;
/* One exchange with the PIN in it, never repeated. Updates *state by the answer.
 * ERR_PIN_WRONG, ERR_PIN_BLOCKED, ERR_PIN_NOT_ACTIVATED, ERR_CARD_STATUS. */
enum err pin_verify(struct card_io *io, const struct profile_pin *pin, const struct secret *value,
                    struct pin_state *state) MUST_CHECK;
/* One exchange with old and new value in it, never repeated, after a VERIFY of the old one where
 * the card could not tell where it ends; *state as for pin_verify. */
enum err pin_change(struct card_io *io, const struct profile_pin *pin, const struct secret *old_pin,
                    const struct secret *new_pin, struct pin_state *state) MUST_CHECK;
/* One exchange, or two where the PUK is verified by itself; none is repeated. *puk_state is that of
 * the PUK. ERR_CARD_STATUS also when the PUK was right and the new PIN was not taken. */
enum err pin_unlock(struct card_io *io, const struct profile *p, const struct profile_pin *pin,
                    const struct secret *puk, const struct secret *new_pin,
                    struct pin_state *puk_state) MUST_CHECK;

/* What the status word of a command with a value of `pin` in it means; *state and errors as for
 * pin_verify. */
enum err pin_judge(uint8_t ins, const struct profile_pin *pin, uint16_t sw,
                   struct pin_state *state) MUST_CHECK;

#endif
