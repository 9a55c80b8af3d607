/* Is this exactly one JSON text (RFC 8259)? The tokenizer under json_read.c is not asked: it
 * accepts much that is not JSON. Works byte by byte, without recursion and without memory of its
 * own. */
#ifndef WIRE_JSON_GRAMMAR_H
#define WIRE_JSON_GRAMMAR_H

#include "base/err.h"
#include "base/span.h"

/* ERR_MALFORMED unless `text` is one JSON value of valid UTF-8 with white space around it at most,
 * nested no deeper than LIMIT_JSON_DEPTH (a text that is deeper is no message of ours). Stricter
 * than the RFC in what it leaves open: no byte-order mark (§8.1), no lone surrogates (§8.2), no
 * U+0000 in a string. Duplicate keys are json_read.c's. */
enum err json_grammar_check(struct span text) MUST_CHECK;

/* `inner` is what stands between the quotes of a string that has passed the check; writes what it
 * means to `to`, which has room for inner.len bytes, and returns how many were written. */
size_t json_grammar_unescape(struct span inner, uint8_t *to);

#endif
