/* Card presence for the agent: a watcher of the readers that is opened only when somebody needs it,
 * and what has changed since the last look. Holds no card connection. */
#ifndef CORE_PRESENCE_H
#define CORE_PRESENCE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader_state; /* card/readers.h */
struct presence;

/* Allocates; watches nothing yet. */
enum err presence_open(struct presence **ret) MUST_CHECK;
void presence_close(struct presence **p);
/* Begins to watch; nothing when it does already. */
enum err presence_start(struct presence *p) MUST_CHECK;
/* Readable when something has changed; -1 before presence_start. */
int presence_fd(const struct presence *p);
/* 0 before presence_start; see struct request. */
uint64_t presence_epoch(struct presence *p);

/* A card was in at the last look that presence_take took; false before the first. */
bool presence_has_card(const struct presence *p);

typedef void (*presence_event)(void *user, bool inserted);
/* One call of `event` for each card that has gone or come since the last call; none for the first.
 */
void presence_take(struct presence *p, presence_event event, void *user);

/* The comparison itself: removals first. A card that was changed between two looks is one of each.
 */
void presence_compare(const struct reader_state *before, size_t n_before,
                      const struct reader_state *now, size_t n_now, presence_event event,
                      void *user);

#endif
