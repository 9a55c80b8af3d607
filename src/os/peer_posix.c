/* Whose process is at the other end of a loopback connection: the kernel's socket table knows the
 * owner of each end, and both ends are here. */
#include "os/ipc.h"

#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An IPv4 address as its mapped form (RFC 4291 §2.5.5.2), which is also how the socket of a
 * dual-stack client is listed. */
struct end {
    uint32_t words[4]; /* network order */
    uint16_t port;     /* network order */
};

union endpoint {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static struct end end_make(bool v6, const uint32_t *words, uint16_t port)
{
    struct end end = {{0, 0, htonl(0xFFFF), words[0]}, port};
    if (v6) {
        memcpy(end.words, words, sizeof end.words);
    }
    return end;
}

static struct end end_of(const union endpoint *at)
{
    uint32_t words[4];
    bool v6 = at->any.sa_family == AF_INET6;
    if (v6) {
        memcpy(words, &at->v6.sin6_addr, sizeof words);
    } else {
        words[0] = at->v4.sin_addr.s_addr;
    }
    return end_make(v6, words, v6 ? at->v6.sin6_port : at->v4.sin_port);
}

static bool end_equal(const struct end *a, const struct end *b)
{
    return a->port == b->port && memcmp(a->words, b->words, sizeof a->words) == 0;
}

/* ---- the kernel's answer to one question (sock_diag(7)) ---- */

struct question {
    struct nlmsghdr header;
    struct inet_diag_req_v2 body;
};

union answer {
    struct nlmsghdr header;
    uint8_t bytes[1024];
};

static void make_question(bool v6, const struct end *client, const struct end *server,
                          struct question *ret)
{
    size_t first = v6 ? 0 : 3;
    size_t len = v6 ? sizeof client->words : sizeof client->words[0];
    *ret = (struct question){
        .header = {.nlmsg_len = sizeof *ret,
                   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                   .nlmsg_flags = NLM_F_REQUEST},
        .body = {.sdiag_family = v6 ? AF_INET6 : AF_INET,
                 .sdiag_protocol = IPPROTO_TCP,
                 .id = {.idiag_sport = client->port,
                        .idiag_dport = server->port,
                        .idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}},
    };
    memcpy(ret->body.id.idiag_src, &client->words[first], len);
    memcpy(ret->body.id.idiag_dst, &server->words[first], len);
}

/* The look-up may find a listener instead; only the connected socket of both addresses counts. A
 * socket without an owner is listed as root's, but is not connected. */
static enum err read_answer(const union answer *answer, size_t len, const struct end *client,
                            const struct end *server, unsigned *ret_uid)
{
    struct inet_diag_msg msg;
    if (len < NLMSG_LENGTH(sizeof msg) || answer->header.nlmsg_len < NLMSG_LENGTH(sizeof msg) ||
        answer->header.nlmsg_type != SOCK_DIAG_BY_FAMILY) {
        struct nlmsgerr error = {0};
        bool says_none =
            len >= NLMSG_LENGTH(sizeof error) && answer->header.nlmsg_type == NLMSG_ERROR;
        memcpy(&error, answer->bytes + NLMSG_HDRLEN, says_none ? sizeof error : 0);
        return says_none && error.error == -ENOENT ? ERR_PEER_DENIED : ERR_UNSUPPORTED;
    }
    memcpy(&msg, answer->bytes + NLMSG_HDRLEN, sizeof msg);
    bool v6 = msg.idiag_family == AF_INET6;
    struct end here = end_make(v6, msg.id.idiag_src, msg.id.idiag_sport);
    struct end there = end_make(v6, msg.id.idiag_dst, msg.id.idiag_dport);
    if (msg.idiag_state != TCP_ESTABLISHED || !end_equal(&here, client) ||
        !end_equal(&there, server)) {
        return ERR_PEER_DENIED;
    }
    *ret_uid = msg.idiag_uid;
    return ERR_OK;
}

/* ERR_UNSUPPORTED: this kernel can't be asked. */
static enum err ask_owner(bool v6, const struct end *client, const struct end *server,
                          unsigned *ret_uid)
{
    struct question question;
    union answer answer;
    enum err e = ERR_UNSUPPORTED;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0) {
        return e;
    }
    make_question(v6, client, server, &question);
    if (send(fd, &question, sizeof question, 0) == (ssize_t)sizeof question) {
        /* The kernel has answered before send returned. */
        ssize_t len = recv(fd, &answer, sizeof answer, MSG_DONTWAIT);
        if (len >= (ssize_t)sizeof answer.header) {
            e = read_answer(&answer, (size_t)len, client, server, ret_uid);
        }
    }
    close(fd);
    return e;
}

/* ---- the same from the table as text (proc(5)), which takes 4 ms on a machine with much memory
 * ---- */

static void end_print(const struct end *end, bool v6, char ret[40])
{
    unsigned port = ntohs(end->port);
    if (v6) {
        snprintf(ret, 40, "%08X%08X%08X%08X:%04X", end->words[0], end->words[1], end->words[2],
                 end->words[3], port);
    } else {
        snprintf(ret, 40, "%08X:%04X", end->words[3], port);
    }
}

static enum err find_owner(const char *table, bool v6, const struct end *client,
                           const struct end *server, unsigned *ret_uid)
{
    char want_local[40], want_remote[40], local[40], remote[40], state[4], uid[12], line[512];
    enum err e = ERR_PEER_DENIED;
    FILE *f = fopen(table, "re");
    if (f == NULL) {
        return e;
    }
    end_print(client, v6, want_local);
    end_print(server, v6, want_remote);
    while (e != ERR_OK && fgets(line, sizeof line, f) != NULL) {
        int n = sscanf(line, "%*s %39s %39s %3s %*s %*s %*s %11s", local, remote, state, uid);
        if (n == 4 && strtoul(state, NULL, 16) == TCP_ESTABLISHED &&
            strcmp(local, want_local) == 0 && strcmp(remote, want_remote) == 0) {
            *ret_uid = (unsigned)strtoul(uid, NULL, 10);
            e = ERR_OK;
        }
    }
    fclose(f);
    return e;
}

static enum err owner_of(bool v6, const struct end *client, const struct end *server,
                         unsigned *ret_uid)
{
    enum err e = ask_owner(v6, client, server, ret_uid);
    if (e == ERR_UNSUPPORTED && !v6) {
        e = find_owner("/proc/net/tcp", false, client, server, ret_uid);
        e = e == ERR_OK ? e : ERR_UNSUPPORTED; /* a dual-stack client stands in the other table */
    }
    return e == ERR_UNSUPPORTED ? find_owner("/proc/net/tcp6", true, client, server, ret_uid) : e;
}

enum err ipc_check_tcp_peer(int fd)
{
    union endpoint here = {0}, there = {0};
    socklen_t here_len = sizeof here, there_len = sizeof there;
    unsigned uid = 0;
    if (getsockname(fd, &here.any, &here_len) != 0 ||
        getpeername(fd, &there.any, &there_len) != 0) {
        return ERR_PEER_DENIED;
    }
    struct end server = end_of(&here), client = end_of(&there);
    enum err e = owner_of(here.any.sa_family == AF_INET6, &client, &server, &uid);
    if (e != ERR_OK || uid != geteuid()) {
        log_line(LOG_INFO, "a connection from port %u was refused: not this user's",
                 (unsigned)ntohs(client.port));
        return ERR_PEER_DENIED;
    }
    return ERR_OK;
}
