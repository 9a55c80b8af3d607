/* The page of the SCS listener for people: does a browser reach the card through it? */
#ifndef CORE_SCS_PAGE_H
#define CORE_SCS_PAGE_H

#include "base/buf.h"
#include "wire/msg.h"

#define SCS_PAGE_MAX 16384u
#define SCS_PAGE_POLICY                                                                            \
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "                \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/* The language that the query of the path asks for ("?lang=sv"), else the first of ours that
 * Accept-Language names, else English. */
enum lang scs_page_lang(struct span path, struct span accept_language);
/* Appends the HTML text. ERR_NOMEM, ERR_TOO_LARGE. */
enum err scs_page_html(enum lang lang, struct buf *out) MUST_CHECK;
/* Static storage. */
struct span scs_page_script(void);
struct span scs_page_style(void);

#endif
