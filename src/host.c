/* korttisilta-host: what the browser starts for each port of the extension. Tells the agent who
 * started it, starting the agent when none serves, and passes frames between it and standard input
 * and output. It reads lengths, never contents, keeps no message, and ends with the first stream
 * that ends. */
#include "base/limits.h"
#include "base/log.h"
#include "os/ipc.h"
#include "os/pump.h"
#include "os/spawn.h"
#include "os/stream.h"
#include "wire/caller.h"
#include "wire/frame.h"

#include <stdio.h>
#include <string.h>

#define BROWSER_IN  0
#define BROWSER_OUT 1
#define IDLE_EXIT_S "300"
/* Each round waits for an agent that is coming or going; more than a few in a row can't happen. */
#define CONNECT_ROUNDS 4

/* Where in a stream of frames we are. */
struct check {
    uint32_t max;
    uint8_t header[FRAME_HEADER];
    size_t header_len;
    uint32_t body_left;
};

/* How many of the bytes may pass. A bad length passes as it is and ends the stream: the agent,
 * which has the same limit, is the one who can say what is wrong. */
static size_t check_bytes(void *user, struct span bytes, bool *ret_end)
{
    struct check *c = user;
    size_t at = 0;
    while (at < bytes.len) {
        if (c->body_left > 0) {
            size_t n = bytes.len - at < c->body_left ? bytes.len - at : c->body_left;
            c->body_left -= (uint32_t)n;
            at += n;
            continue;
        }
        c->header[c->header_len++] = bytes.at[at++];
        if (c->header_len == FRAME_HEADER) {
            c->header_len = 0;
            c->body_left = frame_length(c->header);
            *ret_end = c->body_left == 0 || c->body_left > c->max;
            if (*ret_end) {
                return at;
            }
        }
    }
    return at;
}

/* Starts an agent, or learns that another one was faster. */
static enum err start_agent(void)
{
    static const char *const arguments[] = {"--ready-fd", SPAWN_READY_FD, "--idle-exit",
                                            IDLE_EXIT_S, NULL};
    struct child agent = {0, -1};
    uint8_t ready;
    size_t len = 0;
    enum err e = spawn_detached("korttisilta-agent", arguments, &agent);
    if (e == ERR_OK) {
        e = pump_wait(agent.fd, BROWSER_IN);
    }
    if (e != ERR_OK) {
        spawn_hang_up(&agent);
        return e;
    }
    if (ipc_read(agent.fd, &ready, sizeof ready, &len) == ERR_OK) {
        spawn_hang_up(&agent);
        return ERR_OK;
    }
    int status = spawn_wait_status(&agent);
    if (status == SPAWN_STATUS_BUSY) {
        return ERR_OK;
    }
    log_line(LOG_ERROR, "the agent ended with status %d", status);
    return ERR_AGENT_DOWN;
}

static enum err connect_agent(int *ret_fd)
{
    for (int round = 0; round < CONNECT_ROUNDS; round++) {
        enum err e = ipc_connect(ret_fd);
        if (e == ERR_AGENT_DOWN) {
            e = start_agent();
        } else {
            return e;
        }
        if (e != ERR_OK) {
            return e;
        }
    }
    return ipc_connect(ret_fd);
}

/* What the browser says about the extension, for the agent to judge. The socket is new: its buffer
 * takes a frame of this size whole. ERR_CLOSED: the agent has refused us, and said so. */
static enum err introduce(int fd, char *const *arguments)
{
    struct buf record, bytes;
    size_t len = 0;
    buf_init(&record, LIMIT_INTRODUCTION);
    buf_init(&bytes, FRAME_HEADER + LIMIT_INTRODUCTION);
    enum err e = caller_pack(arguments, &record);
    if (e == ERR_OK) {
        e = frame_append(&bytes, buf_span(&record));
    }
    if (e == ERR_OK) {
        e = ipc_write(fd, buf_span(&bytes), &len);
    }
    if (e == ERR_OK && len != bytes.len) {
        e = ERR_INTERNAL;
    }
    buf_clear(&record);
    buf_clear(&bytes);
    return e;
}

int main(int argc, char **argv)
{
    struct check from_browser = {.max = LIMIT_MESSAGE};
    struct check from_agent = {.max = LIMIT_REPLY};
    struct pump_way inward = {check_bytes, &from_browser};
    struct pump_way outward = {check_bytes, &from_agent};
    int fd;
    log_open("korttisilta-host");
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        return puts("korttisilta-host " KORTTISILTA_VERSION) < 0;
    }
    stream_ignore_broken_pipe();
    enum err e = connect_agent(&fd);
    if (e == ERR_OK) {
        e = introduce(fd, argv + (argc > 0 ? 1 : 0));
        e = e == ERR_CLOSED ? ERR_OK : e;
    }
    if (e == ERR_CLOSED) {
        return 0; /* the browser went away before the agent was there */
    }
    if (e != ERR_OK) {
        log_line(LOG_ERROR, "no agent: %s", err_name(e));
        return 1;
    }
    pump_run(BROWSER_IN, BROWSER_OUT, fd, &inward, &outward);
    return 0;
}
