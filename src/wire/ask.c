#include "wire/ask.h"

#include "base/utf8.h"
#include "wire/record.h"

#include <stdlib.h>

/* Both ends are of one build, so a record has no version; its fields stand in the order of the
 * struct. The first tag of a record tells what it is. */
enum tag {
    TAG_QUESTION = 'Q',
    TAG_STATE = 'S',
    TAG_ANSWER = 'A',
    TAG_DOCUMENT = 'D',
    TAG_CERT = 'C',
    TAG_NUMBER = 'n',
    TAG_TEXT = 't',
    TAG_PIN = 'p',
};

void ask_question_clear(struct ask_question *q)
{
    free(q->docs);
    buf_clear(&q->store);
    *q = (struct ask_question){.method = METHOD_AUTHENTICATE};
}

void ask_state_clear(struct ask_state *s)
{
    buf_clear(&s->store);
    *s = (struct ask_state){.phase = ASK_READING};
}

void ask_answer_clear(struct ask_answer *a)
{
    secret_free(&a->pin);
    *a = (struct ask_answer){.verb = ASK_CANCEL};
}

static void put_number(struct record_writer *w, uint64_t value)
{
    record_put_u64(w, TAG_NUMBER, value);
}

static void put_text(struct record_writer *w, struct span text, size_t max)
{
    if (text.len > max && w->err == ERR_OK) {
        w->err = ERR_TOO_LARGE;
    }
    record_put_span(w, TAG_TEXT, text);
}

static uint64_t take_number(struct record_reader *r, uint64_t max)
{
    return record_take_u64(r, TAG_NUMBER, 0, max);
}

static struct span take_text(struct record_reader *r, size_t max)
{
    struct span text = record_take_span(r, TAG_TEXT, 0, max);
    if (!utf8_valid(text)) {
        record_fail(r);
    }
    return text;
}

/* Visible ASCII, at least one: origins and media types. */
static struct span take_ascii(struct record_reader *r, size_t max)
{
    struct span text = record_take_span(r, TAG_TEXT, 1, max);
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] <= ' ' || text.at[i] >= 0x7F) {
            record_fail(r);
        }
    }
    return text;
}

/* Copies the record into `store`, which the spans of the result will point into. */
static enum err open_copy(struct record_reader *r, struct span record, struct buf *store)
{
    if (record.len > LIMIT_ASK) {
        return ERR_MALFORMED;
    }
    buf_init(store, LIMIT_ASK);
    enum err e = buf_append(store, record);
    record_read_open(r, buf_span(store));
    return e;
}

static void put_document(struct record_writer *w, const struct ask_document *d)
{
    size_t mark = record_begin(w, TAG_DOCUMENT);
    put_text(w, d->name, LIMIT_DOC_NAME);
    put_text(w, d->media_type, LIMIT_MEDIA_TYPE);
    put_number(w, d->size);
    put_number(w, (uint64_t)d->hash);
    put_text(w, d->digest, LIMIT_DIGEST);
    put_number(w, d->has_content);
    record_end(w, mark);
}

static void take_document(struct record_reader *outer, struct ask_document *d)
{
    struct record_reader r = record_enter(outer, TAG_DOCUMENT);
    d->name = take_text(&r, LIMIT_DOC_NAME);
    d->media_type = take_ascii(&r, LIMIT_MEDIA_TYPE);
    d->size = take_number(&r, UINT64_MAX);
    d->hash = (enum hash_alg)take_number(&r, HASH_COUNT - 1);
    d->digest = record_take_span(&r, TAG_TEXT, alg_hash_len(d->hash), alg_hash_len(d->hash));
    d->has_content = record_take_bool(&r, TAG_NUMBER);
    record_leave(outer, &r);
}

enum err ask_pack_question(const struct ask_question *q, struct buf *out)
{
    struct record_writer w;
    record_write_open(&w, out);
    size_t mark = record_begin(&w, TAG_QUESTION);
    put_number(&w, (uint64_t)q->method);
    put_number(&w, (uint64_t)q->lang);
    put_text(&w, q->origin, LIMIT_ORIGIN);
    put_text(&w, q->purpose, LIMIT_PURPOSE);
    put_text(&w, q->behalf_name, LIMIT_BEHALF);
    put_text(&w, q->behalf_id, LIMIT_BEHALF);
    put_text(&w, q->behalf_mandate, LIMIT_BEHALF);
    put_number(&w, q->n_docs);
    if (q->n_docs > LIMIT_DOCS && w.err == ERR_OK) {
        w.err = ERR_TOO_LARGE;
    }
    for (size_t i = 0; w.err == ERR_OK && i < q->n_docs; i++) {
        put_document(&w, &q->docs[i]);
    }
    record_end(&w, mark);
    return record_write_close(&w);
}

/* Only a signature has documents, and it has at least one. */
static enum err take_documents(struct record_reader *r, struct ask_question *q)
{
    bool sign = q->method == METHOD_SIGN;
    size_t n = (size_t)record_take_u64(r, TAG_NUMBER, sign ? 1 : 0, sign ? LIMIT_DOCS : 0);
    if (r->err != ERR_OK || n == 0) {
        return ERR_OK;
    }
    q->docs = calloc(n, sizeof *q->docs);
    if (q->docs == NULL) {
        return ERR_NOMEM;
    }
    q->n_docs = n;
    for (size_t i = 0; i < n; i++) {
        take_document(r, &q->docs[i]);
    }
    return ERR_OK;
}

static enum err take_question(struct record_reader *outer, struct ask_question *q)
{
    struct record_reader r = record_enter(outer, TAG_QUESTION);
    q->method = (enum method)take_number(&r, METHOD_SUBSCRIBE);
    q->lang = (enum lang)take_number(&r, LANG_COUNT - 1);
    q->origin = take_ascii(&r, LIMIT_ORIGIN);
    q->purpose = take_text(&r, LIMIT_PURPOSE);
    q->behalf_name = take_text(&r, LIMIT_BEHALF);
    q->behalf_id = take_text(&r, LIMIT_BEHALF);
    q->behalf_mandate = take_text(&r, LIMIT_BEHALF);
    enum err e = take_documents(&r, q);
    record_leave(outer, &r);
    return e;
}

enum err ask_unpack_question(struct span record, struct ask_question *q)
{
    struct record_reader r;
    enum err e = open_copy(&r, record, &q->store);
    if (e == ERR_OK) {
        e = take_question(&r, q);
    }
    if (e == ERR_OK) {
        e = record_read_close(&r);
    }
    if (e != ERR_OK) {
        ask_question_clear(q);
    }
    return e;
}

static void put_cert(struct record_writer *w, const struct ask_cert *c)
{
    size_t mark = record_begin(w, TAG_CERT);
    put_text(w, c->holder, LIMIT_CERT_TEXT);
    put_text(w, c->person_id, LIMIT_CERT_TEXT);
    put_number(w, (uint64_t)c->id_kind);
    put_text(w, c->employer, LIMIT_CERT_TEXT);
    put_text(w, c->issuer, LIMIT_CERT_TEXT);
    put_text(w, c->reader, LIMIT_READER_NAME);
    record_put_i64(w, TAG_NUMBER, c->not_before);
    record_put_i64(w, TAG_NUMBER, c->not_after);
    put_number(w, (uint64_t)c->usable);
    put_number(w, (uint64_t)c->status);
    put_number(w, c->pin_index);
    put_number(w, c->pin_min);
    put_number(w, c->pin_max);
    record_put_i64(w, TAG_NUMBER, c->tries_left);
    put_number(w, c->on_reader);
    record_end(w, mark);
}

static void take_cert(struct record_reader *outer, struct ask_cert *c)
{
    struct record_reader r = record_enter(outer, TAG_CERT);
    c->holder = take_text(&r, LIMIT_CERT_TEXT);
    c->person_id = take_text(&r, LIMIT_CERT_TEXT);
    c->id_kind = (enum id_kind)take_number(&r, ID_KINDS - 1);
    c->employer = take_text(&r, LIMIT_CERT_TEXT);
    c->issuer = take_text(&r, LIMIT_CERT_TEXT);
    c->reader = take_text(&r, LIMIT_READER_NAME);
    c->not_before = record_take_i64(&r, TAG_NUMBER, INT64_MIN, INT64_MAX);
    c->not_after = record_take_i64(&r, TAG_NUMBER, INT64_MIN, INT64_MAX);
    c->usable = (enum ask_usable)take_number(&r, ASK_REVOKED);
    c->status = (enum ask_status)take_number(&r, STATUS_COUNT - 1);
    c->pin_index = (uint8_t)record_take_u64(&r, TAG_NUMBER, 1, 2);
    c->pin_min = (uint8_t)record_take_u64(&r, TAG_NUMBER, LIMIT_PIN_MIN, LIMIT_PIN_MAX);
    c->pin_max = (uint8_t)record_take_u64(&r, TAG_NUMBER, c->pin_min, LIMIT_PIN_MAX);
    c->tries_left = (int8_t)record_take_i64(&r, TAG_NUMBER, -1, INT8_MAX);
    c->on_reader = record_take_bool(&r, TAG_NUMBER);
    record_leave(outer, &r);
}

enum err ask_pack_state(const struct ask_state *s, struct buf *out)
{
    struct record_writer w;
    record_write_open(&w, out);
    size_t mark = record_begin(&w, TAG_STATE);
    put_number(&w, s->serial);
    put_number(&w, (uint64_t)s->phase);
    put_number(&w, (uint64_t)s->error);
    put_number(&w, s->needs_pin);
    put_number(&w, s->n_certs);
    if (s->n_certs > LIMIT_CERTS && w.err == ERR_OK) {
        w.err = ERR_TOO_LARGE;
    }
    for (size_t i = 0; w.err == ERR_OK && i < s->n_certs; i++) {
        put_cert(&w, &s->certs[i]);
    }
    put_number(&w, s->selected);
    put_number(&w, s->total);
    put_number(&w, s->done);
    put_number(&w, s->can_stop);
    put_number(&w, s->can_check);
    record_end(&w, mark);
    return record_write_close(&w);
}

static void take_state(struct record_reader *outer, struct ask_state *s)
{
    struct record_reader r = record_enter(outer, TAG_STATE);
    s->serial = (uint32_t)take_number(&r, UINT32_MAX);
    s->phase = (enum ask_phase)take_number(&r, ASK_ENDED);
    s->error = (enum err)take_number(&r, ERR_COUNT - 1);
    s->needs_pin = record_take_bool(&r, TAG_NUMBER);
    s->n_certs = (size_t)take_number(&r, LIMIT_CERTS);
    for (size_t i = 0; i < s->n_certs; i++) {
        take_cert(&r, &s->certs[i]);
    }
    s->selected = (size_t)take_number(&r, s->n_certs > 0 ? s->n_certs - 1 : 0);
    s->total = (uint32_t)take_number(&r, LIMIT_DOCS);
    s->done = (uint32_t)take_number(&r, s->total);
    s->can_stop = record_take_bool(&r, TAG_NUMBER);
    s->can_check = record_take_bool(&r, TAG_NUMBER);
    record_leave(outer, &r);
}

enum err ask_unpack_state(struct span record, struct ask_state *s)
{
    struct record_reader r;
    enum err e = open_copy(&r, record, &s->store);
    if (e == ERR_OK) {
        take_state(&r, s);
        e = record_read_close(&r);
    }
    if (e != ERR_OK) {
        ask_state_clear(s);
    }
    return e;
}

enum err ask_pack_answer(const struct ask_answer *a, struct buf *out)
{
    struct record_writer w;
    record_write_open(&w, out);
    size_t mark = record_begin(&w, TAG_ANSWER);
    put_number(&w, (uint64_t)a->verb);
    put_number(&w, a->serial);
    put_number(&w, a->cert);
    put_number(&w, a->last_try_agreed);
    if (a->cert >= LIMIT_CERTS && w.err == ERR_OK) {
        w.err = ERR_TOO_LARGE;
    }
    if (a->pin != NULL) {
        record_put_span(&w, TAG_PIN, secret_span(a->pin));
        if (secret_len(a->pin) > LIMIT_PIN_MAX && w.err == ERR_OK) {
            w.err = ERR_TOO_LARGE;
        }
    }
    record_end(&w, mark);
    return record_write_close(&w);
}

static enum err take_pin(struct record_reader *r, struct ask_answer *a)
{
    struct span digits = record_take_span(r, TAG_PIN, 0, LIMIT_PIN_MAX);
    if (a->verb != ASK_CONFIRM) {
        record_fail(r);
    }
    enum err e = secret_new(&a->pin);
    for (size_t i = 0; e == ERR_OK && i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9') {
            record_fail(r);
            break;
        }
        e = secret_push(a->pin, digits.at[i]);
    }
    return e;
}

/* Nothing is copied: the record may hold a PIN, and the answer needs none of its bytes. */
enum err ask_unpack_answer(struct span record, struct ask_answer *a)
{
    enum err e = ERR_OK;
    struct record_reader outer;
    record_read_open(&outer, record);
    struct record_reader r = record_enter(&outer, TAG_ANSWER);
    a->verb = (enum ask_verb)take_number(&r, ASK_CHECK);
    a->serial = (uint32_t)take_number(&r, UINT32_MAX);
    a->cert = (size_t)take_number(&r, LIMIT_CERTS - 1);
    a->last_try_agreed = record_take_bool(&r, TAG_NUMBER);
    if (record_next_is(&r, TAG_PIN)) {
        e = take_pin(&r, a);
    }
    record_leave(&outer, &r);
    if (e == ERR_OK) {
        e = record_read_close(&outer);
    }
    if (e != ERR_OK) {
        ask_answer_clear(a);
    }
    return e;
}
