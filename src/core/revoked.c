#include "core/revoked.h"

#include "base/log.h"
#include "os/clock.h"
#include "os/spawn.h"
#include "os/stream.h"
#include "os/wait.h"
#include "wire/frame.h"
#include "wire/lookup.h"

static enum err send_question(int fd, struct span cert, struct span issuer)
{
    const struct lookup_question q = {cert, issuer};
    struct buf record, frame;
    buf_init(&record, LIMIT_LOOKUP);
    buf_init(&frame, LIMIT_LOOKUP + FRAME_HEADER);
    enum err e = lookup_pack_question(&q, &record);
    if (e == ERR_OK) {
        e = frame_append(&frame, buf_span(&record));
    }
    if (e == ERR_OK) {
        e = stream_write(fd, buf_span(&frame));
    }
    buf_clear(&record);
    buf_clear(&frame);
    return e;
}

/* ERR_ABORTED by `wait`; anything else but ERR_OK means that there is no answer. */
static enum err read_answer(int fd, revoked_wait wait, void *user, struct lookup_answer *ret)
{
    uint64_t until = clock_monotonic_ms() + LIMIT_REVOCATION_MS;
    struct frame_reader in;
    struct span body;
    enum err e = ERR_OK;
    frame_reader_init(&in, LIMIT_LOOKUP);
    while (e == ERR_OK && !frame_reader_has(&in, &body)) {
        uint8_t chunk[256];
        size_t len = sizeof chunk;
        if (!wait(user, fd, until)) {
            e = ERR_ABORTED;
        } else if (wait_readable(&fd, 1, 0) == 0) {
            e = clock_monotonic_ms() >= until ? ERR_TIMED_OUT : ERR_OK;
        } else {
            e = stream_read(fd, chunk, &len);
            e = e == ERR_OK ? frame_reader_feed(&in, span_of(chunk, len)) : e;
        }
    }
    if (e == ERR_OK) {
        e = lookup_unpack_answer(body, ret);
    }
    frame_reader_clear(&in);
    return e;
}

enum err revoked_ask(struct span cert, struct span issuer, revoked_wait wait, void *user,
                     int64_t *ret_at)
{
    static const char *const no_arguments[] = {NULL};
    struct lookup_answer answer = {0};
    struct child child = {0, -1};
    *ret_at = 0;
    if (issuer.len == 0) {
        log_line(LOG_INFO, "revocation: the certificate's issuer is not known");
        return ERR_CERT_UNCHECKED;
    }
    enum err e = spawn_sibling("korttisilta-revocation", no_arguments, &child);
    if (e == ERR_OK) {
        e = send_question(child.fd, cert, issuer);
    }
    if (e == ERR_OK) {
        e = read_answer(child.fd, wait, user, &answer);
    }
    spawn_end(&child);
    if (e != ERR_OK && e != ERR_ABORTED) {
        log_line(LOG_WARN, "revocation: %s", err_name(e));
        return ERR_CERT_UNCHECKED;
    }
    *ret_at = answer.at;
    return e == ERR_OK ? answer.err : e;
}

static bool wait_alone(void *user, int fd, uint64_t until)
{
    (void)user;
    (void)wait_readable(&fd, 1, until);
    return true;
}

enum err revoked_ask_alone(struct span cert, struct span issuer, int64_t *ret_at)
{
    return revoked_ask(cert, issuer, wait_alone, NULL, ret_at);
}
