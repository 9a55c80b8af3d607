/* korttisilta-agent: one for each user. Opens the doors, decides who may ask, and starts a signer
 * for each operation. It holds no PIN, no card connection and no window. */
#include "base/limits.h"
#include "base/log.h"
#include "core/policy_file.h"
#include "core/presence.h"
#include "core/queue.h"
#include "os/clock.h"
#include "os/ipc.h"
#include "os/signals.h"
#include "os/spawn.h"
#include "serve/client.h"
#include "serve/gate.h"
#include "serve/local.h"
#include "serve/loop.h"
#include "serve/ports.h"
#include "serve/runner.h"
#include "serve/scs_door.h"
#include "serve/ws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_INHERITED 3
#define MAX_IDLE_EXIT_S 86400ul

struct options {
    bool help;
    bool version;
    bool check_policy;
    bool uses_pin_pads;
    bool no_websocket;
    int ready_fd;         /* -1: none */
    unsigned idle_exit_s; /* 0: never */
};

struct agent {
    struct options options;
    struct loop *loop;
    struct queue *queue;
    struct runner *runner;
    struct clients *clients;
    struct local *local;
    struct ws *ws;
    struct scs_door *scs; /* NULL: off, or without a certificate */
    struct gate *gate;
    struct presence *presence;
    struct policy policy; /* as it was when the agent started */
    struct watch *readers_watch;
    struct watch *signals_watch;
    struct timer *idle;    /* until the agent ends because nobody needs it */
    struct timer *waiting; /* until a request has waited for too long */
    int signals_fd;
    int local_fd; /* lent by the local door */
};

/* ---- presence ---- */

static void on_card(void *user, bool inserted)
{
    struct agent *a = user;
    clients_card_event(a->clients, inserted);
}

static void on_readers(void *user)
{
    struct agent *a = user;
    presence_take(a->presence, on_card, a);
}

static const struct watch_calls readers_calls = {on_readers, NULL};

/* Without it the bridge works on: the signer recognises a card by its serial number then, and no
 * page hears of cards. */
static void watch_cards(struct agent *a)
{
    if (a->readers_watch != NULL) {
        return;
    }
    enum err e = presence_start(a->presence);
    int fd = e == ERR_OK ? ipc_duplicate(presence_fd(a->presence)) : -1;
    if (fd < 0 || loop_watch(a->loop, fd, &readers_calls, a, &a->readers_watch) != ERR_OK) {
        log_line(LOG_WARN, "readers can't be watched: %s", err_name(e));
    }
}

/* ---- the queue's calls ---- */

static enum err start_operation(void *user, struct request *r)
{
    struct agent *a = user;
    watch_cards(a);
    r->presence_epoch = presence_epoch(a->presence);
    r->check = a->policy.check;
    r->plain_readers = a->policy.plain_readers;
    r->no_journal = a->policy.no_journal;
    return runner_start(a->runner, r);
}

static bool stop_operation(void *user)
{
    struct agent *a = user;
    return runner_stop(a->runner);
}

static void answer_operation(void *user, uint64_t connection, const struct request *r,
                             const struct response *resp)
{
    struct agent *a = user;
    clients_answer(a->clients, connection, r, resp);
}

static void show_progress(void *user, uint64_t connection, const struct request *r,
                          const struct progress *p)
{
    struct agent *a = user;
    clients_progress(a->clients, connection, r, p);
}

static const struct queue_calls queue_calls = {start_operation, stop_operation, answer_operation,
                                               show_progress};

static void on_operation_progress(void *user, const struct progress *p)
{
    struct agent *a = user;
    queue_progress(a->queue, p);
}

static void on_operation_done(void *user, const struct response *resp)
{
    struct agent *a = user;
    queue_done(a->queue, resp, clock_monotonic_ms());
}

static const struct runner_calls runner_calls = {on_operation_done, on_operation_progress};

static void set_waiting_timer(struct agent *a)
{
    uint64_t deadline = queue_deadline(a->queue);
    uint64_t now = clock_monotonic_ms();
    if (deadline == UINT64_MAX) {
        timer_stop(a->waiting);
    } else {
        timer_set(a->waiting, deadline > now ? deadline - now : 0);
    }
}

static void on_waited(void *user)
{
    struct agent *a = user;
    queue_expire(a->queue, clock_monotonic_ms());
    set_waiting_timer(a);
}

/* ---- idle ---- */

static bool is_needed(const struct agent *a)
{
    return clients_count(a->clients) > 0 || !queue_is_empty(a->queue) || runner_is_busy(a->runner);
}

static void on_changed(void *user)
{
    struct agent *a = user;
    set_waiting_timer(a);
    if (a->options.idle_exit_s > 0 && !is_needed(a)) {
        timer_set(a->idle, a->options.idle_exit_s * 1000ull);
    } else {
        timer_stop(a->idle);
    }
}

static void on_idle(void *user)
{
    struct agent *a = user;
    if (!is_needed(a) && ipc_retire(a->local_fd, true) == ERR_OK) {
        log_line(LOG_INFO, "nobody needs the agent: it ends");
        loop_stop(a->loop);
    }
}

static void on_subscribed(void *user)
{
    watch_cards(user);
}

/* It may be known a moment later only: nobody waits for a reader. */
static bool has_card(void *user)
{
    struct agent *a = user;
    watch_cards(a);
    return presence_has_card(a->presence);
}

static const struct client_events client_events = {on_changed, on_subscribed, has_card};

/* ---- signals ---- */

static void on_signal(void *user)
{
    struct agent *a = user;
    bool end, child;
    signals_take(a->signals_fd, &end, &child);
    if (child) {
        runner_reap(a->runner);
        on_changed(a);
    }
    if (end) {
        loop_stop(a->loop);
    }
}

static const struct watch_calls signal_calls = {on_signal, NULL};

/* ---- doors ---- */

/* Who the policy lets hear of a card should hear it at the first time of asking. */
static bool tells_presence(const struct policy *p)
{
    for (size_t i = 0; i < p->n_origins; i++) {
        if ((p->origins[i].rights & 1u << POLICY_CARD_PRESENCE) != 0) {
            return true;
        }
    }
    return p->scs.presence_to_all;
}

static enum err open_local(struct agent *a, int inherited_fd)
{
    enum err e = ERR_OK;
    a->local_fd = inherited_fd;
    if (inherited_fd >= 0) {
        e = ipc_lock();
    } else {
        e = ipc_listen(&a->local_fd);
    }
    return e == ERR_OK ? local_open(a->loop, a->clients, a->local_fd, &a->local) : e;
}

/* What systemd has given. */
struct given {
    int local_fd;  /* -1: none */
    bool ports[2]; /* of which door, enum gate_door */
};

static enum err take_port(struct agent *a, int fd, uint16_t port, struct given *ret)
{
    enum gate_door door = ports_door_of(&a->policy, port);
    if (a->options.no_websocket || (door == GATE_SCS && a->scs == NULL)) {
        return ERR_OK;
    }
    ret->ports[door] = true;
    return gate_listen(a->gate, door, fd, port);
}

/* Sockets of systemd serve instead of our own. One that is open to the network is a mistake of
 * configuration that must not go unnoticed. */
static enum err sort_inherited(struct agent *a, struct given *ret)
{
    int n = ipc_inherited();
    for (int fd = FIRST_INHERITED; fd < FIRST_INHERITED + n; fd++) {
        uint16_t port = 0;
        enum ipc_kind kind = ipc_kind_of(fd, &port);
        enum err e = ERR_OK;
        if (kind == IPC_LOCAL && ret->local_fd < 0) {
            ret->local_fd = fd;
        } else if (kind == IPC_LOOPBACK) {
            e = take_port(a, fd, port, ret);
        } else {
            log_line(LOG_ERROR, "inherited descriptor %d is not a loopback listener", fd);
            e = ERR_ARGUMENT;
        }
        if (e != ERR_OK) {
            return e;
        }
    }
    return ERR_OK;
}

static enum err open_doors(struct agent *a)
{
    struct given given = {.local_fd = -1};
    enum err e = ws_open(a->loop, a->clients, &a->ws);
    if (e == ERR_OK && !a->policy.scs.off && !a->options.no_websocket) {
        e = scs_door_open(a->loop, a->clients, &a->scs);
    }
    if (e == ERR_OK) {
        e = gate_open(a->loop, a->ws, a->scs, &a->gate);
    }
    if (e == ERR_OK) {
        e = sort_inherited(a, &given);
    }
    if (e == ERR_OK) {
        e = open_local(a, given.local_fd);
    }
    if (e == ERR_OK && !given.ports[GATE_WEBSOCKET] && !a->options.no_websocket) {
        ports_open(a->gate, &a->policy, GATE_WEBSOCKET);
    }
    if (e == ERR_OK && !given.ports[GATE_SCS] && a->scs != NULL) {
        ports_open(a->gate, &a->policy, GATE_SCS);
    }
    if (e == ERR_OK && a->scs != NULL && tells_presence(&a->policy)) {
        watch_cards(a);
    }
    return e;
}

/* ---- life ---- */

static enum err open_parts(struct agent *a)
{
    enum err e = signals_open(&a->signals_fd);
    e = e == ERR_OK ? loop_open(&a->loop) : e;
    e = e == ERR_OK ? loop_watch(a->loop, a->signals_fd, &signal_calls, a, &a->signals_watch) : e;
    e = e == ERR_OK ? loop_timer(a->loop, on_idle, a, &a->idle) : e;
    e = e == ERR_OK ? loop_timer(a->loop, on_waited, a, &a->waiting) : e;
    e = e == ERR_OK ? presence_open(&a->presence) : e;
    e = e == ERR_OK ? queue_open(&queue_calls, a, &a->queue) : e;
    e = e == ERR_OK ? runner_open(a->loop, &runner_calls, a, &a->runner) : e;
    e = e == ERR_OK ? clients_open(&client_events, a, &a->policy, &a->clients) : e;
    if (e == ERR_OK) {
        clients_set_queue(a->clients, a->queue);
    }
    return e;
}

/* An agent that is started meanwhile waits until the ports are free again. */
static void close_parts(struct agent *a)
{
    (void)!ipc_retire(a->local_fd, false);
    gate_close(&a->gate);
    ws_close(&a->ws);
    scs_door_close(&a->scs);
    local_close(&a->local);
    clients_close(&a->clients);
    runner_close(&a->runner);
    queue_close(&a->queue);
    watch_close(&a->readers_watch);
    presence_close(&a->presence);
    watch_close(&a->signals_watch);
    timer_close(&a->idle);
    timer_close(&a->waiting);
    loop_close(&a->loop);
    ipc_unlisten();
}

static void say_ready(int fd)
{
    size_t len;
    if (fd >= 0) {
        (void)!ipc_write(fd, span_str("r"), &len);
        ipc_close(fd);
    }
}

static int run(const struct options *options)
{
    struct agent a = {.options = *options, .signals_fd = -1, .local_fd = -1};
    (void)policy_load(POLICY_FOLDER, &a.policy);
    enum err e = open_parts(&a);
    if (e == ERR_OK) {
        e = open_doors(&a);
    }
    if (e == ERR_OK) {
        on_changed(&a);
        say_ready(options->ready_fd);
        loop_run(a.loop);
    }
    close_parts(&a);
    if (e == ERR_BUSY) {
        log_line(LOG_INFO, "another agent of this user serves");
        return SPAWN_STATUS_BUSY;
    }
    if (e != ERR_OK) {
        log_line(LOG_ERROR, "can't serve: %s", err_name(e));
    }
    return e == ERR_OK ? 0 : 1;
}

/* ---- options ---- */

static bool parse_number(const char *text, unsigned long max, unsigned long *ret)
{
    char *end;
    if (text == NULL || text[0] < '0' || text[0] > '9') {
        return false;
    }
    *ret = strtoul(text, &end, 10);
    return *end == '\0' && *ret <= max;
}

static bool parse_options(char **argv, struct options *o)
{
    for (char **at = argv + 1; *at != NULL; at++) {
        unsigned long number;
        if (strcmp(*at, "--help") == 0) {
            o->help = true;
        } else if (strcmp(*at, "--version") == 0) {
            o->version = true;
        } else if (strcmp(*at, "--check-policy") == 0) {
            o->check_policy = true;
        } else if (strcmp(*at, "--uses-pin-pads") == 0) {
            o->uses_pin_pads = true;
        } else if (strcmp(*at, "--no-websocket") == 0) {
            o->no_websocket = true;
        } else if (strcmp(*at, "--idle-exit") == 0 &&
                   parse_number(at[1], MAX_IDLE_EXIT_S, &number)) {
            o->idle_exit_s = (unsigned)number;
            at++;
        } else if (strcmp(*at, "--ready-fd") == 0 && parse_number(at[1], 1024, &number)) {
            o->ready_fd = (int)number;
            at++;
        } else {
            return false;
        }
    }
    return true;
}

static int usage(FILE *to)
{
    fputs("usage: korttisilta-agent [OPTION]...\n"
          "  --idle-exit SECONDS  End when nobody has needed it for so long.\n"
          "  --no-websocket       Serve the browser's extension only; open no port.\n"
          "  --ready-fd N         Write one byte to this descriptor when it serves.\n"
          "  --check-policy       Say what is wrong in the administrator's policy.\n"
          "  --uses-pin-pads      Say by the status if that policy uses readers' PIN pads.\n"
          "  --help               Print the options.\n"
          "  --version            Print the version.\n",
          to);
    return to == stdout ? EXIT_SUCCESS : 2;
}

/* For the diagnosis, whose programs read no JSON. The log says what is wrong. */
static int check_policy(void)
{
    static struct policy policy;
    return policy_load(POLICY_FOLDER, &policy) ? 0 : 1;
}

/* For the programs of the holder, which read no JSON either. */
static int uses_pin_pads(void)
{
    static struct policy policy;
    (void)policy_load(POLICY_FOLDER, &policy);
    return policy.plain_readers ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct options options = {.ready_fd = -1};
    (void)argc;
    log_open("korttisilta-agent");
    if (!parse_options(argv, &options)) {
        return usage(stderr);
    }
    if (options.help) {
        return usage(stdout);
    }
    if (options.version) {
        return puts("korttisilta-agent " KORTTISILTA_VERSION) < 0;
    }
    if (options.check_policy) {
        return check_policy();
    }
    if (options.uses_pin_pads) {
        return uses_pin_pads();
    }
    return run(&options);
}
