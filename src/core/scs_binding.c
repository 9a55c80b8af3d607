#include "core/scs_binding.h"

#include "base/utf8.h"

static bool is_separator(uint8_t c, enum binding rule)
{
    return c == ';' || (rule == BINDING_OLD && (c == '\n' || c == ' '));
}

static size_t count_characters(struct span text)
{
    size_t n = 0;
    while (text.len > 0) {
        (void)utf8_next(&text);
        n++;
    }
    return n;
}

enum err scs_binding_check(struct span origin, struct span challenge, enum binding rule)
{
    if (rule == BINDING_NONE) {
        return ERR_OK;
    }
    struct span nonce = span_sub(challenge, origin.len + 1, challenge.len);
    bool ok = origin.len > 0 && nonce.len > 0 && utf8_valid(challenge) &&
              span_eq(span_sub(challenge, 0, origin.len), origin) &&
              is_separator(challenge.at[origin.len], rule) &&
              count_characters(nonce) >= LIMIT_SCS_NONCE;
    return ok ? ERR_OK : ERR_NOT_BOUND;
}
