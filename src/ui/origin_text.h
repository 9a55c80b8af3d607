/* An origin for the eye: the host as ASCII, and for an internationalised name (RFC 5890) its own
 * letters with what a person should know about them. */
#ifndef UI_ORIGIN_TEXT_H
#define UI_ORIGIN_TEXT_H

#include "base/limits.h"
#include "base/span.h"

/* Worst last: the note of a name is that of its worst label. */
enum origin_note {
    ORIGIN_PLAIN,
    ORIGIN_UNUSUAL, /* Latin letters or marks that Finnish, Swedish, Sami and English don't have */
    ORIGIN_FOREIGN, /* one other script */
    ORIGIN_LOOKALIKE,  /* one other script, but every letter looks like a Latin one */
    ORIGIN_MIXED,      /* scripts that are not written together (Unicode UTS 39 §5.1) */
    ORIGIN_UNREADABLE, /* an "xn--" label that can't be decoded, or not back to the same */
};

struct origin_text {
    char host[LIMIT_ORIGIN + 1]; /* ASCII, without scheme and port */
    char *decoded;               /* NULL when the name has no "xn--" label or can't be read */
    enum origin_note note;
    bool is_local; /* the page comes from this computer */
};

/* `origin`: ASCII, at most LIMIT_ORIGIN. Free with origin_text_clear. */
void origin_text_make(struct span origin, struct origin_text *ret);
void origin_text_clear(struct origin_text *t);

#endif
