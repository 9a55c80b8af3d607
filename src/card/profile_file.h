/* Rows that an administrator adds, without a rebuild: docs/adding-a-card.md describes the text. */
#ifndef CARD_PROFILE_FILE_H
#define CARD_PROFILE_FILE_H

#include "card/profile.h"

#define PROFILE_FILE_FOLDER "/etc/korttisilta/cards.d"
#define PROFILE_FILE_SUFFIX ".card"

/* Makes a row of the text. ERR_ARGUMENT when a line is not understood or the row is not sound;
 * *ret_line is then the line, counted from 1, or 0 for the row as a whole. */
enum err profile_file_parse(struct span text, struct profile_store *ret,
                            unsigned *ret_line) MUST_CHECK;

#endif
