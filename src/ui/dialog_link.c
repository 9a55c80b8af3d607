#include "ui/dialog_link.h"

#include "os/stream.h"

#define READ_SIZE 4096u

void link_init(struct link *l)
{
    *l = (struct link){.has_state = false};
    frame_reader_init(&l->in, LIMIT_ASK);
}

void link_clear(struct link *l)
{
    frame_reader_clear(&l->in);
    ask_question_clear(&l->question);
    ask_state_clear(&l->state);
    l->has_state = false;
}

static enum err feed(struct link *l)
{
    uint8_t bytes[READ_SIZE];
    size_t len = sizeof bytes;
    enum err e = stream_read(LINK_IN, bytes, &len);
    return e == ERR_OK ? frame_reader_feed(&l->in, span_of(bytes, len)) : e;
}

enum err link_read_question(struct link *l)
{
    struct span body;
    enum err e = ERR_OK;
    while (e == ERR_OK && !frame_reader_has(&l->in, &body)) {
        e = feed(l);
    }
    if (e == ERR_OK) {
        e = ask_unpack_question(body, &l->question);
    }
    return e == ERR_OK ? frame_reader_next(&l->in) : e;
}

enum err link_take(struct link *l, bool *ret_new)
{
    struct span body;
    enum err e = ERR_OK;
    bool is_new = false;
    while (e == ERR_OK && frame_reader_has(&l->in, &body)) {
        ask_state_clear(&l->state);
        e = ask_unpack_state(body, &l->state);
        if (e == ERR_OK) {
            l->has_state = is_new = true;
            e = frame_reader_next(&l->in);
        }
    }
    if (e == ERR_OK) {
        *ret_new = is_new;
    }
    return e;
}

enum err link_read(struct link *l, bool *ret_new)
{
    enum err e = feed(l);
    return e == ERR_OK ? link_take(l, ret_new) : e;
}

enum err link_answer(struct link *l, struct ask_answer a)
{
    struct buf body, frame;
    buf_init(&body, LIMIT_ASK_ANSWER);
    buf_init(&frame, LIMIT_ASK_ANSWER + FRAME_HEADER);
    a.serial = l->state.serial;
    enum err e = ask_pack_answer(&a, &body);
    if (e == ERR_OK) {
        e = frame_append(&frame, buf_span(&body));
    }
    buf_clear(&body);
    if (e == ERR_OK) {
        e = stream_write(LINK_OUT, buf_span(&frame));
    }
    buf_clear(&frame);
    return e;
}
