#include "core/signed_file.h"

#include "base/enc.h"
#include "crypto/pdf_signature.h"

#include <stdio.h>
#include <stdlib.h>

#define PIECE (64u * 1024)

bool signed_file_read(const char *path, size_t max, struct buf *ret)
{
    FILE *in = fopen(path, "rb");
    bool ok = in != NULL;
    buf_init(ret, max + 1);
    for (size_t got = PIECE; ok && got > 0;) {
        size_t room = ret->max - ret->len < PIECE ? ret->max - ret->len : PIECE;
        uint8_t *at = NULL;
        ok = room > 0 && buf_extend(ret, room, &at) == ERR_OK;
        if (ok) {
            got = fread(at, 1, room, in);
            buf_truncate(ret, ret->len - (room - got));
            ok = ferror(in) == 0;
        }
    }
    if (in != NULL) {
        fclose(in);
    }
    return ok && ret->len <= max;
}

static enum err add_rows(struct signed_file *f, size_t n)
{
    f->rows = calloc(n > 0 ? n : 1, sizeof *f->rows);
    if (f->rows == NULL) {
        return ERR_NOMEM;
    }
    f->n = n;
    for (size_t i = 0; i < n; i++) {
        signed_by_init(&f->rows[i].by);
    }
    return ERR_OK;
}

/* One signer, and no content inside: what stands in Contents is over the file (ISO 32000-2
 * §12.8.3.3). Else the row stays unreadable. */
static enum err judge_pdf(struct span file, const struct pdf_signature *s,
                          const struct chain_pool *pool, int64_t now, struct signed_row *row)
{
    struct span parts[2] = {s->before, s->after};
    struct signed_data *data = NULL;
    struct buf der;
    buf_init(&der, LIMIT_PDF_OBJECT);
    row->sub_filter = s->sub_filter;
    row->said_at = s->said_at;
    row->covers = file.len - s->added;
    row->added = s->added;
    bool is_known = span_is(s->sub_filter, "ETSI.CAdES.detached") ||
                    span_is(s->sub_filter, "adbe.pkcs7.detached");
    enum err e = is_known ? enc_hex_decode(s->contents, &der) : ERR_UNSUPPORTED;
    if (e == ERR_OK) {
        e = signed_data_open(buf_span(&der), true, &data);
    }
    if (e == ERR_OK && signed_data_signers(data) == 1 && signed_data_content(data).at == NULL) {
        e = signed_data_judge(data, 0, parts, 2, pool, now, &row->by);
        row->said_at = row->by.said_at != 0 ? row->by.said_at : row->said_at;
    }
    signed_data_free(&data);
    buf_clear(&der);
    return e == ERR_NOMEM ? e : ERR_OK;
}

static enum err open_pdf(struct signed_file *f, const struct chain_pool *pool, int64_t now)
{
    struct span file = buf_span(&f->bytes);
    struct pdf_signature *found = calloc(LIMIT_PDF_SIGNATURES, sizeof *found);
    size_t n = 0;
    enum err e = found == NULL ? ERR_NOMEM : pdf_signature_find(file, found, &n);
    if (e == ERR_TOO_LARGE) {
        n = 1; /* a row that can't be judged */
        found[0] = (struct pdf_signature){0};
        e = ERR_OK;
    }
    if (e == ERR_OK) {
        e = add_rows(f, n);
    }
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        if (found[i].readable) {
            e = judge_pdf(file, &found[i], pool, now, &f->rows[i]);
        }
    }
    free(found);
    return e;
}

/* What is inside and what was given beside it must be the same document. */
static enum err judge_cms(struct signed_file *f, struct signed_data *data, struct span beside,
                          const struct chain_pool *pool, int64_t now)
{
    struct span inside = signed_data_content(data);
    bool differ = inside.at != NULL && beside.at != NULL && !span_eq(inside, beside);
    struct span content = inside.at != NULL ? inside : beside;
    enum err e = add_rows(f, signed_data_signers(data));
    for (size_t i = 0; e == ERR_OK && i < f->n; i++) {
        struct signed_row *row = &f->rows[i];
        e = signed_data_judge(data, i, &content, 1, pool, now, &row->by);
        row->said_at = row->by.said_at;
        row->covers = content.len;
        if (differ && row->by.state == SIGNED_HOLDS) {
            row->by.state = SIGNED_CHANGED;
        }
    }
    return e;
}

static enum signed_problem open_cms(struct signed_file *f, const char *content_path,
                                    const struct chain_pool *pool, int64_t now)
{
    struct signed_data *data = NULL;
    enum signed_problem problem = PROBLEM_NONE;
    enum err e = signed_data_open(buf_span(&f->bytes), false, &data);
    if (e == ERR_OK && content_path != NULL &&
        !signed_file_read(content_path, LIMIT_VERIFY, &f->content)) {
        problem = PROBLEM_CONTENT;
    } else if (e == ERR_OK && content_path == NULL && signed_data_content(data).at == NULL) {
        problem = PROBLEM_NO_CONTENT;
    } else if (e == ERR_OK) {
        /* an empty document is one too */
        struct span beside = content_path == NULL    ? span_of(NULL, 0)
                             : f->content.at == NULL ? span_of("", 0)
                                                     : buf_span(&f->content);
        e = judge_cms(f, data, beside, pool, now);
    }
    signed_data_free(&data);
    return e == ERR_NOMEM ? PROBLEM_MEMORY : problem;
}

enum signed_problem signed_file_open(const char *path, const char *content_path,
                                     const struct chain_pool *pool, int64_t now,
                                     struct signed_file *ret)
{
    *ret = (struct signed_file){0};
    if (!signed_file_read(path, LIMIT_VERIFY, &ret->bytes)) {
        return PROBLEM_FILE;
    }
    ret->is_pdf = pdf_is_one(buf_span(&ret->bytes));
    if (!ret->is_pdf) {
        return open_cms(ret, content_path, pool, now);
    }
    if (content_path != NULL) {
        return PROBLEM_NOT_WANTED;
    }
    return open_pdf(ret, pool, now) == ERR_OK ? PROBLEM_NONE : PROBLEM_MEMORY;
}

void signed_file_clear(struct signed_file *f)
{
    for (size_t i = 0; i < f->n; i++) {
        signed_by_clear(&f->rows[i].by);
    }
    free(f->rows);
    buf_clear(&f->bytes);
    buf_clear(&f->content);
    *f = (struct signed_file){0};
}

static bool any(const struct signed_file *f, enum signed_state state)
{
    for (size_t i = 0; i < f->n; i++) {
        if (f->rows[i].by.state == state) {
            return true;
        }
    }
    return false;
}

enum signed_verdict signed_file_verdict(const struct signed_file *f)
{
    bool all_trusted = true;
    bool covers_all = false;
    for (size_t i = 0; i < f->n; i++) {
        all_trusted = all_trusted && f->rows[i].by.trust == TRUST_FULL;
        covers_all = covers_all || f->rows[i].added == 0;
    }
    if (any(f, SIGNED_CHANGED)) {
        return VERDICT_CHANGED;
    }
    if (f->n == 0 || any(f, SIGNED_UNREADABLE)) {
        return VERDICT_UNREADABLE;
    }
    return !all_trusted ? VERDICT_UNTRUSTED : covers_all ? VERDICT_HOLDS : VERDICT_ADDED;
}
