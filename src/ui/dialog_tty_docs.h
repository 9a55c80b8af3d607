/* The frozen list of documents on a terminal: a page at a time when it is long, and what of it has
 * a word in its name. */
#ifndef UI_DIALOG_TTY_DOCS_H
#define UI_DIALOG_TTY_DOCS_H

#include "os/tty.h"
#include "wire/ask.h"

/* Zeroed but for the first two, which must outlive it. */
struct doc_pages {
    const struct tty *tty;
    const struct ask_question *question;
    size_t next;                   /* the first one that the next page looks at */
    char wanted[LIMIT_SEARCH + 1]; /* UTF-8; "": all */
    size_t wanted_len;
    bool is_typing; /* the line holds what is looked for */
};

enum doc_key { DOC_KEY_OTHER, DOC_KEY_TAKEN, DOC_KEY_SHOWN };

/* All of a short list, the next page of a long one; after the last page the first. */
void doc_pages_show(struct doc_pages *p);
/* Space and "/" of a long list, and what follows "/" up to Enter or Escape.
 * DOC_KEY_SHOWN: something was listed, the line that was begun before is gone. */
enum doc_key doc_pages_take_key(struct doc_pages *p, enum tty_key key, uint8_t c);

#endif
