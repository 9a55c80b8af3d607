/* Strict base64 (RFC 4648 §4, padded, canonical) and hex. Nothing is skipped or guessed. */
#ifndef BASE_ENC_H
#define BASE_ENC_H

#include "base/buf.h"

/* Appends. ERR_ARGUMENT when the text is not canonical padded base64. */
enum err enc_base64_decode(struct span text, struct buf *out) MUST_CHECK;
enum err enc_base64_encode(struct span bytes, struct buf *out) MUST_CHECK;
/* Lower-case, no separators. */
enum err enc_hex_encode(struct span bytes, struct buf *out) MUST_CHECK;
/* Either case, no separators; ERR_ARGUMENT else. */
enum err enc_hex_decode(struct span text, struct buf *out) MUST_CHECK;

#endif
