/* vcard-pcsc: waits for cards, lists them, and plays replays against one through PC/SC. */
#include "pcsc_client.h"
#include "replay.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WAIT_MS 10000u

static const char usage[] =
    "vcard-pcsc wait READERS CARDS\n"
    "vcard-pcsc list\n"
    "vcard-pcsc replay CARD-FOLDER READER FILE   (READER: how its name begins)\n";

/* A replay's card behind PC/SC: commands go through pcscd, control commands to the card's socket.
 */
struct target {
    struct pcsc_client client;
    const char *reader;
    int control;
    FILE *replies;
};

static enum err exchange(void *user, struct span command, struct buf *answer)
{
    struct target *t = user;
    return t->client.connected ? pcsc_client_transmit(&t->client, command, answer) : ERR_CARD_IO;
}

static enum err feature(void *user, uint8_t number, struct span request, struct buf *answer)
{
    struct target *t = user;
    return t->client.connected ? pcsc_client_feature(&t->client, number, request, answer)
                               : ERR_CARD_IO;
}

static bool reset(void *user)
{
    struct target *t = user;
    return pcsc_client_reset(&t->client);
}

/* pcscd has to notice each change before the next one is made. */
static bool follow(struct target *t, const char *line)
{
    if (strcmp(line, "insert") == 0) {
        return pcsc_client_wait_card(&t->client, true, WAIT_MS) &&
               pcsc_client_connect(&t->client, t->reader);
    }
    if (strcmp(line, "remove") == 0) {
        return pcsc_client_wait_card(&t->client, false, WAIT_MS);
    }
    return true;
}

static bool control(void *user, const char *line, struct buf *reply)
{
    struct target *t = user;
    char text[1024];
    if (strcmp(line, "insert") == 0) {
        pcsc_client_disconnect(&t->client);
        if (!pcsc_client_wait_card(&t->client, false, WAIT_MS)) {
            return false;
        }
    }
    if (dprintf(t->control, "%s\n", line) < 0 || fgets(text, sizeof text, t->replies) == NULL) {
        return false;
    }
    text[strcspn(text, "\n")] = '\0';
    return buf_append_str(reply, text) == ERR_OK && follow(t, line);
}

static int call_control(const char *folder)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if ((size_t)snprintf(at.sun_path, sizeof at.sun_path, "%s.ctl", folder) >= sizeof at.sun_path) {
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
        perror(at.sun_path);
        return -1;
    }
    return fd;
}

static bool play(struct target *t, const char *folder, const char *file)
{
    t->control = call_control(folder);
    t->replies = t->control >= 0 ? fdopen(t->control, "r") : NULL;
    if (t->replies == NULL) {
        return false;
    }
    const struct replay_card card = {t, folder, exchange, feature, reset, control};
    bool ok = pcsc_client_connect(&t->client, t->reader) && replay_run(file, &card);
    fclose(t->replies);
    return ok;
}

int main(int argc, char **argv)
{
    struct target t = {.reader = argc == 5 ? argv[3] : NULL};
    bool ok = false;
    log_open("vcard-pcsc");
    if (!pcsc_client_open(&t.client)) {
        return 1;
    }
    if (argc == 4 && strcmp(argv[1], "wait") == 0) {
        ok = pcsc_client_wait(&t.client, strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10),
                              WAIT_MS);
    } else if (argc == 2 && strcmp(argv[1], "list") == 0) {
        ok = pcsc_client_list(&t.client);
    } else if (argc == 5 && strcmp(argv[1], "replay") == 0) {
        ok = play(&t, argv[2], argv[4]);
    } else {
        fputs(usage, stderr);
    }
    pcsc_client_close(&t.client);
    return ok ? 0 : 1;
}
