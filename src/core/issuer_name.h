/* Compares names of issuers as people and services write them. */
#ifndef CORE_ISSUER_NAME_H
#define CORE_ISSUER_NAME_H

#include "base/span.h"

#include <stdbool.h>

/* True when both have the same parts (RFC 4514: separated by commas, a backslash before one that
 * belongs to the part), whatever their order, the case of ASCII letters and the spaces around parts
 * and their "=". Never true for an empty name. */
bool issuer_name_same(struct span a, struct span b);

#endif
