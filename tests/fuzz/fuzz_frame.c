/* Input: the size of the pieces (1 byte), then a stream. What comes out in pieces is what stands in
 * the stream when it is read at once. */
#include "wire/frame.h"

#include "fuzz.h"

#define MAX_BODY 1000u

/* The next frame of the stream, or how it ends. */
static enum err expect_next(struct span *stream, struct span *ret_body, bool *ret_has)
{
    *ret_has = false;
    if (stream->len < FRAME_HEADER) {
        return ERR_OK;
    }
    uint32_t len = frame_length(stream->at);
    if (len == 0 || len > MAX_BODY) {
        return len == 0 ? ERR_MALFORMED : ERR_TOO_LARGE;
    }
    if (stream->len - FRAME_HEADER < len) {
        return ERR_OK;
    }
    *ret_has = true;
    *ret_body = span_sub(*stream, FRAME_HEADER, len);
    *stream = span_sub(*stream, FRAME_HEADER + len, stream->len);
    return ERR_OK;
}

/* Takes every whole frame and compares it with the stream. */
static enum err drain(struct frame_reader *r, struct span *stream)
{
    struct span body;
    struct span want;
    bool has;
    while (frame_reader_has(r, &body)) {
        REQUIRE(expect_next(stream, &want, &has) == ERR_OK && has);
        REQUIRE(span_eq(body, want));
        enum err e = frame_reader_next(r);
        if (e != ERR_OK) {
            return e;
        }
    }
    return ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame_reader r;
    struct span input;
    struct span body;
    bool has;
    size_t piece = (size_t)fuzz_choice(data, size, &input) + 1;
    struct span stream = input;
    enum err e = ERR_OK;
    frame_reader_init(&r, MAX_BODY);
    for (size_t at = 0; e == ERR_OK && at < input.len; at += piece) {
        e = frame_reader_feed(&r, span_sub(input, at, piece));
        if (e == ERR_OK) {
            e = drain(&r, &stream);
        }
        REQUIRE(r.bytes.len < FRAME_HEADER + MAX_BODY + 256);
    }
    REQUIRE(expect_next(&stream, &body, &has) == e && !has);
    if (e != ERR_OK) {
        REQUIRE(r.bytes.cap == 0 && !frame_reader_has(&r, &body));
    }
    frame_reader_clear(&r);
    return 0;
}
