/* The one loop of the agent: libwebsockets' poll, with descriptors and timers of our own in it.
 * Everything runs on the thread that calls loop_run. */
#ifndef SERVE_LOOP_H
#define SERVE_LOOP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct lws_context;

enum err loop_open(struct loop **ret) MUST_CHECK;
/* Closes every descriptor in it; clears the pointer. Nothing is called back. */
void loop_close(struct loop **l);
/* Until loop_stop. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
/* For the websocket door, which lives in libwebsockets itself. */
struct lws_context *loop_lws(struct loop *l);

/* ---- descriptors ---- */

struct watch;

struct watch_calls {
    /* Something can be read, or the other end is gone: read until there is nothing left. */
    void (*readable)(void *user);
    /* Asked for by watch_want_write; may be NULL when that is never called. */
    void (*writable)(void *user);
};

/* The loop closes take_fd, also when this fails. calls is borrowed. */
enum err loop_watch(struct loop *l, int take_fd, const struct watch_calls *calls, void *user,
                    struct watch **ret) MUST_CHECK;
/* One call of writable, as soon as something can be written. */
void watch_want_write(struct watch *w);
/* Nothing is called back any more; the descriptor is closed before the loop waits again. May be
 * called from inside a call back. Clears the pointer; NULL is fine. */
void watch_close(struct watch **w);

/* ---- timers ---- */

struct timer;

enum err loop_timer(struct loop *l, void (*expired)(void *user), void *user,
                    struct timer **ret) MUST_CHECK;
/* Runs once, this long from now; a time that was set before is forgotten. */
void timer_set(struct timer *t, uint64_t ms);
void timer_stop(struct timer *t);
/* Clears the pointer; NULL is fine. */
void timer_close(struct timer **t);

#endif
