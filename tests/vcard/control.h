/* Line commands with which a test steers the card (README.md lists them). */
#ifndef VCARD_CONTROL_H
#define VCARD_CONTROL_H

#include "session.h"

#define CONTROL_LINE  128u
#define CONTROL_REPLY 1024u

/* Runs one line (changed while it is taken apart) and appends one line, "ok …" or "error …", with
 * its line end. The caller acts on s->inserted and s->quit. */
enum err control_run(struct session *s, char *line, struct buf *reply) MUST_CHECK;

#endif
