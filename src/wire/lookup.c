#include "wire/lookup.h"

#include "wire/record.h"

enum tag { TAG_CERT = 'C', TAG_ISSUER = 'I', TAG_ERROR = 'E', TAG_TIME = 'T' };

enum err lookup_pack_question(const struct lookup_question *q, struct buf *out)
{
    struct record_writer w;
    record_write_open(&w, out);
    record_put_span(&w, TAG_CERT, q->cert);
    record_put_span(&w, TAG_ISSUER, q->issuer);
    return record_write_close(&w);
}

enum err lookup_unpack_question(struct span record, struct lookup_question *ret)
{
    struct record_reader r;
    record_read_open(&r, record);
    ret->cert = record_take_span(&r, TAG_CERT, 1, LIMIT_CERT);
    ret->issuer = record_take_span(&r, TAG_ISSUER, 1, LIMIT_CERT);
    return record_read_close(&r);
}

enum err lookup_pack_answer(const struct lookup_answer *a, struct buf *out)
{
    struct record_writer w;
    record_write_open(&w, out);
    record_put_u64(&w, TAG_ERROR, (uint64_t)a->err);
    record_put_i64(&w, TAG_TIME, a->at);
    return record_write_close(&w);
}

static bool is_answer(enum err e)
{
    return e == ERR_OK || e == ERR_CERT_REVOKED || e == ERR_CERT_UNCHECKED;
}

enum err lookup_unpack_answer(struct span record, struct lookup_answer *ret)
{
    struct record_reader r;
    record_read_open(&r, record);
    ret->err = (enum err)record_take_u64(&r, TAG_ERROR, 0, ERR_COUNT - 1);
    ret->at = record_take_i64(&r, TAG_TIME, INT64_MIN, INT64_MAX);
    if (!is_answer(ret->err)) {
        record_fail(&r);
    }
    return record_read_close(&r);
}
