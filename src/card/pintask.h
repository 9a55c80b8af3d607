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

/* What the reader's PIN pad can do for a task. */
enum pintask_pad {
    PINTASK_NO_PAD,
    PINTASK_ON_PAD,       /* every value is typed there */
    PINTASK_PAD_VERIFIES, /* it only presents PINs */
    PINTASK_PAD_UNFIT     /* this card's command can't be made by a pad (card/pin_pad.h) */
};

/* `index`: of the PIN that gets a new value; by_puk: with the PUK, else with its old one. */
enum pintask_pad pintask_pad(const struct card *c, uint8_t index, bool by_puk);

/* How the values of a task come to the card. */
struct pintask_values {
    const struct secret *proof; /* current PIN, PUK or code; NULL: all are typed on the PIN pad, */
    const struct secret *fresh; /* the new PIN; NULL with `proof` */
    const struct pad_person *person; /* and this is who types them there */
    bool last_try_agreed;
};

/* ERR_PIN_FORMAT: one of the values has the wrong shape, or the new one equals the old; nothing was
 * sent. ERR_PIN_LAST_TRY, ERR_PIN_WRONG (*ret_tries set: of the value that was wrong),
 * ERR_PIN_BLOCKED, ERR_CARD_CHANGED, ERR_CARD_REMOVED, ERR_CARD_IO, ERR_CARD_STATUS.
 * On the pad the values are never compared and their lengths only as far as the reader does;
 * ERR_ABORTED and the errors of card/pin_pad.h end the work. */
enum err pintask_change(struct card *c, uint8_t index, const struct pintask_values *values,
                        int8_t *ret_tries) MUST_CHECK;
/* PUK, or the activation code on cards whose code unlocks later too. */
enum err pintask_unlock(struct card *c, uint8_t index, const struct pintask_values *values,
                        int8_t *ret_tries) MUST_CHECK;
/* Sets one PIN of a fresh card; called once for PIN1 and once for PIN2, so that a half-activated
 * card can be finished. */
enum err pintask_activate(struct card *c, uint8_t index, enum activation_scheme scheme,
                          const struct pintask_values *values, int8_t *ret_tries) MUST_CHECK;

#endif
