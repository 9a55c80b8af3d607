/* UTF-8 (RFC 3629): validate it, and make foreign text safe to show to a person. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"

/* No overlong forms, no surrogates, nothing above U+10FFFF. */
bool utf8_valid(struct span text);

/* The next code point of valid UTF-8; moves *text behind it. Call only while text->len > 0. */
uint32_t utf8_next(struct span *text);

/* Appends `text` (valid UTF-8) without what could make a person read something else than what
 * stands there: control characters become a space (runs of them one), bidirectional controls,
 * zero-width characters, byte-order marks, tags and private-use code points are dropped. */
enum err utf8_append_safe(struct buf *out, struct span text) MUST_CHECK;

#endif
