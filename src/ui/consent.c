#include "ui/consent.h"

#include "base/log.h"
#include "os/spawn.h"
#include "os/stream.h"
#include "os/wait.h"
#include "ui/dialog.h"
#include "wire/frame.h"

#include <stdlib.h>

/* A prompt that floods its pipe is read in small bites. */
#define READ_SIZE 256u

struct consent {
    struct child prompt;
    struct frame_reader in;
    uint32_t serial; /* of the state shown last */
    bool gone;       /* the pipe has ended; frames that came before are still to be taken */
};

static enum err send(const struct consent *c, const struct buf *record)
{
    struct buf frame;
    buf_init(&frame, LIMIT_ASK + FRAME_HEADER);
    enum err e = frame_append(&frame, buf_span(record));
    if (e == ERR_OK) {
        e = stream_write(c->prompt.fd, buf_span(&frame));
    }
    buf_clear(&frame);
    return e;
}

static enum err send_question(const struct consent *c, const struct ask_question *q)
{
    struct buf record;
    buf_init(&record, LIMIT_ASK);
    enum err e = ask_pack_question(q, &record);
    if (e == ERR_OK) {
        e = send(c, &record);
    }
    buf_clear(&record);
    return e;
}

enum err consent_open(const struct ask_question *q, struct consent **ret)
{
    static const char *const no_arguments[] = {NULL};
    struct consent *c = calloc(1, sizeof *c);
    if (c == NULL) {
        return ERR_NOMEM;
    }
    frame_reader_init(&c->in, LIMIT_ASK_ANSWER);
    c->prompt.fd = -1;
    enum err e = spawn_sibling("korttisilta-prompt", no_arguments, &c->prompt);
    if (e == ERR_OK) {
        e = send_question(c, q);
    }
    if (e != ERR_OK) {
        log_line(LOG_ERROR, "the prompt can't be asked: %s", err_name(e));
        consent_close(&c);
        return e == ERR_NOMEM ? e : ERR_PROMPT_FAILED;
    }
    *ret = c;
    return ERR_OK;
}

int consent_fd(const struct consent *c)
{
    return c->prompt.fd;
}

enum err consent_show(struct consent *c, const struct ask_state *s)
{
    struct buf record;
    struct ask_state stamped = *s;
    stamped.serial = c->serial + 1;
    buf_init(&record, LIMIT_ASK);
    enum err e = ask_pack_state(&stamped, &record);
    if (e == ERR_OK) {
        e = send(c, &record);
    }
    if (e == ERR_OK) {
        c->serial = stamped.serial;
    }
    buf_clear(&record);
    return e;
}

/* Takes in what is there, without waiting. The bytes may be a PIN: nothing of them stays behind. */
static enum err receive(struct consent *c)
{
    struct buf bytes;
    uint8_t *at;
    size_t len = READ_SIZE;
    enum err e = ERR_OK;
    if (c->gone || wait_readable(&c->prompt.fd, 1, 0) == 0) {
        return ERR_OK;
    }
    buf_init(&bytes, READ_SIZE);
    e = buf_extend(&bytes, READ_SIZE, &at);
    if (e == ERR_OK) {
        e = stream_read(c->prompt.fd, at, &len);
        c->gone = e == ERR_CLOSED;
    }
    if (e == ERR_OK) {
        e = frame_reader_feed(&c->in, span_of(at, len));
    }
    buf_clear(&bytes);
    return c->gone ? ERR_OK : e;
}

/* Why the window is gone. */
static enum err ended(struct consent *c)
{
    int status = spawn_wait_status(&c->prompt);
    if (status != 0) {
        log_line(LOG_ERROR, "the prompt has ended with status %d%s", status,
                 status == PROMPT_NO_DISPLAY ? ": no display and no terminal" : "");
    }
    return status == 0 ? ERR_CLOSED : ERR_PROMPT_FAILED;
}

/* An answer given to an older state would mean another certificate by the same index. */
static bool is_late(const struct consent *c, const struct ask_answer *a)
{
    return a->verb == ASK_CONFIRM && a->serial != c->serial;
}

static enum err take(struct consent *c, struct ask_answer *ret, bool *ret_has)
{
    struct span body;
    enum err e = ERR_OK;
    bool has = false;
    while (e == ERR_OK && !has && frame_reader_has(&c->in, &body)) {
        struct ask_answer answer = {.verb = ASK_CANCEL};
        e = ask_unpack_answer(body, &answer);
        if (e == ERR_OK) {
            e = frame_reader_next(&c->in);
        }
        has = e == ERR_OK && !is_late(c, &answer);
        if (has) {
            *ret = answer;
        } else {
            ask_answer_clear(&answer);
        }
    }
    *ret_has = has;
    return e;
}

enum err consent_read(struct consent *c, struct ask_answer *ret, bool *ret_has)
{
    enum err e = receive(c);
    if (e == ERR_OK) {
        e = take(c, ret, ret_has);
    }
    if (e != ERR_OK) {
        return e == ERR_NOMEM ? e : ERR_PROMPT_FAILED;
    }
    return c->gone && !*ret_has ? ended(c) : ERR_OK;
}

void consent_close(struct consent **c)
{
    if (*c != NULL) {
        frame_reader_clear(&(*c)->in);
        spawn_end(&(*c)->prompt);
        free(*c);
        *c = NULL;
    }
}
