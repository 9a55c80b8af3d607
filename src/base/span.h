/* A borrowed run of bytes: no ownership; dies with the storage it points into. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const uint8_t *at; /* NULL only when len is 0 */
    size_t len;
};

static inline struct span span_of(const void *at, size_t len)
{
    return (struct span){at, len};
}

static inline struct span span_str(const char *text)
{
    return span_of(text, strlen(text));
}

static inline bool span_eq(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool span_is(struct span a, const char *text)
{
    return span_eq(a, span_str(text));
}

/* The bytes from `from` on, at most `len` of them; empty when `from` lies past the end. */
static inline struct span span_sub(struct span s, size_t from, size_t len)
{
    if (from >= s.len) {
        return span_of(NULL, 0);
    }
    return span_of(s.at + from, len < s.len - from ? len : s.len - from);
}

#endif
