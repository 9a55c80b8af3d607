#include "core/issuer_name.h"

static struct span trim(struct span s)
{
    while (s.len > 0 && s.at[0] == ' ') {
        s = span_sub(s, 1, s.len);
    }
    while (s.len > 0 && s.at[s.len - 1] == ' ') {
        s.len--;
    }
    return s;
}

/* Up to `end`, which is not preceded by a backslash; *rest is what follows it. */
static struct span cut(struct span s, uint8_t end, struct span *rest)
{
    size_t i = 0;
    while (i < s.len && s.at[i] != end) {
        i += s.at[i] == '\\' ? 2 : 1;
    }
    *rest = span_sub(s, i + 1, s.len);
    return trim(span_sub(s, 0, i));
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool same_text(struct span a, struct span b)
{
    size_t i = 0;
    while (i < a.len && i < b.len && lower(a.at[i]) == lower(b.at[i])) {
        i++;
    }
    return i == a.len && i == b.len;
}

static bool same_part(struct span a, struct span b)
{
    struct span a_value, b_value;
    struct span a_type = cut(a, '=', &a_value);
    struct span b_type = cut(b, '=', &b_value);
    return same_text(a_type, b_type) && same_text(trim(a_value), trim(b_value));
}

static size_t count(struct span name, struct span part)
{
    size_t n = 0;
    while (name.len > 0) {
        n += same_part(cut(name, ',', &name), part);
    }
    return n;
}

static size_t parts(struct span name)
{
    size_t n = 0;
    for (; name.len > 0; n++) {
        (void)cut(name, ',', &name);
    }
    return n;
}

bool issuer_name_same(struct span a, struct span b)
{
    if (a.len == 0 || parts(a) != parts(b)) {
        return false;
    }
    for (struct span rest = a; rest.len > 0;) {
        struct span part = cut(rest, ',', &rest);
        if (count(a, part) != count(b, part)) {
            return false;
        }
    }
    return true;
}
