/* The native door: korttisilta-host connects here, one connection for each browser port. Its first
 * frame says who started it (wire/caller.h); the others, in and out, are the browser's, verbatim.
 */
#ifndef SERVE_LOCAL_H
#define SERVE_LOCAL_H

#include "serve/client.h"
#include "serve/loop.h"

struct local;

/* Serves the listening unix socket; the loop closes take_listener, also when this fails. */
enum err local_open(struct loop *l, struct clients *clients, int take_listener,
                    struct local **ret) MUST_CHECK;
/* Closes every connection; clears the pointer; NULL is fine. */
void local_close(struct local **d);

#endif
