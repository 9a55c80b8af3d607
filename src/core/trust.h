/* Makes the certificates of the listener, and puts their issuer where the browsers of this user
 * look, when the person asks for it. */
#ifndef CORE_TRUST_H
#define CORE_TRUST_H

#include "base/buf.h"
#include "core/browsers.h"

#include <stdint.h>

/* Makes the certificates anew when there are none, or one of them is not as it was made, or the
 * issuer ends within `days`. ERR_CLOSED when they can't be kept. */
enum err trust_make(int64_t now, int days) MUST_CHECK;
/* Appends the issuer's certificate, PEM. ERR_CLOSED when there is none. */
enum err trust_issuer(struct buf *out) MUST_CHECK;

enum trust { TRUST_YES, TRUST_OLD /* one that is not used any more */, TRUST_NO, TRUST_UNKNOWN };

/* certutil of Debian's libnss3-tools does the work. */
bool trust_has_tool(void);
/* TRUST_UNKNOWN when the store can't be read. */
enum trust trust_look(const struct browsers_store *store, struct span issuer);
/* Whatever was there under our name gives way. ERR_CLOSED when the store does not take it, a
 * primary password among the reasons. */
enum err trust_add(const struct browsers_store *store) MUST_CHECK;
enum err trust_remove(const struct browsers_store *store) MUST_CHECK;

#endif
