/* vcard-replay: plays replays straight against the engine, without any socket or reader. */
#include "control.h"
#include "replay.h"

#include "base/log.h"

#include <stdio.h>

static enum err exchange(void *user, struct span command, struct buf *answer)
{
    struct session *s = user;
    unsigned delay;
    if (!s->inserted) {
        return ERR_CARD_IO;
    }
    return session_exchange(s, command, answer, &delay) == SESSION_ANSWER ? ERR_OK : ERR_CARD_IO;
}

static bool reset(void *user)
{
    struct session *s = user;
    engine_reset(&s->engine);
    return true;
}

static bool control(void *user, const char *line, struct buf *reply)
{
    char copy[CONTROL_LINE];
    snprintf(copy, sizeof copy, "%s", line);
    return control_run(user, copy, reply) == ERR_OK;
}

int main(int argc, char **argv)
{
    struct session session;
    log_open("vcard-replay");
    if (argc != 3) {
        fputs("vcard-replay CARD-FOLDER FILE\n", stderr);
        return 2;
    }
    if (session_open(&session, argv[1], NULL) != ERR_OK) {
        return 1;
    }
    const struct replay_card card = {&session, argv[1], exchange, NULL, reset, control};
    bool ok = replay_run(argv[2], &card);
    session_close(&session);
    return ok ? 0 : 1;
}
