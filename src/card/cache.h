/* Certificates of cards seen before, so that a known card is not read again: one file of the user
 * in the runtime folder, mode 0600, replaced as a whole. A certificate is found
 *  - without touching the card, when the card was not taken out since: same reader, same PC/SC
 *    insertion count, same unbroken PC/SC connection of the agent (epoch), same ATR;
 *  - by its head, the first FILE_HEAD bytes, which the card has just given.
 * What the file says is trusted as far as "a certificate" and no further: it is shown, and every
 * signature is verified against it before it leaves. Nothing here is an error to a caller: a cache
 * that can't be read is empty, one that can't be written stays as it was. */
#ifndef CARD_CACHE_H
#define CARD_CACHE_H

#include "base/limits.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

struct cache;

/* One certificate place on one inserted card. */
struct cache_key {
    const char *reader;
    struct span atr;
    size_t row;               /* index into profile->keys, or LIMIT_CERTS and the number of a CA */
    uint32_t insertion_count; /* card_io */
    uint64_t epoch;           /* 0: unknown, never matches */
};

/* Never NULL while there is memory; free with cache_free. */
struct cache *cache_load(void);
void cache_free(struct cache **c);

/* Spans are borrowed until the next cache_put or cache_free. A NULL cache holds nothing. */
bool cache_find_inserted(const struct cache *c, const struct cache_key *key, struct span *ret_der);
/* `head` has FILE_HEAD bytes or is the whole certificate, `len` is the certificate's length. */
bool cache_find_head(const struct cache *c, const struct cache_key *key, struct span head,
                     size_t len, struct span *ret_der);
/* Remembers the certificate for this card, first in the row; the oldest of too many goes. `der` may
 * be a span that cache_find_ gave. */
void cache_put(struct cache *c, const struct cache_key *key, struct span der);
/* Writes the file when something has changed. */
void cache_save(struct cache *c);

#endif
