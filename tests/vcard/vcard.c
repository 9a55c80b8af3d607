/* vcard: plays one personalised card to a reader. */
#include "control_server.h"
#include "link.h"

#include "base/log.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "vcard --card DIR (--unix PATH | --vpcd HOST:PORT)\n"
    "    [--control PATH]      socket for the commands that README.md lists\n"
    "    [--log FILE]          one line for each exchange, without data\n"
    "    [--ready-fd N]        a byte is written there when everything listens\n"
    "    [--out]               begin with the card out of the reader\n"
    "    [--die-with-parent]   end when the process that started this one ends\n";

struct settings {
    const char *card;
    const char *unix_path;
    char *vpcd;
    const char *control;
    const char *log;
    int ready_fd;
    bool out;
};

struct program {
    struct session session;
    struct link link;
    struct control_server control;
};

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void settle(void *user)
{
    struct program *p = user;
    if (link_follow(&p->link, now_ms()) != ERR_OK) {
        p->session.quit = true;
    }
}

/* vpcd has no listener of ours: the card is ready as soon as it has been started. */
static void tell_ready(int fd)
{
    if (fd >= 0 && write(fd, "r", 1) != 1) {
        log_line(LOG_WARN, "ready-fd: %s", strerror(errno));
    }
    if (fd > 2) {
        close(fd);
    }
}

static volatile sig_atomic_t ended;

static void on_signal(int sig)
{
    ended = sig;
}

static void serve(struct program *p)
{
    struct pollfd polls[LINK_POLLS + CONTROL_POLLS];
    sigset_t all;
    sigset_t normal;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &normal); /* a signal can come only inside ppoll */
    while (ended == 0 && !p->session.quit) {
        settle(p);
        size_t n_link = link_polls(&p->link, polls);
        size_t n = n_link + control_server_polls(&p->control, polls + n_link);
        int wait = link_timeout(&p->link, now_ms());
        struct timespec t = {wait / 1000, (long)(wait % 1000) * 1000000};
        if (ppoll(polls, (nfds_t)n, wait < 0 ? NULL : &t, &normal) < 0 && errno != EINTR) {
            return;
        }
        if (ended != 0) {
            return;
        }
        link_run(&p->link, polls, n_link, now_ms());
        control_server_run(&p->control, polls + n_link, n - n_link, &p->session, settle, p);
    }
}

static int run(const struct settings *set)
{
    struct program p;
    FILE *log = NULL;
    memset(&p, 0, sizeof p);
    if (set->log != NULL && (log = fopen(set->log, "a")) == NULL) {
        log_line(LOG_ERROR, "%s: %s", set->log, strerror(errno));
        return 1;
    }
    if (session_open(&p.session, set->card, log) != ERR_OK) {
        return 1;
    }
    p.session.inserted = !set->out;
    p.link = (struct link){.unix_path = set->unix_path};
    if (set->vpcd != NULL) {
        char *colon = strrchr(set->vpcd, ':');
        *colon = '\0';
        p.link.host = set->vpcd;
        p.link.port = colon + 1;
    }
    link_open(&p.link, &p.session);
    enum err e = control_server_open(&p.control, set->control);
    settle(&p);
    if (e == ERR_OK && !p.session.quit) {
        tell_ready(set->ready_fd);
        serve(&p);
    } else {
        log_line(LOG_ERROR, "the sockets can't be made");
    }
    bool failed = e != ERR_OK;
    control_server_close(&p.control);
    link_close(&p.link);
    session_close(&p.session);
    return failed ? 1 : 0;
}

enum option_id {
    OPT_CARD = 1,
    OPT_UNIX,
    OPT_VPCD,
    OPT_CONTROL,
    OPT_LOG,
    OPT_READY,
    OPT_OUT,
    OPT_DIE
};

static const struct option options[] = {
    {"card", required_argument, NULL, OPT_CARD},
    {"unix", required_argument, NULL, OPT_UNIX},
    {"vpcd", required_argument, NULL, OPT_VPCD},
    {"control", required_argument, NULL, OPT_CONTROL},
    {"log", required_argument, NULL, OPT_LOG},
    {"ready-fd", required_argument, NULL, OPT_READY},
    {"out", no_argument, NULL, OPT_OUT},
    {"die-with-parent", no_argument, NULL, OPT_DIE},
    {NULL, 0, NULL, 0},
};

static bool take_option(struct settings *set, int opt)
{
    const char **const texts[] = {[OPT_CARD] = &set->card,
                                  [OPT_UNIX] = &set->unix_path,
                                  [OPT_CONTROL] = &set->control,
                                  [OPT_LOG] = &set->log};
    switch (opt) {
    case OPT_CARD:
    case OPT_UNIX:
    case OPT_CONTROL:
    case OPT_LOG:
        *texts[opt] = optarg;
        return true;
    case OPT_VPCD:
        set->vpcd = optarg;
        return strrchr(optarg, ':') != NULL;
    case OPT_READY:
        set->ready_fd = (int)strtol(optarg, NULL, 10);
        return true;
    case OPT_OUT:
        set->out = true;
        return true;
    case OPT_DIE:
        return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0;
    default:
        return false;
    }
}

int main(int argc, char **argv)
{
    struct settings set = {.ready_fd = -1};
    struct sigaction act = {.sa_handler = on_signal};
    int opt;
    bool ok = true;
    log_open("vcard");
    while (ok && (opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
        ok = take_option(&set, opt);
    }
    if (!ok || optind != argc || set.card == NULL ||
        (set.unix_path == NULL) == (set.vpcd == NULL)) {
        fputs(usage, stderr);
        return 2;
    }
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGINT, &act, NULL);
    return run(&set);
}
