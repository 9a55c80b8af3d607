/* korttisilta-revocation: one question, whether one certificate has been revoked. It speaks with
 * the network so that the program which holds the card and the PIN never does: it gets two
 * certificates on standard input and gives one word back. Who started it ends it when the time is
 * over. */
#include "base/log.h"
#include "crypto/fetch.h"
#include "crypto/status.h"
#include "os/stream.h"
#include "wire/frame.h"
#include "wire/lookup.h"

#include <stdio.h>
#include <string.h>

#define PARENT_FD 0

static enum err by_ocsp(const struct lookup_question *q, const char *url, int64_t *at)
{
    struct buf request, answer;
    buf_init(&request, LIMIT_OCSP);
    buf_init(&answer, LIMIT_OCSP);
    enum err e = status_ocsp_request(q->cert, q->issuer, &request);
    if (e == ERR_OK) {
        e = fetch(url, "application/ocsp-request", buf_span(&request), "application/ocsp-response",
                  LIMIT_FETCH_S, &answer);
    }
    if (e == ERR_OK) {
        e = status_judge_ocsp(q->cert, q->issuer, buf_span(&request), buf_span(&answer), at);
    }
    buf_clear(&request);
    buf_clear(&answer);
    return e;
}

static enum err by_crl(const struct lookup_question *q, const char *url, int64_t *at)
{
    struct buf list;
    buf_init(&list, LIMIT_CRL);
    enum err e = fetch(url, NULL, span_of(NULL, 0), NULL, LIMIT_FETCH_S, &list);
    if (e == ERR_OK) {
        e = status_judge_crl(q->cert, q->issuer, buf_span(&list), at);
    }
    buf_clear(&list);
    return e;
}

/* OCSP is small and of this minute; a list of everybody's cards is the second choice. */
static void find_out(const struct lookup_question *q, struct lookup_answer *a)
{
    struct status_places places;
    a->err = ERR_CERT_UNCHECKED;
    if (status_find_places(q->cert, &places) != ERR_OK) {
        return;
    }
    if (places.ocsp[0] != '\0') {
        a->err = by_ocsp(q, places.ocsp, &a->at);
        log_line(LOG_INFO, "OCSP: %s", err_name(a->err));
    }
    if (a->err != ERR_OK && a->err != ERR_CERT_REVOKED && places.crl[0] != '\0') {
        a->err = by_crl(q, places.crl, &a->at);
        log_line(LOG_INFO, "revocation list: %s", err_name(a->err));
    }
    if (a->err != ERR_OK && a->err != ERR_CERT_REVOKED) {
        a->err = ERR_CERT_UNCHECKED;
    }
}

static enum err read_question(struct frame_reader *in, struct lookup_question *ret)
{
    struct span body;
    enum err e = ERR_OK;
    while (e == ERR_OK && !frame_reader_has(in, &body)) {
        uint8_t chunk[4096];
        size_t len = sizeof chunk;
        e = stream_read(PARENT_FD, chunk, &len);
        if (e == ERR_OK) {
            e = frame_reader_feed(in, span_of(chunk, len));
        }
    }
    return e == ERR_OK ? lookup_unpack_question(body, ret) : e;
}

static enum err write_answer(const struct lookup_answer *a)
{
    struct buf record, frame;
    buf_init(&record, LIMIT_LOOKUP);
    buf_init(&frame, LIMIT_LOOKUP + FRAME_HEADER);
    enum err e = lookup_pack_answer(a, &record);
    if (e == ERR_OK) {
        e = frame_append(&frame, buf_span(&record));
    }
    if (e == ERR_OK) {
        e = stream_write(PARENT_FD, buf_span(&frame));
    }
    buf_clear(&record);
    buf_clear(&frame);
    return e;
}

int main(int argc, char **argv)
{
    struct lookup_question question;
    struct lookup_answer answer = {0};
    struct frame_reader in;
    log_open("korttisilta-revocation");
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        return puts("korttisilta-revocation " KORTTISILTA_VERSION) < 0;
    }
    stream_ignore_broken_pipe();
    frame_reader_init(&in, LIMIT_LOOKUP);
    enum err e = read_question(&in, &question);
    if (e == ERR_OK) {
        find_out(&question, &answer);
        e = write_answer(&answer);
    }
    if (e != ERR_OK) {
        log_line(LOG_ERROR, "question: %s", err_name(e));
    }
    frame_reader_clear(&in);
    return e == ERR_OK ? 0 : 1;
}
