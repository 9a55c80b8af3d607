#include "core/question.h"

#include "base/utf8.h"
#include "core/tbs.h"

#include <stdlib.h>

static size_t text_total(const struct request *r)
{
    size_t total = r->origin.len + r->purpose.len + r->behalf_name.len + r->behalf_id.len +
                   r->behalf_mandate.len;
    for (size_t i = 0; i < r->n_docs; i++) {
        total += r->docs[i].name.len + r->docs[i].media_type.len + LIMIT_DIGEST;
    }
    return total;
}

/* utf8_append_safe never makes a text longer, so the room reserved once is enough and the spans
 * into it stay where they are. */
static enum err reserve(struct buf *store, size_t total)
{
    uint8_t *at;
    buf_init(store, total);
    enum err e = total > 0 ? buf_extend(store, total, &at) : ERR_OK;
    buf_truncate(store, 0);
    return e;
}

static enum err put_text(struct buf *store, struct span text, struct span *ret)
{
    size_t start = store->len;
    enum err e = utf8_append_safe(store, text);
    if (e == ERR_OK) {
        *ret = span_sub(buf_span(store), start, store->len);
    }
    return e;
}

static enum err put_document(struct buf *store, const struct request *r, const struct document *doc,
                             struct ask_document *ret)
{
    uint8_t digest[LIMIT_DIGEST];
    size_t start;
    /* Where the key decides the hash later, the person sees the one that people compare by. */
    ret->hash = r->has_hash ? r->hash : HASH_SHA256;
    ret->size = doc->has_content ? doc->content.len : doc->size;
    ret->has_content = doc->has_content;
    enum err e = put_text(store, doc->name, &ret->name);
    if (e == ERR_OK) {
        e = put_text(store, doc->media_type, &ret->media_type);
    }
    if (e == ERR_OK) {
        e = tbs_document(doc, ret->hash, digest);
    }
    start = store->len;
    if (e == ERR_OK) {
        e = buf_append(store, span_of(digest, alg_hash_len(ret->hash)));
    }
    if (e == ERR_OK) {
        ret->digest = span_sub(buf_span(store), start, store->len);
    }
    return e;
}

enum err question_make(const struct request *r, struct ask_question *ret)
{
    struct ask_question q = {.method = r->method, .lang = r->lang};
    enum err e = reserve(&q.store, text_total(r));
    if (e == ERR_OK && r->n_docs > 0) {
        q.docs = calloc(r->n_docs, sizeof q.docs[0]);
        q.n_docs = r->n_docs;
        e = q.docs == NULL ? ERR_NOMEM : ERR_OK;
    }
    const struct {
        struct span from;
        struct span *to;
    } texts[] = {
        {r->origin, &q.origin},
        {r->purpose, &q.purpose},
        {r->behalf_name, &q.behalf_name},
        {r->behalf_id, &q.behalf_id},
        {r->behalf_mandate, &q.behalf_mandate},
    };
    for (size_t i = 0; e == ERR_OK && i < sizeof texts / sizeof texts[0]; i++) {
        e = put_text(&q.store, texts[i].from, texts[i].to);
    }
    for (size_t i = 0; e == ERR_OK && i < r->n_docs; i++) {
        e = put_document(&q.store, r, &r->docs[i], &q.docs[i]);
    }
    if (e != ERR_OK) {
        ask_question_clear(&q);
        return e;
    }
    *ret = q;
    return ERR_OK;
}
