/* The PIN tasks of a holder from the card that is in to the card's answer: the flow behind the tool
 * and the manager. No page can come here: neither the agent nor the signer links this
 * (tests/check/borders.sh). */
#ifndef CORE_PINNING_H
#define CORE_PINNING_H

#include "card/card.h"
#include "card/readers.h"
#include "ui/pin_form.h"

/* Opens the card in the reader with this name; NULL: the only card that is in. ERR_PCSC_DOWN,
 * ERR_NO_READER (none, or none with this name), ERR_NO_CARD, ERR_ARGUMENT (several cards are in and
 * no name says which), and whatever inventory_open returns. */
enum err pinning_open(const char *reader, struct card **ret) MUST_CHECK;
/* State of the card's PINs, without touching a counter. */
enum err pinning_look(struct card *c, struct pin_set *ret) MUST_CHECK;
/* Does what the form asks with what was typed, or is typed on the reader. Nothing reaches the card
 * while pin_form_flaw finds a flaw (ERR_PIN_FORMAT, ERR_PIN_LAST_TRY) or the person has not said
 * where to type (ERR_ARGUMENT); else what the card's task returns, with ERR_CANCELLED when the
 * person gave up. After ERR_PAD_FAILED a look tells that there is no pad. *ret_tries is set with
 * ERR_PIN_WRONG: of the value that was wrong, -1 when the card did not tell. */
enum err pinning_run(struct card *c, enum pin_activation scheme, const struct pin_form *f,
                     const struct pin_answer *a, int8_t *ret_tries) MUST_CHECK;

#endif
