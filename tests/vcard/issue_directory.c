/* The directory files of the card (PKCS #15 / ISO 7816-15). */
#include "issue.h"

#include "der.h"

#define NO_FILE 0u

/* Path of a file, or with NO_FILE of its folder: from 3F00 on, or the last identifier alone on
 * cards whose directories are relative. Returns its length. */
static size_t path_of(const struct profile *p, uint16_t df, uint16_t fid, uint8_t *ret_path)
{
    const uint16_t steps[] = {FID_MF, df, fid};
    bool relative = p->relative_paths && fid != NO_FILE;
    size_t len = 0;
    for (size_t i = relative ? 2 : 0; i < 3; i++) {
        if (steps[i] != NO_FILE && (i != 1 || df != FID_MF)) {
            ret_path[len++] = (uint8_t)(steps[i] >> 8);
            ret_path[len++] = (uint8_t)steps[i];
        }
    }
    return len;
}

/* SEQUENCE { OCTET STRING path }. */
static enum err put_path(struct buf *out, const struct profile *p, uint16_t df, uint16_t fid)
{
    uint8_t path[6];
    struct buf in;
    enum err e;
    buf_init(&in, DER_MAX);
    DER_TRY(der_put(&in, DER_OCTETS, span_of(path, path_of(p, df, fid, path))));
    DER_TRY(der_wrap(out, DER_SEQUENCE, &in));
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
    DER_TRY(der_put_text(&in, DER_UTF8, label));
    DER_TRY(der_put(&in, DER_BITS, span_of(bits, sizeof bits)));
    if (auth_id != 0) {
        DER_TRY(der_put(&in, DER_OCTETS, span_of(&auth_id, 1)));
    }
    DER_TRY(der_wrap(out, DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    return e;
}

static enum err put_id(struct buf *out, uint8_t id)
{
    struct buf in;
    enum err e;
    buf_init(&in, DER_MAX);
    DER_TRY(der_put(&in, DER_OCTETS, span_of(&id, 1)));
    DER_TRY(der_wrap(out, DER_SEQUENCE, &in));
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
    DER_TRY(der_wrap(&in, DER_SEQUENCE, body));
    DER_TRY(der_wrap(out, DER_CONTEXT(1), &in));
out:
    buf_clear(&in);
    return e;
}

static enum err put_pin(struct buf *out, const struct profile *p, const struct profile_pin *pin)
{
    struct buf in;
    struct buf body;
    enum err e;
    buf_init(&in, DER_MAX);
    buf_init(&body, DER_MAX);
    DER_TRY(put_common(&in, pin->label, 0xC0, 0));
    DER_TRY(put_id(&in, pin->id));
    DER_TRY(der_put(&body, DER_BITS, span_of(pin->flags, sizeof pin->flags)));
    DER_TRY(der_put_uint(&body, DER_ENUMERATED, 1)); /* ascii-numeric */
    DER_TRY(der_put_uint(&body, DER_INTEGER, pin->min));
    DER_TRY(der_put_uint(&body, DER_INTEGER, pin->stored != 0 ? pin->stored : pin->max));
    DER_TRY(der_put_uint(&body, DER_INTEGER, pin->max));
    DER_TRY(der_put(&body, DER_VALUE(0), span_of(&pin->ref, 1)));
    if (pin->stored != 0) {
        DER_TRY(der_put(&body, DER_OCTETS, span_of(&pin->pad, 1)));
    }
    if (pin->path != NO_FILE) {
        DER_TRY(put_path(&body, p, pin->path, NO_FILE));
    }
    DER_TRY(put_typed(&in, &body));
    DER_TRY(der_wrap(out, DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    buf_clear(&body);
    return e;
}

static enum err put_key(struct buf *out, const struct profile *p, const struct profile_key *key)
{
    static const uint8_t use_auth[] = {0x05, 0x20};         /* sign */
    static const uint8_t use_sign[] = {0x06, 0x00, 0x40};   /* nonRepudiation */
    static const uint8_t use_decrypt[] = {0x02, 0x64};      /* sign, decrypt, unwrap */
    static const uint8_t use_derive[] = {0x07, 0x20, 0x80}; /* sign, derive */
    bool ec = key->shape == SHAPE_P256 || key->shape == SHAPE_P384;
    struct buf in;
    struct buf body;
    enum err e;
    buf_init(&in, DER_MAX);
    buf_init(&body, DER_MAX);
    DER_TRY(put_common(&in, key->label, 0x80, profile_pin_find(p, key->pin_ref)->id));
    DER_TRY(der_put(&body, DER_OCTETS, span_of(&key->id, 1)));
    struct span use = key->signs      ? span_of(use_sign, sizeof use_sign)
                      : !p->deciphers ? span_of(use_auth, sizeof use_auth)
                      : ec            ? span_of(use_derive, sizeof use_derive)
                                      : span_of(use_decrypt, sizeof use_decrypt);
    DER_TRY(der_put(&body, DER_BITS, use));
    DER_TRY(der_put_uint(&body, DER_INTEGER, key->ref));
    DER_TRY(der_wrap(&in, DER_SEQUENCE, &body));
    DER_TRY(put_path(&body, p, p->apps[0].df, NO_FILE));
    if (!ec) {
        DER_TRY(der_put_uint(&body, DER_INTEGER, key->shape == SHAPE_RSA2048 ? 2048 : 3072));
    }
    DER_TRY(put_typed(&in, &body));
    DER_TRY(der_wrap(out, ec ? DER_CONTEXT(0) : DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    buf_clear(&body);
    return e;
}

static enum err put_cert(struct buf *out, const struct profile *p, const struct profile_key *key)
{
    struct buf in;
    struct buf body;
    enum err e;
    buf_init(&in, DER_MAX);
    buf_init(&body, DER_MAX);
    DER_TRY(put_common(&in, key->signs ? "allekirjoitusvarmenne" : "todentamisvarmenne", 0x00, 0));
    DER_TRY(put_id(&in, key->id));
    DER_TRY(put_path(&body, p, key->cert_df, key->cert_fid));
    DER_TRY(put_typed(&in, &body));
    DER_TRY(der_wrap(out, DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    buf_clear(&body);
    return e;
}

/* CommonCertificateAttributes of a CA: iD, authority. */
static enum err put_authority(struct buf *out, uint8_t id)
{
    static const uint8_t yes = 0xFF;
    struct buf in;
    enum err e;
    buf_init(&in, DER_MAX);
    DER_TRY(der_put(&in, DER_OCTETS, span_of(&id, 1)));
    DER_TRY(der_put(&in, DER_BOOLEAN, span_of(&yes, 1)));
    DER_TRY(der_wrap(out, DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    return e;
}

static enum err put_ca(struct buf *out, const struct profile *p, const struct profile_file *f)
{
    bool root = f->content == CONTENT_ROOT_CERT;
    struct buf in;
    struct buf body;
    enum err e;
    buf_init(&in, DER_MAX);
    buf_init(&body, DER_MAX);
    DER_TRY(put_common(&in, root ? "Root CA" : "Issuing CA", 0x00, 0));
    DER_TRY(put_authority(&in, root ? 0xC2 : 0xC1));
    DER_TRY(put_path(&body, p, f->df, f->fid));
    DER_TRY(put_typed(&in, &body));
    DER_TRY(der_wrap(out, DER_SEQUENCE, &in));
out:
    buf_clear(&in);
    buf_clear(&body);
    return e;
}

/* Application template (ISO 7816-4 §8.2.1.1). */
static enum err put_app(struct buf *out, const struct profile *p, const struct profile_app *app)
{
    uint8_t path[6];
    struct buf in;
    enum err e;
    buf_init(&in, DER_MAX);
    DER_TRY(der_put(&in, 0x4F, app->aid));
    DER_TRY(der_put_text(&in, 0x50, app->label));
    DER_TRY(der_put(&in, 0x51, span_of(path, path_of(p, app->df, NO_FILE, path))));
    DER_TRY(der_wrap(out, 0x61, &in));
out:
    buf_clear(&in);
    return e;
}

enum err issue_dir(const struct issue_order *o, struct buf *out)
{
    const struct profile *p = o->profile;
    enum err e = ERR_OK;
    for (size_t i = 0; i < p->n_apps && e == ERR_OK; i++) {
        if (p->apps[i].label != NULL) {
            e = put_app(out, p, &p->apps[i]);
        }
    }
    return e;
}

enum err issue_odf(const struct issue_order *o, struct buf *out)
{
    static const struct {
        uint8_t tag;
        enum file_content content;
    } kinds[] = {{DER_CONTEXT(8), CONTENT_AODF},
                 {DER_CONTEXT(0), CONTENT_PRKDF},
                 {DER_CONTEXT(4), CONTENT_CDF},
                 {DER_CONTEXT(5), CONTENT_CDF_CA}};
    struct buf in;
    enum err e = ERR_OK;
    buf_init(&in, DER_MAX);
    for (size_t i = 0; i < PROFILE_COUNT(kinds); i++) {
        const struct profile_file *f = profile_file_with(o->profile, kinds[i].content);
        if (f != NULL) {
            DER_TRY(put_path(&in, o->profile, f->df, f->fid));
            DER_TRY(der_wrap(out, kinds[i].tag, &in));
        }
    }
out:
    buf_clear(&in);
    return e;
}

enum err issue_aodf(const struct issue_order *o, struct buf *out)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < o->profile->n_pins && e == ERR_OK; i++) {
        e = put_pin(out, o->profile, &o->profile->pins[i]);
    }
    return e;
}

enum err issue_prkdf(const struct issue_order *o, struct buf *out)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < o->n_keys && e == ERR_OK; i++) {
        e = put_key(out, o->profile, &o->profile->keys[i]);
    }
    return e;
}

enum err issue_cdf(const struct issue_order *o, struct buf *out)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < o->n_keys && e == ERR_OK; i++) {
        e = put_cert(out, o->profile, &o->profile->keys[i]);
    }
    return e == ERR_OK && o->profile->cdf_has_cas ? issue_cdf_ca(o, out) : e;
}

enum err issue_cdf_ca(const struct issue_order *o, struct buf *out)
{
    const struct profile *p = o->profile;
    enum err e = ERR_OK;
    for (size_t i = 0; i < p->n_files && e == ERR_OK; i++) {
        if (p->files[i].content == CONTENT_CA_CERT || p->files[i].content == CONTENT_ROOT_CERT) {
            e = put_ca(out, p, &p->files[i]);
        }
    }
    return e;
}
