/* The cards that are in and the certificates on them for a request: those it can use, and those it
 * can't, with the reason (core/fit.h). */
#ifndef CORE_CHOICES_H
#define CORE_CHOICES_H

#include "card/card.h"
#include "card/readers.h"
#include "crypto/cert.h"
#include "wire/ask.h"

/* A card in a reader, kept open between looks as long as it is not taken out. */
struct slot {
    char reader[LIMIT_READER_NAME];
    uint32_t insertion_count;
    struct card *card; /* NULL: error says why */
    enum err error;
    enum ask_status status[LIMIT_CERTS]; /* of the certificate of each of its keys */
};

struct choice {
    struct card *card; /* borrowed from a slot */
    size_t key;        /* index into card->keys */
    struct sig_alg alg;
    struct cert_info info;
    enum ask_usable usable;
    enum ask_status status;
};

struct choices {
    struct slot slots[LIMIT_READERS];
    size_t n_slots;
    struct choice items[LIMIT_CERTS];
    size_t n_items;
};

/* Frees the cards; safe on a zeroed struct. */
void choices_clear(struct choices *c);

/* Looks at every reader in `now`; a card that is still in is not read again. Fills items. Returns
 * the phase to show, and in *ret_error what the person should be told with it. `reader_error` is
 * what readers_take returned. */
enum ask_phase choices_update(struct choices *c, const struct request *r, enum err reader_error,
                              const struct reader_state *now, size_t n, enum err *ret_error);

/* Tries left and usability again from the cards' keys, without talking to a card. */
void choices_refresh(struct choices *c, const struct request *r);

/* What the issuer of the item's certificate says of it; holds until the card is taken out. */
void choices_tell(struct choices *c, const struct request *r, size_t item, enum ask_status status);
/* The phase to show after choices_tell, of which there is an item, and why nothing can be chosen.
 */
enum ask_phase choices_phase(const struct choices *c, enum err *ret_error);

/* Fills phase, certs and selected of *s with spans that point into *c. */
void choices_describe(const struct choices *c, struct ask_state *s);

/* The PIN is typed on the reader's PIN pad. */
bool choices_on_reader(const struct choice *item);
struct card_key *choices_key(const struct choice *item);

#endif
