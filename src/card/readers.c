#include "card/readers.h"

#include "base/log.h"
#include "card/scard.h"
#include "os/clock.h"
#include "os/wait.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define PNP             "\\\\?PnP?\\Notification"
#define NAMES_CAP       (LIMIT_READERS * LIMIT_READER_NAME + 1)
#define CANCEL_AGAIN_MS 10
#define FRUITLESS_MAX                                                                              \
    16u /* changes in a row that change nothing for us: other programs at work                     \
         */
#define LIST_ROUNDS 4

struct snapshot {
    enum err state; /* ERR_OK, ERR_PCSC_DOWN, ERR_NO_READER */
    size_t n;
    struct reader_state
        readers[LIMIT_READERS]; /* zeroed behind each text and ATR: compared whole */
    uint64_t epoch;
};

/* What SCardGetStatusChange is given and gives back; thread only. */
struct watch {
    SCARDCONTEXT context;
    bool has_context;
    SCARD_READERSTATE states[LIMIT_READERS + 1]; /* the last is PnP */
    size_t n;                                    /* readers without PnP */
    char names[NAMES_CAP];
};

struct readers {
    pthread_t thread;
    int changed; /* eventfd: readable when `now` is newer than the last readers_take */
    int stop;    /* eventfd: ends the wait for pcscd's return */
    pthread_mutex_t lock;
    pthread_cond_t ended;
    /* under lock */
    struct snapshot now;
    SCARDCONTEXT cancel; /* the context that waits */
    bool may_cancel;
    bool stopping;
    bool has_ended;
    /* thread only */
    struct watch watch;
    uint64_t epochs;
};

static void drop_context(struct watch *w)
{
    if (w->has_context) {
        SCardReleaseContext(w->context);
    }
    w->has_context = false;
    w->n = 0;
}

/* Fills names and states; everything UNAWARE, so that the next look answers at once. */
static LONG list_readers(struct watch *w)
{
    DWORD len = sizeof w->names;
    memset(w->names, 0, sizeof w->names);
    memset(w->states, 0, sizeof w->states);
    w->n = 0;
    LONG rv = SCardListReaders(w->context, NULL, w->names, &len);
    if (rv == SCARD_E_NO_READERS_AVAILABLE) {
        rv = SCARD_S_SUCCESS;
        len = 0;
    }
    const char *at = w->names;
    while (rv == SCARD_S_SUCCESS && w->n < LIMIT_READERS && at < w->names + len && *at != '\0') {
        w->states[w->n++].szReader = at;
        at += strnlen(at, (size_t)(w->names + sizeof w->names - at)) + 1;
    }
    w->states[w->n].szReader = PNP;
    return rv;
}

static void describe(const SCARD_READERSTATE *from, struct reader_state *to)
{
    size_t len = strnlen(from->szReader, sizeof to->name - 1);
    memset(to, 0, sizeof *to);
    memcpy(to->name, from->szReader, len);
    to->has_card = (from->dwEventState & SCARD_STATE_PRESENT) != 0;
    to->mute = (from->dwEventState & SCARD_STATE_MUTE) != 0;
    to->exclusive = (from->dwEventState & SCARD_STATE_EXCLUSIVE) != 0;
    to->insertion_count = scard_counter(from->dwEventState);
    if (to->has_card && from->cbAtr <= sizeof to->atr) {
        to->atr_len = from->cbAtr;
        memcpy(to->atr, from->rgbAtr, to->atr_len);
    }
}

static void describe_all(const struct watch *w, struct snapshot *s)
{
    memset(s, 0, sizeof *s);
    s->state = w->n > 0 ? ERR_OK : ERR_NO_READER;
    s->n = w->n;
    for (size_t i = 0; i < w->n; i++) {
        describe(&w->states[i], &s->readers[i]);
    }
}

/* Lists the readers and looks at each, without waiting. A reader that goes away between the two
 * makes the look fail: then from the start again. */
static LONG look_once(struct watch *w)
{
    LONG rv = SCARD_E_UNKNOWN_READER;
    for (int round = 0; rv == SCARD_E_UNKNOWN_READER && round < LIST_ROUNDS; round++) {
        rv = list_readers(w);
        if (rv == SCARD_S_SUCCESS && w->n > 0) {
            rv = SCardGetStatusChange(w->context, 0, w->states, w->n);
        }
    }
    return rv;
}

static LONG establish(struct watch *w)
{
    LONG rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &w->context);
    w->has_context = rv == SCARD_S_SUCCESS;
    return rv;
}

static bool same_reader(const struct reader_state *a, const struct reader_state *b)
{
    return strcmp(a->name, b->name) == 0 && a->has_card == b->has_card && a->mute == b->mute &&
           a->exclusive == b->exclusive && a->insertion_count == b->insertion_count &&
           a->atr_len == b->atr_len && memcmp(a->atr, b->atr, a->atr_len) == 0;
}

static bool same(const struct snapshot *a, const struct snapshot *b)
{
    bool equal = a->state == b->state && a->epoch == b->epoch && a->n == b->n;
    for (size_t i = 0; equal && i < a->n; i++) {
        equal = same_reader(&a->readers[i], &b->readers[i]);
    }
    return equal;
}

/* Stores what is now; tells by the descriptor when it differs from before, and returns that. */
static bool publish(struct readers *r, const struct snapshot *fresh)
{
    const uint64_t one = 1;
    pthread_mutex_lock(&r->lock);
    bool differs = !same(&r->now, fresh);
    r->now = *fresh;
    pthread_mutex_unlock(&r->lock);
    if (differs && write(r->changed, &one, sizeof one) != (ssize_t)sizeof one) {
        log_line(LOG_ERROR, "readers: %s", strerror(errno));
    }
    return differs;
}

/* Differs from every epoch of this user before: by the second, else by the clock since start, else
 * by the count in this process. Never 0. */
static uint64_t new_epoch(struct readers *r)
{
    r->epochs++;
    return (uint64_t)clock_calendar_s() << 28 | (clock_monotonic_ms() & 0xFFFFF) << 8 |
           (r->epochs & 0xFF);
}

/* One look, with a new connection when there is none (w->has_context tells whether pcscd is there).
 * Returns whether anything is new. */
static bool refresh(struct readers *r)
{
    struct snapshot fresh = {.state = ERR_PCSC_DOWN};
    struct watch *w = &r->watch;
    uint64_t epoch = r->now.epoch; /* written by this thread only */
    LONG rv = SCARD_S_SUCCESS;
    if (!w->has_context) {
        rv = establish(w);
        epoch = new_epoch(r);
    }
    if (rv == SCARD_S_SUCCESS) {
        rv = look_once(w);
    }
    if (rv == SCARD_S_SUCCESS) {
        describe_all(w, &fresh);
        fresh.epoch = epoch;
    } else {
        drop_context(w);
    }
    return publish(r, &fresh);
}

/* The connection broke: what was known is void, and so is the epoch. */
static void lose_context(struct readers *r)
{
    struct snapshot down = {.state = ERR_PCSC_DOWN};
    drop_context(&r->watch);
    (void)publish(r, &down);
}

static bool set_waiting(struct readers *r, bool waiting)
{
    pthread_mutex_lock(&r->lock);
    r->cancel = r->watch.context;
    r->may_cancel = waiting;
    bool go_on = !r->stopping;
    pthread_mutex_unlock(&r->lock);
    return go_on;
}

/* Waits for any change of a reader or of their list. What is passed as the current state is what
 * was told last, so a change since then ends the wait at once. pcsc-lite compares the number of
 * readers with the one at the call: `settled` false limits the wait, so that a reader that came
 * between the list and the call is found. */
static LONG wait_change(struct readers *r, bool settled)
{
    struct watch *w = &r->watch;
    for (size_t i = 0; i <= w->n; i++) {
        w->states[i].dwCurrentState = w->states[i].dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    }
    if (!set_waiting(r, true)) {
        return SCARD_E_CANCELLED;
    }
    LONG rv =
        SCardGetStatusChange(w->context, settled ? INFINITE : LIMIT_SETTLE_MS, w->states, w->n + 1);
    return set_waiting(r, false) ? rv : SCARD_E_CANCELLED;
}

static bool is_harmless(LONG rv)
{
    return rv == SCARD_S_SUCCESS || rv == SCARD_E_TIMEOUT || rv == SCARD_E_UNKNOWN_READER;
}

/* Ends early when the watcher is closed. */
static void pause_a_while(struct readers *r, uint64_t ms)
{
    (void)wait_readable(&r->stop, 1, clock_monotonic_ms() + ms);
}

static bool is_stopping(struct readers *r)
{
    pthread_mutex_lock(&r->lock);
    bool stopping = r->stopping;
    pthread_mutex_unlock(&r->lock);
    return stopping;
}

static void watch_until_stopped(struct readers *r)
{
    bool settled = false;
    unsigned fruitless = 0;
    while (!is_stopping(r)) {
        if (!r->watch.has_context || fruitless > FRUITLESS_MAX) {
            /* Nothing tells when pcscd is back: it is looked for now and then. A driver that
             * reports changes without end is slowed down, and so is an operation of ours, whose
             * transactions look the same: a card that comes or goes meanwhile is told soon. */
            pause_a_while(r, r->watch.has_context ? LIMIT_FRUITLESS_MS : LIMIT_PCSC_RETRY_MS);
            settled = false;
            fruitless = refresh(r) ? 0 : FRUITLESS_MAX;
            continue;
        }
        LONG rv = wait_change(r, settled);
        if (is_harmless(rv)) {
            bool is_new = refresh(r);
            settled = rv == SCARD_E_TIMEOUT && !is_new;
            fruitless = is_new || settled ? 0 : fruitless + 1;
        } else if (!is_stopping(r)) {
            lose_context(r);
        }
    }
}

static void *run(void *user)
{
    struct readers *r = user;
    watch_until_stopped(r);
    drop_context(&r->watch);
    pthread_mutex_lock(&r->lock);
    r->has_ended = true;
    pthread_cond_signal(&r->ended);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* The program's signals are for its main thread. */
static int start_thread(struct readers *r)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&r->thread, NULL, run, r);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

static void destroy(struct readers *r)
{
    drop_context(&r->watch);
    if (r->changed >= 0) {
        close(r->changed);
    }
    if (r->stop >= 0) {
        close(r->stop);
    }
    pthread_cond_destroy(&r->ended);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

enum err readers_open(struct readers **ret)
{
    struct readers *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return ERR_NOMEM;
    }
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->ended, NULL);
    r->changed = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    r->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (r->changed < 0 || r->stop < 0) {
        destroy(r);
        return ERR_INTERNAL;
    }
    /* The first look is made here, so that readers_take has the truth from the start. */
    (void)refresh(r);
    if (start_thread(r) != 0) {
        destroy(r);
        return ERR_INTERNAL;
    }
    *ret = r;
    return ERR_OK;
}

/* A cancel that comes before the thread has begun to wait is lost in PC/SC; hence again until it is
 * heard. The lock keeps the context alive while it is cancelled. */
static void cancel_until_ended(struct readers *r)
{
    pthread_mutex_lock(&r->lock);
    while (!r->has_ended) {
        struct timespec until;
        if (r->may_cancel) {
            SCardCancel(r->cancel);
        }
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += CANCEL_AGAIN_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&r->ended, &r->lock, &until);
    }
    pthread_mutex_unlock(&r->lock);
}

void readers_close(struct readers **r)
{
    const uint64_t one = 1;
    if (*r == NULL) {
        return;
    }
    pthread_mutex_lock(&(*r)->lock);
    (*r)->stopping = true;
    pthread_mutex_unlock(&(*r)->lock);
    if (write((*r)->stop, &one, sizeof one) != (ssize_t)sizeof one) {
        log_line(LOG_ERROR, "readers: %s", strerror(errno));
    }
    cancel_until_ended(*r);
    pthread_join((*r)->thread, NULL);
    destroy(*r);
    *r = NULL;
}

int readers_fd(const struct readers *r)
{
    return r->changed;
}

static enum err copy_out(const struct snapshot *s, struct reader_state *ret, size_t cap,
                         size_t *ret_n)
{
    size_t n = s->n < cap ? s->n : cap;
    memcpy(ret, s->readers, n * sizeof *ret);
    *ret_n = n;
    return s->state;
}

enum err readers_take(struct readers *r, struct reader_state *ret, size_t cap, size_t *ret_n)
{
    uint64_t times;
    /* Cleared first: a change after the copy makes it readable again. */
    if (read(r->changed, &times, sizeof times) < 0 && errno != EAGAIN) {
        log_line(LOG_ERROR, "readers: %s", strerror(errno));
    }
    pthread_mutex_lock(&r->lock);
    enum err e = copy_out(&r->now, ret, cap, ret_n);
    pthread_mutex_unlock(&r->lock);
    return e;
}

enum err readers_list(struct reader_state *ret, size_t cap, size_t *ret_n)
{
    struct snapshot s = {.state = ERR_PCSC_DOWN};
    struct watch *w = calloc(1, sizeof *w);
    if (w == NULL) {
        return ERR_NOMEM;
    }
    LONG rv = establish(w);
    if (rv == SCARD_S_SUCCESS) {
        rv = look_once(w);
    }
    if (rv == SCARD_S_SUCCESS) {
        describe_all(w, &s);
    }
    drop_context(w);
    free(w);
    return copy_out(&s, ret, cap, ret_n);
}

uint64_t readers_epoch(struct readers *r)
{
    pthread_mutex_lock(&r->lock);
    uint64_t epoch = r->now.epoch;
    pthread_mutex_unlock(&r->lock);
    return epoch;
}
