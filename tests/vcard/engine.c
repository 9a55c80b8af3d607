#include "engine.h"

#include "commands.h"

#include "base/wipe.h"

#define LE_MAX  256u
#define INS_PSO 0x2Au

enum err engine_open(struct engine *e, const char *folder)
{
    memset(e, 0, sizeof *e);
    buf_init(&e->pending, ENGINE_ANSWER_MAX);
    buf_init(&e->chain, ENGINE_CHAIN_MAX);
    enum err err = folder_open(&e->folder, folder);
    if (err == ERR_OK) {
        engine_reset(e);
    }
    return err;
}

void engine_close(struct engine *e)
{
    buf_clear(&e->pending);
    buf_clear(&e->chain);
    wipe(e->digest, sizeof e->digest);
    folder_close(&e->folder);
}

struct span engine_atr(const struct engine *e)
{
    return e->folder.profile->atr;
}

void engine_reset(struct engine *e)
{
    e->app = NULL;
    e->df = FID_MF;
    e->ef = e->folder.profile->n_files;
    e->env_set = false;
    e->digest_len = 0;
    e->dec_set = false;
    e->chaining = false;
    buf_clear(&e->chain);
    buf_truncate(&e->pending, 0);
    pins_forget(e);
}

/* Status word that tells a length: 00 stands for 256 and more. */
static unsigned with_length(unsigned sw, size_t len)
{
    return sw | (len > 0xFF ? 0u : (unsigned)len);
}

unsigned engine_get_response(struct engine *e, const struct apdu *a, struct buf *out)
{
    size_t have = e->pending.len;
    if (a->p1 != 0 || a->p2 != 0) {
        return SW_P1P2;
    }
    if (have == 0) {
        return SW_CONDITIONS;
    }
    if (a->le > have && a->le != LE_MAX) {
        return with_length(SW_LE, have);
    }
    size_t take = a->le < have ? a->le : have;
    if (buf_append(out, span_sub(buf_span(&e->pending), 0, take)) != ERR_OK) {
        return SW_INTERNAL;
    }
    buf_consume(&e->pending, take);
    return SW_OK;
}

static const struct command *find_command(const struct dialect *d, uint8_t ins)
{
    for (size_t i = 0; i < d->n_commands; i++) {
        if (d->commands[i].ins == ins) {
            return &d->commands[i];
        }
    }
    return NULL;
}

/* 0: well formed; else the status word that refuses. */
static unsigned refuse_shape(const struct command *c, const struct apdu *a, bool t1)
{
    bool data = a->data.len > 0;
    if (c->flow == FLOW_OUT) {
        return data && !c->takes_data ? SW_LENGTH : 0;
    }
    if (!data && a->p3 != 0) {
        return SW_LENGTH; /* Lc without its data */
    }
    if (a->has_le && (c->flow == FLOW_IN || (c->refuses_le && !t1))) {
        return SW_LENGTH;
    }
    return 0;
}

bool engine_inside(const struct engine *e)
{
    const struct profile *p = e->folder.profile;
    if (e->app != NULL && e->app->opens) {
        return true;
    }
    for (size_t i = 0; i < p->n_apps; i++) {
        if (e->df != FID_MF && p->apps[i].df == e->df) {
            return true; /* came here by identifier or path */
        }
    }
    return false;
}

/* A local key (bit 8 of the reference) exists only in the folder of its certificate. */
size_t engine_find_key(const struct engine *e, uint8_t ref)
{
    const struct profile *p = e->folder.profile;
    for (size_t i = 0; engine_inside(e) && i < e->folder.n_keys; i++) {
        bool local = (ref & 0x80) != 0;
        if (p->keys[i].ref == ref && (!local || p->keys[i].cert_df == e->df)) {
            return i;
        }
    }
    return p->n_keys;
}

bool *engine_pin_flag(struct engine *e, const struct profile_key *key)
{
    return &e->verified[folder_pin_find(&e->folder, key->pin_ref) - e->folder.pins];
}

/* T=0 has no place for an Le behind data (ISO 7816-3 §12.2): readers that let one through get their
 * answer at once, as vpcd does, unless the row says that the card won't. T=1 has: what no Le asks
 * for is not told. */
bool engine_at_once(const struct engine *e, const struct command *c, const struct apdu *a)
{
    if (e->t1) {
        return a->has_le || (a->data.len == 0 && !a->bare);
    }
    return a->data.len == 0 ? c->flow == FLOW_OUT : a->has_le && !c->waits;
}

static unsigned deliver(struct engine *e, const struct command *c, const struct apdu *a,
                        struct buf *data)
{
    bool at_once = engine_at_once(e, c, a);
    size_t now = at_once ? data->len : 0;
    if (e->t1 && !at_once) {
        buf_truncate(data, 0);
        return SW_OK;
    }
    if (now > a->le) {
        if (a->le != LE_MAX) {
            return with_length(SW_LE, data->len);
        }
        now = LE_MAX;
    }
    if (now < data->len) {
        if (buf_append(&e->pending, span_sub(buf_span(data), now, data->len)) != ERR_OK) {
            return SW_INTERNAL;
        }
        buf_truncate(data, now);
    }
    return e->pending.len == 0 ? SW_OK : with_length(SW_MORE, e->pending.len);
}

static unsigned play(struct engine *e, struct span command, struct buf *data)
{
    struct apdu a;
    if (apdu_parse(command, &a) != ERR_OK) {
        return SW_LENGTH;
    }
    bool may_chain = a.ins == INS_PSO && a.p1 == 0x80 && a.p2 == 0x86;
    if (!may_chain || !e->chaining) {
        buf_clear(&e->chain);
    }
    e->chaining = may_chain && a.cla == CLA_CHAINED;
    if (a.cla != 0x00 && !e->chaining) {
        return a.cla == CLA_CHAINED ? SW_NO_CHAIN : SW_CLA;
    }
    const struct command *c = find_command(e->folder.profile->dialect, a.ins);
    if (c == NULL) {
        return SW_INS;
    }
    if (a.ins != INS_GET_RESPONSE) {
        buf_truncate(&e->pending, 0);
    }
    unsigned sw = refuse_shape(c, &a, e->t1);
    if (sw == 0) {
        sw = c->run(e, &a, data);
    }
    return sw == SW_OK ? deliver(e, c, &a, data) : sw;
}

enum err engine_exchange(struct engine *e, struct span command, struct buf *answer)
{
    buf_truncate(answer, 0);
    unsigned sw = play(e, command, answer);
    if ((sw >> 8) != (SW_OK >> 8) && (sw >> 8) != (SW_MORE >> 8)) {
        buf_truncate(answer, 0);
    }
    return buf_append_u16be(answer, (uint16_t)sw);
}
