#include "control_server.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum err control_server_open(struct control_server *c, const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    c->path = path;
    c->listener = -1;
    for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
        c->clients[i].fd = -1;
    }
    if (path == NULL) {
        return ERR_OK;
    }
    if (strlen(path) >= sizeof at.sun_path) {
        return ERR_NO_READER;
    }
    memcpy(at.sun_path, path, strlen(path));
    unlink(path);
    c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->listener < 0 || bind(c->listener, (struct sockaddr *)&at, sizeof at) != 0 ||
        listen(c->listener, CONTROL_CLIENTS) != 0) {
        return ERR_NO_READER;
    }
    return ERR_OK;
}

void control_server_close(struct control_server *c)
{
    for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
        if (c->clients[i].fd >= 0) {
            close(c->clients[i].fd);
        }
    }
    if (c->listener >= 0) {
        unlink(c->path);
        close(c->listener);
    }
}

size_t control_server_polls(const struct control_server *c, struct pollfd *ret)
{
    size_t n = 0;
    if (c->listener >= 0) {
        ret[n++] = (struct pollfd){c->listener, POLLIN, 0};
    }
    for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
        if (c->clients[i].fd >= 0) {
            ret[n++] = (struct pollfd){c->clients[i].fd, POLLIN, 0};
        }
    }
    return n;
}

static void hang_up(struct control_client *client)
{
    close(client->fd);
    client->fd = -1;
    client->len = 0;
}

static void take_client(struct control_server *c)
{
    int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);
    for (size_t i = 0; fd >= 0 && i < CONTROL_CLIENTS; i++) {
        if (c->clients[i].fd < 0) {
            c->clients[i] = (struct control_client){.fd = fd};
            return;
        }
    }
    if (fd >= 0) {
        close(fd);
    }
}

static void run_line(struct control_client *client, char *line, struct session *s,
                     void (*settle)(void *user), void *user)
{
    struct buf reply;
    buf_init(&reply, CONTROL_REPLY);
    enum err e = control_run(s, line, &reply);
    settle(user);
    if (e != ERR_OK || send(client->fd, reply.at, reply.len, MSG_NOSIGNAL) != (ssize_t)reply.len) {
        hang_up(client);
    }
    buf_clear(&reply);
}

static void run_client(struct control_client *client, struct session *s, void (*settle)(void *user),
                       void *user)
{
    ssize_t n = recv(client->fd, client->line + client->len, sizeof client->line - client->len, 0);
    if (n <= 0) {
        hang_up(client);
        return;
    }
    client->len += (size_t)n;
    char *end;
    while (client->fd >= 0 && (end = memchr(client->line, '\n', client->len)) != NULL) {
        char line[CONTROL_LINE];
        size_t used = (size_t)(end - client->line) + 1;
        memcpy(line, client->line, used);
        line[used - 1] = '\0';
        client->len -= used;
        memmove(client->line, end + 1, client->len);
        run_line(client, line, s, settle, user);
    }
    if (client->fd >= 0 && client->len == sizeof client->line) {
        hang_up(client); /* longer than any command */
    }
}

void control_server_run(struct control_server *c, const struct pollfd *polls, size_t n,
                        struct session *s, void (*settle)(void *user), void *user)
{
    for (size_t i = 0; i < n; i++) {
        if (polls[i].revents == 0) {
            continue;
        }
        if (polls[i].fd == c->listener) {
            take_client(c);
        }
        for (size_t j = 0; j < CONTROL_CLIENTS; j++) {
            if (polls[i].fd != c->listener && c->clients[j].fd == polls[i].fd) {
                run_client(&c->clients[j], s, settle, user);
                break;
            }
        }
    }
}
