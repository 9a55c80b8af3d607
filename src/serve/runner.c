#include "serve/runner.h"

#include "base/log.h"
#include "os/ipc.h"
#include "os/spawn.h"
#include "serve/outbox.h"
#include "wire/frame.h"

#include <stdlib.h>

#define SIGNER "korttisilta-signer"
#define CHUNK  16384

enum phase {
    ASKED,   /* it has the request */
    STOPPED, /* told to end before it had answered */
    ENDING,  /* its part is done; it may still explain something to the person */
};

/* One signer process. */
struct run {
    struct runner *runner;
    enum phase phase;
    enum method method;
    struct child child;  /* child.fd belongs to the watch: -1 here */
    struct watch *watch; /* NULL: hung up */
    int fd;              /* lent by the watch */
    struct outbox out;
    struct frame_reader in;
    struct timer *deadline;
};

struct runner {
    struct loop *loop;
    const struct runner_calls *calls;
    void *user;
    struct run *now;    /* the operation; NULL: none */
    struct run *before; /* the signer of the one before, while it lives; NULL: none */
};

/* ---- one process ---- */

/* The signer sees the end of its input, and ends when that is safe. */
static void hang_up(struct run *run)
{
    watch_close(&run->watch);
    run->fd = -1;
    outbox_clear(&run->out);
    frame_reader_clear(&run->in);
}

static void run_free(struct run **run)
{
    if (*run == NULL) {
        return;
    }
    hang_up(*run);
    spawn_release(&(*run)->child);
    timer_close(&(*run)->deadline);
    free(*run);
    *run = NULL;
}

static bool process_ended(struct run *run)
{
    int status = 0;
    if (run->child.pid != 0 && !spawn_has_ended(&run->child, &status)) {
        return false;
    }
    if (status != 0) {
        log_line(LOG_WARN, "the signer ended with status %d", status);
    }
    return true;
}

static void tell_error(struct runner *r, enum method method, enum err e)
{
    struct response resp;
    response_init(&resp, method);
    resp.err = e;
    r->calls->done(r->user, &resp);
    response_clear(&resp);
}

/* The operation is over, its process may live on. Whoever is still there from before must go. */
static void step_aside(struct runner *r)
{
    run_free(&r->before);
    r->before = r->now;
    r->now = NULL;
    r->before->phase = ENDING;
    timer_set(r->before->deadline, LIMIT_LINGER_MS + LIMIT_SIGNER_MS);
    if (process_ended(r->before)) {
        run_free(&r->before);
    }
}

/* Past every time that it had: it hangs, and no card waits that long. */
static void on_deadline(void *user)
{
    struct run *run = user;
    struct runner *r = run->runner;
    enum method method = run->method;
    enum phase phase = run->phase;
    struct run **place = run == r->now ? &r->now : &r->before;
    log_line(LOG_ERROR, "the signer hangs and is ended");
    hang_up(run);
    spawn_end(&run->child);
    run_free(place);
    if (phase == ASKED) {
        tell_error(r, method, ERR_INTERNAL);
    } else if (phase == STOPPED) {
        r->calls->done(r->user, NULL);
    }
}

/* ---- what it says ---- */

/* A signer that can't be written to is gone, which on_signer_readable hears. */
static void flush(struct run *run)
{
    bool more = false;
    if (outbox_flush(&run->out, run->fd, &more) == ERR_OK && more) {
        watch_want_write(run->watch);
    }
}

/* Until one frame is complete or nothing more has come. ERR_CLOSED: the signer is gone. */
static enum err receive(struct run *run)
{
    uint8_t chunk[CHUNK];
    size_t len = 1;
    struct span body;
    enum err e = ERR_OK;
    while (e == ERR_OK && len > 0 && !frame_reader_has(&run->in, &body)) {
        e = ipc_read(run->fd, chunk, sizeof chunk, &len);
        if (e == ERR_OK) {
            e = frame_reader_feed(&run->in, span_of(chunk, len));
        }
    }
    return e;
}

static enum err take_response(struct span body, enum method method, struct response *ret)
{
    enum err e = msg_unpack_response(body, ret);
    return e == ERR_OK && ret->method != method ? ERR_MALFORMED : e;
}

/* Passes on how far it is. True: a frame of another kind has come, the answer. */
static bool has_answer(struct run *run, struct span *ret_body)
{
    struct progress p;
    while (frame_reader_has(&run->in, ret_body)) {
        if (!msg_unpack_progress(*ret_body, &p) || frame_reader_next(&run->in) != ERR_OK) {
            return true;
        }
        run->runner->calls->progress(run->runner->user, &p);
    }
    return false;
}

static void on_asked(struct run *run)
{
    struct runner *r = run->runner;
    enum method method = run->method;
    struct response resp;
    struct span body;
    enum err e = receive(run);
    if (!has_answer(run, &body) && e == ERR_OK) {
        return;
    }
    response_init(&resp, method);
    e = e == ERR_OK ? take_response(body, method, &resp) : e;
    if (e != ERR_OK) {
        log_line(LOG_ERROR, "the signer gave no answer: %s", err_name(e));
        hang_up(run);
    }
    step_aside(r);
    if (e == ERR_OK) {
        r->calls->done(r->user, &resp);
    } else {
        tell_error(r, method, ERR_INTERNAL);
    }
    response_clear(&resp);
}

/* Nothing more is expected: this waits for the end only. */
static void on_ending(struct run *run)
{
    frame_reader_clear(&run->in);
    if (receive(run) != ERR_OK) {
        hang_up(run);
    }
}

static void on_signer_readable(void *user)
{
    struct run *run = user;
    if (run->phase == ASKED) {
        on_asked(run);
    } else {
        on_ending(run);
    }
}

static void on_signer_writable(void *user)
{
    flush(user);
}

static const struct watch_calls signer_calls = {on_signer_readable, on_signer_writable};

/* ---- the runner ---- */

enum err runner_open(struct loop *l, const struct runner_calls *calls, void *user,
                     struct runner **ret)
{
    struct runner *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return ERR_NOMEM;
    }
    *r = (struct runner){l, calls, user, NULL, NULL};
    *ret = r;
    return ERR_OK;
}

void runner_close(struct runner **r)
{
    if (*r == NULL) {
        return;
    }
    run_free(&(*r)->now);
    run_free(&(*r)->before);
    free(*r);
    *r = NULL;
}

static enum err pack(const struct request *request, struct outbox *out)
{
    struct buf record;
    buf_init(&record, LIMIT_IPC);
    enum err e = msg_pack_request(request, &record);
    if (e == ERR_OK) {
        e = outbox_add(out, buf_span(&record));
    }
    buf_clear(&record);
    return e;
}

static enum err run_spawn(struct run *run)
{
    static const char *const no_arguments[] = {NULL};
    enum err e = spawn_sibling(SIGNER, no_arguments, &run->child);
    if (e != ERR_OK) {
        return e;
    }
    run->fd = run->child.fd;
    run->child.fd = -1;
    return loop_watch(run->runner->loop, run->fd, &signer_calls, run, &run->watch);
}

enum err runner_start(struct runner *r, const struct request *request)
{
    struct run *run = calloc(1, sizeof *run);
    if (run == NULL) {
        return ERR_NOMEM;
    }
    *run = (struct run){.runner = r, .method = request->method, .child = {0, -1}, .fd = -1};
    outbox_init(&run->out, LIMIT_IPC + FRAME_HEADER);
    frame_reader_init(&run->in, LIMIT_IPC);
    run_free(&r->before);
    enum err e = pack(request, &run->out);
    if (e == ERR_OK) {
        e = loop_timer(r->loop, on_deadline, run, &run->deadline);
    }
    if (e == ERR_OK) {
        e = run_spawn(run);
    }
    if (e != ERR_OK) {
        run_free(&run);
        return e;
    }
    r->now = run;
    timer_set(run->deadline, (uint64_t)request->timeout_ms + LIMIT_SIGNER_MS);
    flush(run);
    return ERR_OK;
}

bool runner_stop(struct runner *r)
{
    if (r->now == NULL) {
        return true;
    }
    r->now->phase = STOPPED;
    hang_up(r->now);
    if (process_ended(r->now)) {
        run_free(&r->now);
        return true;
    }
    timer_set(r->now->deadline, LIMIT_SIGNER_MS);
    return false;
}

void runner_reap(struct runner *r)
{
    spawn_reap();
    if (r->before != NULL && process_ended(r->before)) {
        run_free(&r->before);
    }
    /* One that was asked is heard of by its last words or their absence. */
    if (r->now != NULL && r->now->phase == STOPPED && process_ended(r->now)) {
        run_free(&r->now);
        r->calls->done(r->user, NULL);
    }
}

bool runner_is_busy(const struct runner *r)
{
    return r->now != NULL || r->before != NULL;
}
