/* BER-TLV (ISO 7816-4 §5.2.2, X.690 §8.1) as far as cards and certificates need it: one level at a
 * time, definite lengths, tags of at most three bytes. Spans are borrowed from the input. */
#ifndef CARD_TLV_H
#define CARD_TLV_H

#include "base/err.h"
#include "base/span.h"

struct tlv {
    uint32_t tag; /* its bytes as one big-endian number: 0x30, 0xDF21 */
    struct span value;
};

/* Takes the first object off *rest. ERR_CARD_IO when *rest does not begin with a whole one, which
 * is also so when it is empty; *rest is then unchanged. */
enum err tlv_next(struct span *rest, struct tlv *ret) MUST_CHECK;
/* The value of the first object with this tag at this level. ERR_CARD_IO when there is none before
 * the end or the first malformed one. */
enum err tlv_find(struct span in, uint32_t tag, struct span *ret_value) MUST_CHECK;
/* Bytes of the whole object whose first bytes are `head`: tag, length and value, of which the value
 * need not be there. ERR_CARD_IO when the head is cut or malformed. */
enum err tlv_total(struct span head, size_t *ret_len) MUST_CHECK;

#endif
