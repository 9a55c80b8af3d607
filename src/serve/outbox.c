#include "serve/outbox.h"

#include "os/ipc.h"
#include "wire/frame.h"

void outbox_init(struct outbox *o, size_t max)
{
    buf_init(&o->bytes, max);
    o->sent = 0;
}

void outbox_clear(struct outbox *o)
{
    buf_clear(&o->bytes);
    o->sent = 0;
}

enum err outbox_add(struct outbox *o, struct span body)
{
    buf_consume(&o->bytes, o->sent);
    o->sent = 0;
    return frame_append(&o->bytes, body);
}

enum err outbox_flush(struct outbox *o, int fd, bool *ret_more)
{
    while (o->sent < o->bytes.len) {
        size_t done = 0;
        enum err e = ipc_write(fd, span_sub(buf_span(&o->bytes), o->sent, o->bytes.len), &done);
        if (e != ERR_OK) {
            return e;
        }
        if (done == 0) {
            *ret_more = true;
            return ERR_OK;
        }
        o->sent += done;
    }
    outbox_clear(o); /* gives the memory of a large message back */
    *ret_more = false;
    return ERR_OK;
}
