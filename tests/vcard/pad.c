#include "pad.h"

#include "base/wipe.h"

#include <stdio.h>

enum err pad_add(struct pad *p, enum pad_kind kind, const char *keys)
{
    size_t len = strlen(keys);
    if (p->n == PAD_ENTRIES) {
        return ERR_TOO_LARGE;
    }
    if (len > PAD_KEYS || strspn(keys, "0123456789") != len || (len > 0) != (kind == PAD_TYPED)) {
        return ERR_ARGUMENT;
    }
    p->entries[p->n].kind = kind;
    memcpy(p->entries[p->n].keys, keys, len + 1);
    p->n++;
    return ERR_OK;
}

void pad_clear(struct pad *p)
{
    wipe(p->entries, sizeof p->entries);
    p->n = 0;
}

bool pad_take(struct pad *p, enum pad_kind *ret_kind, struct buf *ret_reply)
{
    buf_truncate(ret_reply, 0);
    if (!p->waiting || p->n == 0) {
        return false;
    }
    p->waiting = false;
    *ret_kind = p->entries[0].kind;
    bool ok = *ret_kind == PAD_REMOVED ||
              (buf_append_u8(ret_reply, (uint8_t)p->entries[0].kind) == ERR_OK &&
               buf_append_str(ret_reply, p->entries[0].keys) == ERR_OK);
    p->n--;
    memmove(&p->entries[0], &p->entries[1], p->n * sizeof p->entries[0]);
    wipe(&p->entries[p->n], sizeof p->entries[0]);
    return ok;
}
