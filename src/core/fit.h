/* Can a certificate be used for a request, and if not, why? */
#ifndef CORE_FIT_H
#define CORE_FIT_H

#include "card/card.h"
#include "crypto/cert.h"
#include "wire/ask.h"

/* Which keys of a card the request is about. */
enum cert_use fit_use(const struct request *r);
/* Every member of the filter that is there fits. */
bool fit_filter(const struct cert_filter *f, const struct cert_info *info);
/* `key` is the card's, as it last told; `info` is of its certificate. What the page asks for comes
 * first, then time, then the PIN, which does not matter where none is asked. */
enum ask_usable fit_now(const struct request *r, const struct cert_info *info,
                        const struct card_key *key);

#endif
