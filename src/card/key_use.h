/* One use of a key that a PIN guards, whatever is done with it: from the checks that need no card,
 * through VERIFY, to the end of the bracket. For card_sign.c and its like. */
#ifndef CARD_KEY_USE_H
#define CARD_KEY_USE_H

#include "card/apdu.h"
#include "card/card.h"
#include "card/profile.h"

struct key_use {
    struct card *c;
    struct card_key *k;
    const struct profile_key *row;
    const struct profile_pin *pin;
    struct card_pin how;
    bool lasting;  /* the PIN is not presented again until the card asks for it */
    bool left_out; /* so was VERIFY before this use */
    bool verify_sent;
};

/* The PIN's shape, that it is not the one that was refused last, and its tries; then the bracket:
 * the same card as before, the key's place selected, the tries asked again where in doubt. When it
 * fails no bracket is open and no PIN was sent. ERR_PIN_FORMAT, ERR_PIN_REPEATED, ERR_PIN_LAST_TRY,
 * ERR_PIN_BLOCKED, ERR_PIN_NOT_ACTIVATED, ERR_CARD_CHANGED, ERR_CARD_REMOVED, ERR_CARD_IO,
 * ERR_CARD_STATUS. */
enum err key_use_begin(struct key_use *u, struct card *c, struct card_key *k,
                       const struct card_pin *how) MUST_CHECK;
/* VERIFY before a use of the key, unless an earlier one is taken to last (profile.h); what the
 * answer says of the PIN is noted for all keys. */
enum err key_use_verify(struct key_use *u) MUST_CHECK;
/* The card has refused a command of the key with this status word. True: because VERIFY was left
 * out and did not last; the use begins again from key_use_verify, which then presents the PIN, as
 * it does before each use from now on. True at most once in the life of *u. */
bool key_use_must_repeat(struct key_use *u, uint16_t sw);
/* One command that prepares what the key does. What comes back may only be `echo`: some cards
 * return the hash. ERR_CARD_STATUS with the status word in *ret_sw, ERR_CARD_IO. */
enum err key_use_prepare(struct key_use *u, struct apdu *a, struct span echo,
                         uint16_t *ret_sw) MUST_CHECK;
/* Ends the bracket; the verified state is dropped. */
void key_use_end(struct key_use *u);

#endif
