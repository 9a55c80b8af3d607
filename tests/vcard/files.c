/* SELECT and READ BINARY. */
#include "commands.h"

#define TAG_FCI 0x6Fu
#define TAG_FCP 0x62u
#define AID_MAX 16u /* ISO 7816-4 §8.2.1.2 */

/* Where a SELECT leads to. */
struct place {
    uint16_t df;
    size_t ef; /* n_files: the folder itself */
};

static size_t no_file(const struct engine *e)
{
    return e->folder.profile->n_files;
}

/* A file without content was not issued (vcard-issue --certs). */
static bool sees(const struct engine *e, size_t file)
{
    const struct profile_file *f = &e->folder.profile->files[file];
    if (e->folder.files[file].len == 0) {
        return false;
    }
    return f->scope == SCOPE_MF || (e->app != NULL && e->app->opens) ||
           (f->df != FID_MF && f->df == e->df);
}

static bool find_ef(const struct engine *e, uint16_t df, uint16_t fid, struct place *ret)
{
    for (size_t i = 0; i < no_file(e); i++) {
        const struct profile_file *f = &e->folder.profile->files[i];
        if (f->df == df && f->fid == fid && sees(e, i)) {
            *ret = (struct place){df, i};
            return true;
        }
    }
    return false;
}

/* A folder is there when one of its files is; all stand below the MF. */
static bool find_df(const struct engine *e, uint16_t parent, uint16_t fid, struct place *ret)
{
    for (size_t i = 0; parent == FID_MF && fid != FID_MF && i < no_file(e); i++) {
        if (e->folder.profile->files[i].df == fid && sees(e, i)) {
            *ret = (struct place){fid, no_file(e)};
            return true;
        }
    }
    return false;
}

static uint16_t fid_at(struct span s, size_t at)
{
    return (uint16_t)(s.at[at] << 8 | s.at[at + 1]);
}

/* P1=00: MF, folder or file by its identifier; empty data is the MF. */
static bool by_fid(const struct engine *e, struct span data, struct place *ret)
{
    if (data.len == 0 || fid_at(data, 0) == FID_MF) {
        *ret = (struct place){FID_MF, no_file(e)};
        return true;
    }
    uint16_t fid = fid_at(data, 0);
    return find_df(e, FID_MF, fid, ret) || find_ef(e, e->df, fid, ret);
}

static bool by_child_df(const struct engine *e, struct span data, struct place *ret)
{
    return data.len > 0 && find_df(e, e->df, fid_at(data, 0), ret);
}

static bool by_child_ef(const struct engine *e, struct span data, struct place *ret)
{
    return data.len > 0 && find_ef(e, e->df, fid_at(data, 0), ret);
}

/* One step down a path; 3F00 only at its head. A file has nothing below it. */
static bool step(const struct engine *e, bool first, uint16_t fid, struct place *at)
{
    if (first && fid == FID_MF) {
        *at = (struct place){FID_MF, no_file(e)};
        return true;
    }
    return at->ef == no_file(e) && (find_df(e, at->df, fid, at) || find_ef(e, at->df, fid, at));
}

static bool walk(const struct engine *e, uint16_t from, struct span path, struct place *ret)
{
    struct place here = {from, no_file(e)};
    for (size_t at = 0; at < path.len; at += 2) {
        if (!step(e, at == 0, fid_at(path, at), &here)) {
            return false;
        }
    }
    *ret = here;
    return true;
}

static bool by_path_from_mf(const struct engine *e, struct span data, struct place *ret)
{
    return walk(e, FID_MF, data, ret);
}

static bool by_path_from_df(const struct engine *e, struct span data, struct place *ret)
{
    return walk(e, e->df, data, ret);
}

static const struct {
    uint8_t p1;
    bool one_fid; /* two bytes, or none */
    bool (*find)(const struct engine *e, struct span data, struct place *ret);
} ways[] = {
    {0x00, true, by_fid},           {0x01, true, by_child_df},      {0x02, true, by_child_ef},
    {0x08, false, by_path_from_mf}, {0x09, false, by_path_from_df},
};

/* SELECT by name begins a new session with the application: what was verified is forgotten, except
 * on cards whose PINs are global. */
static bool select_application(struct engine *e, struct span aid)
{
    const struct profile *p = e->folder.profile;
    bool verified[FOLDER_PINS];
    memcpy(verified, e->verified, sizeof verified);
    for (size_t i = 0; i < p->n_apps; i++) {
        if (!span_eq(p->apps[i].aid, aid)) {
            continue;
        }
        engine_reset(e);
        e->app = &p->apps[i];
        e->df = e->app->df;
        if (p->dialect->verified_survives) {
            memcpy(e->verified, verified, sizeof verified);
        }
        return true;
    }
    return false;
}

static unsigned template_append(struct buf *out, uint8_t tag, struct span body)
{
    bool ok = buf_append_u8(out, tag) == ERR_OK &&
              buf_append_u8(out, (uint8_t)body.len) == ERR_OK && buf_append(out, body) == ERR_OK;
    return ok ? SW_OK : SW_INTERNAL;
}

static unsigned describe_ef(const struct engine *e, uint8_t tag, struct buf *out)
{
    size_t size = e->folder.files[e->ef].len;
    uint16_t fid = e->folder.profile->files[e->ef].fid;
    uint8_t body[] = {0x81, 2, (uint8_t)(size >> 8), (uint8_t)size, 0x82, 1, 0x01,
                      0x83, 2, (uint8_t)(fid >> 8),  (uint8_t)fid};
    return template_append(out, tag, span_of(body, sizeof body));
}

static unsigned describe_df(const struct engine *e, uint8_t tag, bool with_name, struct buf *out)
{
    uint8_t body[9 + AID_MAX] = {0x82, 1, 0x38, 0x83, 2, (uint8_t)(e->df >> 8), (uint8_t)e->df};
    size_t len = 7;
    if (with_name) {
        struct span aid = e->app->aid;
        body[7] = 0x84;
        body[8] = (uint8_t)aid.len;
        memcpy(body + 9, aid.at, aid.len);
        len += 2 + aid.len;
    }
    return template_append(out, tag, span_of(body, len));
}

static unsigned describe(const struct engine *e, const struct apdu *a, struct buf *out)
{
    uint8_t tag = a->p2 == 0x00 ? TAG_FCI : TAG_FCP;
    if (a->p2 == 0x0C) {
        return SW_OK;
    }
    return e->ef == no_file(e) ? describe_df(e, tag, a->p1 == 0x04, out) : describe_ef(e, tag, out);
}

/* 9000 all the same on some cards; then there is nothing to read. */
static unsigned lose_file(struct engine *e, const struct apdu *a)
{
    if (a->p1 != 0x00 || !e->folder.profile->dialect->absent_selects) {
        return SW_NO_FILE;
    }
    e->ef = no_file(e);
    return SW_OK;
}

static unsigned go(struct engine *e, const struct apdu *a)
{
    struct place to;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (ways[i].p1 != a->p1) {
            continue;
        }
        if (a->data.len % 2 != 0 || (ways[i].one_fid && a->data.len > 2)) {
            return SW_LENGTH;
        }
        if (!ways[i].find(e, a->data, &to)) {
            return lose_file(e, a);
        }
        e->df = to.df;
        e->ef = to.ef;
        return SW_OK;
    }
    return SW_P1P2;
}

unsigned files_select(struct engine *e, const struct apdu *a, struct buf *out)
{
    unsigned sw = SW_OK;
    if (a->p2 != 0x00 && a->p2 != 0x04 && a->p2 != 0x0C) {
        return SW_P1P2;
    }
    if (a->p1 == 0x04) {
        sw = select_application(e, a->data) ? SW_OK : SW_NO_FILE;
    } else {
        sw = go(e, a);
    }
    return sw == SW_OK ? describe(e, a, out) : sw;
}

unsigned files_read_binary(struct engine *e, const struct apdu *a, struct buf *out)
{
    if (a->p1 & 0x80) {
        return SW_NO_FILE; /* short identifiers: this card has none */
    }
    if (e->ef == no_file(e)) {
        return SW_NO_EF;
    }
    struct span file = buf_span(&e->folder.files[e->ef]);
    size_t offset = (size_t)(a->p1 << 8 | a->p2);
    if (offset >= file.len) {
        return SW_OFFSET;
    }
    size_t left = file.len - offset;
    if (a->le > left && a->le != 256) {
        unsigned sw = e->folder.profile->sw_overlong_read;
        return sw == SW_LE ? SW_LE | (unsigned)left : sw;
    }
    return buf_append(out, span_sub(file, offset, a->le)) == ERR_OK ? SW_OK : SW_INTERNAL;
}
