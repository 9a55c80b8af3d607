/* The directory files of the card (PKCS #15 / ISO 7816-15). */
#include "issue.h"

#include "der.h"

#include <string.h>

static const uint8_t dir[] = {0x61, 0x1A, 0x4F, 0x0C, 0xA0, 0x00, 0x00, 0x00, 0x63, 0x50,
                              0x4B, 0x43, 0x53, 0x2D, 0x31, 0x35, 0x50, 0x06, 0x46, 0x49,
                              0x4E, 0x45, 0x49, 0x44, 0x51, 0x02, 0x3F, 0x00};
/* PrKDF 4402, CDF 4403, AODF 4401. */
static const uint8_t odf[] = {0xA8, 0x08, 0x30, 0x06, 0x04, 0x04, 0x3F, 0x00, 0x44, 0x01,
                              0xA0, 0x08, 0x30, 0x06, 0x04, 0x04, 0x3F, 0x00, 0x44, 0x02,
                              0xA4, 0x08, 0x30, 0x06, 0x04, 0x04, 0x3F, 0x00, 0x44, 0x03};
/* PACE with ECDH-GM and ECDH-CAM, AES-256, parameter 16. */
static const uint8_t card_access[] = {
    0x31, 0x28, 0x30, 0x12, 0x06, 0x0A, 0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04,
    0x02, 0x04, 0x02, 0x01, 0x02, 0x02, 0x01, 0x10, 0x30, 0x12, 0x06, 0x0A, 0x04, 0x00,
    0x7F, 0x00, 0x07, 0x02, 0x02, 0x04, 0x06, 0x04, 0x02, 0x01, 0x02, 0x02, 0x01, 0x10};

static const uint8_t oid_sha256[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
static const uint8_t oid_sha384[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02};
static const uint8_t oid_sha512[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03};
static const uint8_t oid_mgf1[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08};
static const uint8_t oid_pss[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A};
static const uint8_t oid_ecdsa_sha256[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};
static const uint8_t oid_ecdsa_sha384[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03};

#define OID(o)                                                                                     \
    {                                                                                              \
        (o), sizeof(o)                                                                             \
    }
#define MECH_PSS   0x0Du /* PKCS #11 numbers */
#define MECH_ECDSA 0x1041u

struct alg_entry {
    unsigned mechanism;
    struct span oid;
    struct span hash; /* empty: no parameters */
    unsigned salt;
    unsigned reference;
};

/* That the parameters of PSS are a sequence is what some readers of this file stumble over. */
static const struct alg_entry supported[] = {
    {MECH_PSS, OID(oid_pss), OID(oid_sha256), 32, 0x45},
    {MECH_PSS, OID(oid_pss), OID(oid_sha384), 48, 0x55},
    {MECH_PSS, OID(oid_pss), OID(oid_sha512), 64, 0x65},
    {MECH_ECDSA, OID(oid_ecdsa_sha256), {NULL, 0}, 0, 0x44},
    {MECH_ECDSA, OID(oid_ecdsa_sha384), {NULL, 0}, 0, 0x54},
};

#define TRY(expression)                                                                            \
    do {                                                                                           \
        e = (expression);                                                                          \
        if (e != ERR_OK) {                                                                         \
            goto out;                                                                              \
        }                                                                                          \
    } while (0)

static enum err put_parameters(struct buf *out, const struct alg_entry *a)
{
    struct buf in;
    struct buf part;
    enum err e;
    buf_init(&in, DER_MAX);
    buf_init(&part, DER_MAX);
    if (a->hash.len == 0) {
        return der_put(out, DER_NULL, span_of(NULL, 0));
    }
    TRY(der_put(&part, DER_OID, a->hash));
    TRY(der_wrap(&in, DER_CONTEXT(0), &part));
    TRY(der_put(&part, DER_OID, span_of(oid_mgf1, sizeof oid_mgf1)));
    TRY(der_wrap(&in, DER_CONTEXT(1), &part));
    TRY(der_put_uint(&part, DER_INTEGER, a->salt));
    TRY(der_wrap(&in, DER_CONTEXT(2), &part));
    TRY(der_wrap(out, DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    buf_clear(&part);
    return e;
}

static enum err put_alg(struct buf *out, unsigned number, const struct alg_entry *a)
{
    static const uint8_t compute_signature[] = {0x06, 0x40};
    struct buf in;
    enum err e;
    buf_init(&in, DER_MAX);
    TRY(der_put_uint(&in, DER_INTEGER, number));
    TRY(der_put_uint(&in, DER_INTEGER, a->mechanism));
    TRY(put_parameters(&in, a));
    TRY(der_put(&in, DER_BITS, span_of(compute_signature, sizeof compute_signature)));
    TRY(der_put(&in, DER_OID, a->oid));
    TRY(der_put_uint(&in, DER_INTEGER, a->reference));
    TRY(der_wrap(out, DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    return e;
}

static enum err put_token_info(struct buf *out, const struct issue_order *o)
{
    static const uint8_t flags[] = {0x04, 0x30}; /* PRN generation, login required */
    struct buf in;
    struct buf algs;
    enum err e;
    buf_init(&in, DER_MAX);
    buf_init(&algs, DER_MAX);
    TRY(der_put_uint(&in, DER_INTEGER, 1));
    TRY(der_put(&in, DER_OCTETS, span_str(o->serial)));
    TRY(der_put_text(&in, DER_UTF8, "VRK-FINEID (Korttisilta TEST)"));
    TRY(der_put_text(&in, DER_VALUE(0), o->profile->token_label));
    TRY(der_put(&in, DER_BITS, span_of(flags, sizeof flags)));
    for (unsigned i = 0; i < sizeof supported / sizeof supported[0]; i++) {
        TRY(put_alg(&algs, i + 1, &supported[i]));
    }
    TRY(der_wrap(&in, DER_CONTEXT(2), &algs));
    TRY(der_wrap(out, DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    buf_clear(&algs);
    return e;
}

/* SEQUENCE { OCTET STRING path }. */
static enum err put_path(struct buf *out, uint16_t df, uint16_t fid)
{
    uint8_t path[6] = {0x3F, 0x00};
    size_t len = 2;
    struct buf in;
    enum err e;
    buf_init(&in, DER_MAX);
    if (df != FID_MF) {
        path[len++] = (uint8_t)(df >> 8);
        path[len++] = (uint8_t)df;
    }
    if (fid != 0) {
        path[len++] = (uint8_t)(fid >> 8);
        path[len++] = (uint8_t)fid;
    }
    TRY(der_put(&in, DER_OCTETS, span_of(path, len)));
    TRY(der_wrap(out, DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    return e;
}

/* CommonObjectAttributes: label, flags (private, modifiable as the two bits say), authId or 0. */
static enum err put_common(struct buf *out, const char *label, uint8_t flags, uint8_t auth_id)
{
    uint8_t bits[] = {0x06, flags};
    struct buf in;
    enum err e;
    buf_init(&in, DER_MAX);
    TRY(der_put_text(&in, DER_UTF8, label));
    TRY(der_put(&in, DER_BITS, span_of(bits, sizeof bits)));
    if (auth_id != 0) {
        TRY(der_put(&in, DER_OCTETS, span_of(&auth_id, 1)));
    }
    TRY(der_wrap(out, DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    return e;
}

static enum err put_id(struct buf *out, uint8_t id)
{
    struct buf in;
    enum err e;
    buf_init(&in, DER_MAX);
    TRY(der_put(&in, DER_OCTETS, span_of(&id, 1)));
    TRY(der_wrap(out, DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    return e;
}

/* [1] { SEQUENCE { body } }: the attributes of the object's own type. */
static enum err put_typed(struct buf *out, struct buf *body)
{
    struct buf in;
    enum err e;
    buf_init(&in, DER_MAX);
    TRY(der_wrap(&in, DER_SEQUENCE, body));
    TRY(der_wrap(out, DER_CONTEXT(1), &in));
out:
    buf_clear(&in);
    return e;
}

static enum err put_pin(struct buf *out, const struct profile_pin *pin)
{
    static const uint8_t pad = 0x00;
    struct buf in;
    struct buf body;
    enum err e;
    buf_init(&in, DER_MAX);
    buf_init(&body, DER_MAX);
    TRY(put_common(&in, pin->label, 0xC0, 0));
    TRY(put_id(&in, pin->id));
    TRY(der_put(&body, DER_BITS, span_of(pin->flags, sizeof pin->flags)));
    TRY(der_put_uint(&body, DER_ENUMERATED, 1)); /* ascii-numeric */
    TRY(der_put_uint(&body, DER_INTEGER, pin->min));
    TRY(der_put_uint(&body, DER_INTEGER, PROFILE_PIN_MAX));
    TRY(der_put_uint(&body, DER_INTEGER, pin->max));
    TRY(der_put(&body, DER_VALUE(0), span_of(&pin->ref, 1)));
    TRY(der_put(&body, DER_OCTETS, span_of(&pad, 1)));
    TRY(put_path(&body, pin->path, 0));
    TRY(put_typed(&in, &body));
    TRY(der_wrap(out, DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    buf_clear(&body);
    return e;
}

static enum err put_key(struct buf *out, const struct profile *p, const struct profile_key *key)
{
    static const uint8_t use_auth[] = {0x05, 0x20};       /* sign */
    static const uint8_t use_sign[] = {0x06, 0x00, 0x40}; /* nonRepudiation */
    bool ec = key->shape == SHAPE_P256 || key->shape == SHAPE_P384;
    struct buf in;
    struct buf body;
    enum err e;
    buf_init(&in, DER_MAX);
    buf_init(&body, DER_MAX);
    TRY(put_common(&in, key->label, 0x80, profile_pin_find(p, key->pin_ref)->id));
    TRY(der_put(&body, DER_OCTETS, span_of(&key->id, 1)));
    TRY(key->signs ? der_put(&body, DER_BITS, span_of(use_sign, sizeof use_sign))
                   : der_put(&body, DER_BITS, span_of(use_auth, sizeof use_auth)));
    TRY(der_put_uint(&body, DER_INTEGER, key->ref));
    TRY(der_wrap(&in, DER_SEQUENCE, &body));
    TRY(put_path(&body, FID_MF, 0));
    if (!ec) {
        TRY(der_put_uint(&body, DER_INTEGER, key->shape == SHAPE_RSA2048 ? 2048 : 3072));
    }
    TRY(put_typed(&in, &body));
    TRY(der_wrap(out, ec ? DER_CONTEXT(0) : DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    buf_clear(&body);
    return e;
}

static enum err put_cert(struct buf *out, const struct profile_key *key)
{
    struct buf in;
    struct buf body;
    enum err e;
    buf_init(&in, DER_MAX);
    buf_init(&body, DER_MAX);
    TRY(put_common(&in, key->signs ? "allekirjoitusvarmenne" : "todentamisvarmenne", 0x00, 0));
    TRY(put_id(&in, key->id));
    TRY(put_path(&body, key->cert_df, key->cert_fid));
    TRY(put_typed(&in, &body));
    TRY(der_wrap(out, DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    buf_clear(&body);
    return e;
}

static enum err put_x509(struct buf *out, X509 *cert)
{
    uint8_t *der = NULL;
    int len = i2d_X509(cert, &der);
    if (len <= 0) {
        return ERR_INTERNAL;
    }
    enum err e = buf_append(out, span_of(der, (size_t)len));
    OPENSSL_free(der);
    return e;
}

static enum err put_aodf(struct buf *out, const struct profile *p)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < p->n_pins && e == ERR_OK; i++) {
        e = put_pin(out, &p->pins[i]);
    }
    return e;
}

static enum err put_prkdf(struct buf *out, const struct profile *p)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < p->n_keys && e == ERR_OK; i++) {
        e = put_key(out, p, &p->keys[i]);
    }
    return e;
}

static enum err put_cdf(struct buf *out, const struct profile *p)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < p->n_keys && e == ERR_OK; i++) {
        e = put_cert(out, &p->keys[i]);
    }
    return e;
}

enum err issue_file(const struct issue_order *o, const struct profile_file *f,
                    const struct issue_ca *ca, X509 *const *certs, struct buf *out)
{
    const struct profile *p = o->profile;
    switch (f->content) {
    case CONTENT_CARD_ACCESS:
        return buf_append(out, span_of(card_access, sizeof card_access));
    case CONTENT_DIR:
        return buf_append(out, span_of(dir, sizeof dir));
    case CONTENT_ODF:
        return buf_append(out, span_of(odf, sizeof odf));
    case CONTENT_TOKEN_INFO:
        return put_token_info(out, o);
    case CONTENT_AODF:
        return put_aodf(out, p);
    case CONTENT_PRKDF:
        return put_prkdf(out, p);
    case CONTENT_CDF:
        return put_cdf(out, p);
    case CONTENT_KEY_CERT:
        return put_x509(out, certs[profile_key_of_file(p, f) - p->keys]);
    case CONTENT_CA_CERT:
        return put_x509(out, ca->issuing);
    case CONTENT_ROOT_CERT:
        return put_x509(out, ca->root);
    }
    return ERR_INTERNAL;
}
