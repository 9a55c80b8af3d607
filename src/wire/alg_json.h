/* signatureAlgorithms of "sign": which ones the page accepts (docs/protocol.md). */
#ifndef WIRE_ALG_JSON_H
#define WIRE_ALG_JSON_H

#include "wire/json_read.h"

/* `array` holds 1 to ALG_BITS objects, none twice. *ret: their bits (base/alg.h). `store` holds the
 * texts. ERR_ARGUMENT, ERR_UNSUPPORTED (texts that are no algorithm of ours), ERR_NOMEM. */
enum err alg_json_decode(const struct json *j, size_t array, struct buf *store,
                         uint16_t *ret) MUST_CHECK;

#endif
