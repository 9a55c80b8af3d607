/* TokenInfo: serial number, maker, label, and the algorithms with their numbers for MSE SET. */
#include "issue.h"

#include "der.h"

static const uint8_t oid_mgf1[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08};

static enum err put_parameters(struct buf *out, const struct profile_alg *a)
{
    struct buf in;
    struct buf part;
    enum err e;
    buf_init(&in, DER_MAX);
    buf_init(&part, DER_MAX);
    if (a->hash.len == 0) {
        return der_put(out, DER_NULL, span_of(NULL, 0));
    }
    DER_TRY(der_put(&part, DER_OID, a->hash));
    DER_TRY(der_wrap(&in, DER_CONTEXT(0), &part));
    DER_TRY(der_put(&part, DER_OID, span_of(oid_mgf1, sizeof oid_mgf1)));
    DER_TRY(der_wrap(&in, DER_CONTEXT(1), &part));
    if (a->salt > 0) {
        DER_TRY(der_put_uint(&part, DER_INTEGER, a->salt));
        DER_TRY(der_wrap(&in, DER_CONTEXT(2), &part));
    }
    DER_TRY(der_wrap(out, DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    buf_clear(&part);
    return e;
}

static enum err put_alg(struct buf *out, unsigned number, const struct profile_alg *a,
                        bool deciphers)
{
    static const uint8_t operations[2][2] = {{0x06, 0x40}, {0x02, 0x04}}; /* sign, decipher */
    struct buf in;
    enum err e;
    buf_init(&in, DER_MAX);
    DER_TRY(der_put_uint(&in, DER_INTEGER, number));
    DER_TRY(der_put_uint(&in, DER_INTEGER, a->mechanism));
    DER_TRY(put_parameters(&in, a));
    DER_TRY(der_put(&in, DER_BITS, span_of(operations[deciphers], 2)));
    DER_TRY(der_put(&in, DER_OID, a->oid));
    DER_TRY(der_put_uint(&in, DER_INTEGER, a->reference));
    DER_TRY(der_wrap(out, DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    return e;
}

enum err issue_token_info(const struct issue_order *o, struct buf *out)
{
    static const uint8_t flags[] = {0x04, 0x30}; /* PRN generation, login required */
    struct buf in;
    struct buf algs;
    enum err e;
    buf_init(&in, DER_MAX);
    buf_init(&algs, DER_MAX);
    DER_TRY(der_put_uint(&in, DER_INTEGER, 1));
    DER_TRY(der_put(&in, DER_OCTETS, span_str(o->serial)));
    DER_TRY(der_put_text(&in, DER_UTF8, o->profile->manufacturer));
    DER_TRY(der_put_text(&in, DER_VALUE(0), o->profile->token_label));
    DER_TRY(der_put(&in, DER_BITS, span_of(flags, sizeof flags)));
    for (unsigned i = 0; i < o->profile->n_algs; i++) {
        DER_TRY(put_alg(&algs, i + 1, &o->profile->algs[i], false));
    }
    for (unsigned i = 0; i < o->profile->n_decs; i++) {
        DER_TRY(put_alg(&algs, (unsigned)o->profile->n_algs + i + 1, &o->profile->decs[i], true));
    }
    DER_TRY(der_wrap(&in, DER_CONTEXT(2), &algs));
    DER_TRY(der_wrap(out, DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    buf_clear(&algs);
    return e;
}
