/* korttisilta-signer: one operation. Reads one request record from the agent on standard input,
 * asks the person, lets the card sign, writes one response record. It never sees JSON, a socket of
 * the web or a second request; its memory ends with the operation. */
#include "base/log.h"
#include "core/session.h"
#include "os/secret.h"
#include "os/stream.h"
#include "wire/frame.h"

#include <stdio.h>
#include <string.h>

#define AGENT_FD 0

static enum err read_request(struct request *r)
{
    struct frame_reader reader;
    struct span body;
    frame_reader_init(&reader, LIMIT_IPC);
    enum err e = ERR_OK;
    while (e == ERR_OK && !frame_reader_has(&reader, &body)) {
        uint8_t chunk[16384];
        size_t len = sizeof chunk;
        e = stream_read(AGENT_FD, chunk, &len);
        if (e == ERR_OK) {
            e = frame_reader_feed(&reader, span_of(chunk, len));
        }
    }
    if (e == ERR_OK) {
        e = msg_unpack_request(body, r);
    }
    frame_reader_clear(&reader);
    return e;
}

static enum err send(struct buf *record, enum err e)
{
    struct buf frame;
    buf_init(&frame, LIMIT_IPC);
    if (e == ERR_OK) {
        e = frame_append(&frame, buf_span(record));
    }
    if (e == ERR_OK) {
        e = stream_write(AGENT_FD, buf_span(&frame));
    }
    buf_clear(&frame);
    buf_clear(record);
    return e;
}

static void answer(void *user, const struct response *resp)
{
    struct buf record;
    (void)user;
    buf_init(&record, LIMIT_IPC);
    enum err e = send(&record, msg_pack_response(resp, &record));
    if (e != ERR_OK) {
        log_line(LOG_INFO, "answer: %s", err_name(e));
    }
}

/* An agent that is gone is noticed by the session itself. */
static void progress(void *user, const struct progress *p)
{
    struct buf record;
    (void)user;
    buf_init(&record, LIMIT_IPC);
    (void)!send(&record, msg_pack_progress(p, &record));
}

int main(int argc, char **argv)
{
    static const struct session_calls calls = {answer, progress};
    struct request request;
    log_open("korttisilta-signer");
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        return puts("korttisilta-signer " KORTTISILTA_VERSION) < 0;
    }
    secret_harden_process();
    stream_ignore_broken_pipe();
    request_init(&request);
    enum err e = read_request(&request);
    if (e == ERR_OK) {
        session_run(&request, AGENT_FD, &calls, NULL);
    } else {
        log_line(LOG_ERROR, "request: %s", err_name(e));
    }
    request_clear(&request);
    return e == ERR_OK ? 0 : 1;
}
