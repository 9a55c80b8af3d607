/* What the holder does with PINs: change, unlock, activate. Pages can never start one of these:
 * only the tool and the manager link this file's functions (tests/check/borders.sh). Each function
 * is one exclusive bracket like card_sign, ends with the verified state dropped, and never sends a
 * value that has the wrong shape, or that uses the last try without the person's extra yes. */
#ifndef CARD_PINTASK_H
#define CARD_PINTASK_H

#include "card/card.h"

struct pin_info {
    uint8_t index; /* 1: PIN1, 2: PIN2, 3: PUK or activation code */
    uint8_t min;   /* digits that the holder may choose (DVV's rule where it is narrower) */
    uint8_t max;
    int8_t tries_left; /* -1: the card does not tell; 0: blocked */
    bool blocked;
    bool activated;
    bool untold; /* the card refused to say whether it is activated, and nothing may rest on that */
};

/* Of a code that is preset in both PINs (S4-1 §4.6.2). */
#define PINTASK_PRESET_DIGITS 7u

/* How a fresh card of this kind is activated. */
enum activation_scheme {
    ACTIVATION_NONE,  /* nothing to do, or not by this program */
    ACTIVATION_PUK,   /* the code of the letter is the PUK: RESET RETRY COUNTER with it */
    ACTIVATION_PRESET /* the code of the letter is preset in both PINs: CHANGE REFERENCE DATA */
};

/* State of every PIN of the card without touching a counter. */
enum err pintask_status(struct card *c, struct pin_info *ret, size_t cap, size_t *ret_n) MUST_CHECK;
enum activation_scheme pintask_activation(const struct card *c, const struct pin_info *pins,
                                          size_t n);

/* ERR_PIN_FORMAT: one of the values has the wrong shape, or the new one equals the old; nothing was
 * sent. ERR_PIN_LAST_TRY, ERR_PIN_WRONG (*ret_tries set: of the value that was wrong),
 * ERR_PIN_BLOCKED, ERR_CARD_CHANGED, ERR_CARD_REMOVED, ERR_CARD_IO, ERR_CARD_STATUS. */
enum err pintask_change(struct card *c, uint8_t index, const struct secret *old_pin,
                        const struct secret *new_pin, bool last_try_agreed,
                        int8_t *ret_tries) MUST_CHECK;
/* PUK, or the activation code on cards whose code unlocks later too. */
enum err pintask_unlock(struct card *c, uint8_t index, const struct secret *puk,
                        const struct secret *new_pin, bool last_try_agreed,
                        int8_t *ret_tries) MUST_CHECK;
/* Sets one PIN of a fresh card; called once for PIN1 and once for PIN2, so that a half-activated
 * card can be finished. */
enum err pintask_activate(struct card *c, uint8_t index, enum activation_scheme scheme,
                          const struct secret *code, const struct secret *new_pin,
                          bool last_try_agreed, int8_t *ret_tries) MUST_CHECK;

#endif
