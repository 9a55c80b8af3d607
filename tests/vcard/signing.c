/* MSE SET (digital signature template) and PERFORM SECURITY OPERATION: HASH, then COMPUTE DIGITAL
 * SIGNATURE without data; or that alone with the digest in it. The dialect says which. */
#include "commands.h"

#include "base/wipe.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>

#define ENV_DATA_MAX  0x30u
#define SIGNATURE_MAX 512u

static const struct {
    bool ec;
    size_t signature_len;
} shapes[] = {
    [SHAPE_P256] = {true, 64},
    [SHAPE_P384] = {true, 96},
    [SHAPE_RSA2048] = {false, 256},
    [SHAPE_RSA3072] = {false, 384},
};

static const struct alg_row *find_alg(const struct engine *e, uint8_t byte)
{
    const struct dialect *d = e->folder.profile->dialect;
    for (size_t i = 0; i < d->n_algs; i++) {
        if (d->algs[i].byte == byte) {
            return &d->algs[i];
        }
    }
    return NULL;
}

static enum key_shape shape_of(const struct engine *e, size_t key)
{
    return e->folder.profile->keys[key].shape;
}

unsigned signing_set_env(struct engine *e, const struct apdu *a, struct buf *out)
{
    (void)out;
    if (a->p1 == 0x41 && a->p2 == 0xB8) {
        return deciphering_set_env(e, a);
    }
    if (a->p1 != 0x41 || a->p2 != 0xB6) {
        return SW_P1P2;
    }
    if (a->data.len > ENV_DATA_MAX) {
        return SW_LENGTH;
    }
    struct span d = a->data;
    if (d.len != 6 || d.at[0] != 0x80 || d.at[1] != 1 || d.at[3] != 0x84 || d.at[4] != 1) {
        return SW_DATA;
    }
    const struct alg_row *alg = find_alg(e, d.at[2]);
    size_t key = engine_find_key(e, d.at[5]);
    if (key == e->folder.profile->n_keys) {
        return SW_NO_REFERENCE;
    }
    if (alg == NULL || (alg->scheme == SCHEME_ECDSA) != shapes[shape_of(e, key)].ec) {
        return SW_DATA;
    }
    e->alg = alg->byte;
    e->key = key;
    e->env_set = true;
    e->digest_len = 0;
    return SW_OK;
}

/* 0: taken. A digest that is shorter than the algorithm's comes padded on the left by the host;
 * then the value is the same number and ECDSA gives the same signature. */
static unsigned take_digest(struct engine *e, struct span digest)
{
    const struct alg_row *alg = find_alg(e, e->alg);
    bool fits =
        alg->digest_len == 0 ? digest.len <= sizeof e->digest : digest.len == alg->digest_len;
    if (!fits || digest.len == 0) {
        return SW_DATA;
    }
    memcpy(e->digest, digest.at, digest.len);
    e->digest_len = digest.len;
    return 0;
}

/* Data is 90 len digest. */
static unsigned load_digest(struct engine *e, const struct apdu *a, struct buf *out)
{
    const struct dialect *dialect = e->folder.profile->dialect;
    struct span d = a->data;
    e->digest_len = 0;
    if (!dialect->digest_loaded) {
        return SW_P1P2;
    }
    if (a->has_le && !dialect->hash_returns) {
        return SW_LENGTH;
    }
    if (!e->env_set) {
        return SW_CONDITIONS;
    }
    if (d.len < 3 || d.at[0] != 0x90 || d.at[1] != d.len - 2) {
        return SW_DATA;
    }
    struct span digest = span_sub(d, 2, d.len);
    unsigned sw = take_digest(e, digest);
    if (sw == 0 && dialect->hash_returns && buf_append(out, digest) != ERR_OK) {
        sw = SW_INTERNAL;
    }
    return sw == 0 ? SW_OK : sw;
}

/* DER to r and s, each of field width. */
static bool flatten(const uint8_t *der, size_t len, size_t width, uint8_t *ret_raw)
{
    const uint8_t *at = der;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
    bool ok = sig != NULL &&
              BN_bn2binpad(ECDSA_SIG_get0_r(sig), ret_raw, (int)width) == (int)width &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), ret_raw + width, (int)width) == (int)width;
    ECDSA_SIG_free(sig);
    return ok;
}

static bool set_padding(EVP_PKEY_CTX *ctx, const struct alg_row *alg)
{
    if (alg->scheme == SCHEME_ECDSA) {
        return true;
    }
    int padding = alg->scheme == SCHEME_PSS ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
    if (EVP_PKEY_CTX_set_rsa_padding(ctx, padding) <= 0) {
        return false;
    }
    if (alg->scheme == SCHEME_INFO) {
        return true;
    }
    if (EVP_PKEY_CTX_set_signature_md(ctx, EVP_get_digestbyname(alg->hash)) <= 0) {
        return false;
    }
    return alg->scheme != SCHEME_PSS ||
           EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) > 0;
}

static bool sign(const struct engine *e, struct buf *out)
{
    uint8_t der[SIGNATURE_MAX];
    uint8_t raw[SIGNATURE_MAX];
    size_t len = sizeof der;
    const struct alg_row *alg = find_alg(e, e->alg);
    size_t want = shapes[shape_of(e, e->key)].signature_len;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(e->folder.keys[e->key], NULL);
    bool ok = ctx != NULL && EVP_PKEY_sign_init(ctx) > 0 && set_padding(ctx, alg) &&
              EVP_PKEY_sign(ctx, der, &len, e->digest, e->digest_len) > 0;
    if (ok && alg->scheme == SCHEME_ECDSA) {
        ok = flatten(der, len, want / 2, raw);
    } else if (ok) {
        memcpy(raw, der, len);
        ok = len == want;
    }
    EVP_PKEY_CTX_free(ctx);
    return ok && buf_append(out, span_of(raw, want)) == ERR_OK;
}

/* 0: a digest is there, with the command or from before. */
static unsigned want_digest(struct engine *e, const struct apdu *a)
{
    const struct dialect *dialect = e->folder.profile->dialect;
    bool comes = a->data.len > 0;
    if (!e->env_set || find_alg(e, e->alg)->scheme == SCHEME_RAW) {
        return SW_CONDITIONS;
    }
    if (comes ? !dialect->digest_inline : !dialect->digest_loaded) {
        return SW_CONDITIONS; /* another family's way */
    }
    if (comes && e->t1 && !a->has_le) {
        return SW_LENGTH; /* the signature could not be told */
    }
    return 0;
}

static void forget_digest(struct engine *e)
{
    wipe(e->digest, sizeof e->digest);
    e->digest_len = 0;
}

static unsigned compute(struct engine *e, const struct apdu *a, struct buf *out)
{
    unsigned sw = want_digest(e, a);
    if (sw != 0) {
        return sw;
    }
    const struct profile_key *key = &e->folder.profile->keys[e->key];
    bool *verified = engine_pin_flag(e, key);
    if (!*verified) {
        return SW_SECURITY;
    }
    if (a->data.len > 0 && (sw = take_digest(e, a->data)) != 0) {
        return sw;
    }
    if (e->digest_len == 0) {
        return SW_CONDITIONS;
    }
    size_t len = shapes[key->shape].signature_len;
    bool fetched = a->data.len > 0 && !e->t1; /* then no Le counts */
    if (!fetched && a->le < len && a->le != 256) {
        forget_digest(e);
        return SW_LE | (len > 0xFF ? 0 : (unsigned)len);
    }
    bool ok = sign(e, out);
    forget_digest(e);
    if (folder_pin_find(&e->folder, key->pin_ref)->row->signs && !e->pin2_persistent) {
        *verified = false;
    }
    return ok ? SW_OK : SW_INTERNAL;
}

unsigned signing_operate(struct engine *e, const struct apdu *a, struct buf *out)
{
    if (a->p1 == 0x90 && a->p2 == 0xA0) {
        return load_digest(e, a, out);
    }
    if (a->p1 == 0x80 && a->p2 == 0x86) {
        return deciphering_operate(e, a, out);
    }
    return a->p1 == 0x9E && a->p2 == 0x9A ? compute(e, a, out) : SW_P1P2;
}
