/* What this person's cards were used for: lines of fields in the state folder, each with the hash
 * of the line before it, so that a line that was changed, put in or left out later shows. Lines cut
 * off at the end don't: keep the hash of the last line elsewhere (journal_read tells it). Content
 * and PINs never stand in it. docs/journal.md */
#ifndef CORE_JOURNAL_H
#define CORE_JOURNAL_H

#include "wire/msg.h"

/* Notes how a request with a PIN ended whose certificate the person had chosen: nothing for others.
 * A journal that can't be written does not stop the operation; the log says so. */
void journal_note(const struct request *r, const struct response *resp, enum err result);

/* A line; the spans live until the call returns, and are safe to show (utf8_append_safe). */
struct journal_entry {
    struct span line; /* as it stands in the file */
    bool is_entry;    /* false: the line is not one of ours, nothing below is set */
    bool follows;     /* it names the hash of the line before; the first one of all names none */
    struct span time; /* RFC 3339, UTC */
    struct span operation; /* name of the method: "sign" */
    struct span origin;
    struct span result; /* "OK", or the error's name */
    struct span holder;
    struct span issuer;
    size_t n_documents;
    size_t n_made;                     /* signatures that were given out */
    struct span documents[LIMIT_DOCS]; /* names */
};

struct journal_totals {
    size_t lines;
    size_t breaks;     /* lines that do not follow the one before, or are no entries */
    bool begins_late;  /* the first line names one before it, which is no longer there */
    char last[64 + 1]; /* SHA-256 of the last line, in hex; "" when there is none */
};

typedef void (*journal_each)(void *user, const struct journal_entry *entry);
/* Oldest first; `each` may be NULL. ERR_OK also when there is no journal; ERR_NOMEM, ERR_CLOSED
 * when it can't be read. */
enum err journal_read(journal_each each, void *user, struct journal_totals *ret) MUST_CHECK;
/* Deletes it. */
void journal_erase(void);

#endif
