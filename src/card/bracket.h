/* What the brackets of card.c, key_use.c and pintask.c have in common: they run between begin and
 * end of the card's connection. */
#ifndef CARD_BRACKET_H
#define CARD_BRACKET_H

#include "card/card.h"
#include "card/pin.h"
#include "card/profile.h"

/* Begins exclusive use as card_io does; *ret_reset also when a bracket before has met a reset and
 * left the proof to this one (c->is_unproven). */
enum err bracket_begin(struct card *c, bool *ret_reset) MUST_CHECK;

/* With at most this many tries left the counter is asked again before a PIN goes out: another
 * program may have used one while the person typed, and the last one needs the person's word. */
#define BRACKET_TRIES_IN_DOUBT 2

/* The application, or the signature folder. ERR_CARD_STATUS when the card refuses. */
enum err bracket_select(struct card *c, enum profile_place place) MUST_CHECK;
/* The file of the certificate, with its place selected. ERR_CERT_NOT_FOUND. */
enum err bracket_select_certificate(struct card *c, const struct profile_key *key) MUST_CHECK;
/* Is the certificate that the person saw still the one in the card? Reads its head, which holds its
 * length too, with its place selected. Any answer but the same bytes is ERR_CARD_CHANGED. */
enum err bracket_compare_certificate(struct card *c, const struct card_key *k) MUST_CHECK;
/* After a reset the reader may hold another card. Selects; leaves the certificate's file selected.
 * ERR_CARD_CHANGED also when `k` is NULL: nothing is known that could prove it. */
enum err bracket_prove_same_card(struct card *c, const struct card_key *k) MUST_CHECK;

/* For every key that this PIN guards, and for the next bracket. */
void bracket_note_pin(struct card *c, const struct profile_pin *pin, const struct pin_state *state);

/* The memory of refused values: one for each PIN, kept in locked memory as long as the card. */
bool bracket_was_refused(const struct card *c, const struct profile_pin *pin,
                         const struct secret *value);
/* Remembers `value` when `e` is the card's refusal of it. Returns e, or ERR_NOMEM in place of a
 * refusal that could not be remembered. */
enum err bracket_note_refused(struct card *c, const struct profile_pin *pin,
                              const struct secret *value, enum err e) MUST_CHECK;
/* The PIN has a new value. */
void bracket_forget_refused(struct card *c, const struct profile_pin *pin);

#endif
