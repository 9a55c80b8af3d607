/* certificateFilter out of a page's message; apart from filter.h, which the signer has too: that
 * holds no JSON reader. */
#ifndef WIRE_FILTER_JSON_H
#define WIRE_FILTER_JSON_H

#include "wire/filter.h"
#include "wire/json_read.h"

/* The object `node` into *ret, texts into `store`. ERR_ARGUMENT for an unknown or empty member, a
 * name that RFC 5280 does not have, a value twice, and whatever is out of bounds. */
enum err filter_decode(const struct json *j, size_t node, struct buf *store,
                       struct cert_filter *ret) MUST_CHECK;

#endif
