/* What people read of the journal, in their language. */
#ifndef CORE_JOURNAL_WORDS_H
#define CORE_JOURNAL_WORDS_H

#include "core/journal.h"

#define JOURNAL_TEXT 512u

/* "Signature"; for the name of a method as it stands in an entry. */
const char *journal_operation(struct span name);
/* "https://…: OK", or with the name of the error. */
void journal_outcome(const struct journal_entry *e, char ret[JOURNAL_TEXT]);
/* Is it whole? One sentence a line. */
void journal_verdict(const struct journal_totals *t, char ret[JOURNAL_TEXT]);

#endif
