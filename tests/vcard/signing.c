/* MSE SET (digital signature template) and PERFORM SECURITY OPERATION: HASH, then COMPUTE DIGITAL
 * SIGNATURE without data. */
#include "commands.h"

#include "base/wipe.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>

#define ENV_DATA_MAX  0x30u
#define SIGNATURE_MAX 512u

enum scheme { SCHEME_RAW, SCHEME_PKCS1, SCHEME_ECDSA, SCHEME_PSS };

/* High half of the byte is the hash, low half the scheme. Raw RSA can be set but not used. */
struct alg_row {
    uint8_t byte;
    enum scheme scheme;
    uint8_t digest_len;
    const char *hash;
};

static const struct alg_row algs[] = {
    {0x40, SCHEME_RAW, 0, NULL},        {0x12, SCHEME_PKCS1, 20, "SHA1"},
    {0x32, SCHEME_PKCS1, 28, "SHA224"}, {0x42, SCHEME_PKCS1, 32, "SHA256"},
    {0x52, SCHEME_PKCS1, 48, "SHA384"}, {0x62, SCHEME_PKCS1, 64, "SHA512"},
    {0x34, SCHEME_ECDSA, 28, NULL},     {0x44, SCHEME_ECDSA, 32, NULL},
    {0x54, SCHEME_ECDSA, 48, NULL},     {0x64, SCHEME_ECDSA, 64, NULL},
    {0x35, SCHEME_PSS, 28, "SHA224"},   {0x45, SCHEME_PSS, 32, "SHA256"},
    {0x55, SCHEME_PSS, 48, "SHA384"},   {0x65, SCHEME_PSS, 64, "SHA512"},
};

static const struct {
    bool ec;
    size_t signature_len;
} shapes[] = {
    [SHAPE_P256] = {true, 64},
    [SHAPE_P384] = {true, 96},
    [SHAPE_RSA2048] = {false, 256},
    [SHAPE_RSA3072] = {false, 384},
};

static const struct alg_row *find_alg(uint8_t byte)
{
    for (size_t i = 0; i < sizeof algs / sizeof algs[0]; i++) {
        if (algs[i].byte == byte) {
            return &algs[i];
        }
    }
    return NULL;
}

static size_t find_key(const struct engine *e, uint8_t ref)
{
    const struct profile *p = e->folder.profile;
    size_t i = 0;
    while (i < p->n_keys && p->keys[i].ref != ref) {
        i++;
    }
    return e->app == APP_PKCS15 ? i : p->n_keys;
}

static enum key_shape shape_of(const struct engine *e, size_t key)
{
    return e->folder.profile->keys[key].shape;
}

unsigned signing_set_env(struct engine *e, const struct apdu *a, struct buf *out)
{
    (void)out;
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
    const struct alg_row *alg = find_alg(d.at[2]);
    size_t key = find_key(e, d.at[5]);
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

/* Data is 90 len digest. A digest that is shorter than the algorithm's comes padded on the left by
 * the host; then the value is the same number and ECDSA gives the same signature. */
static unsigned load_digest(struct engine *e, const struct apdu *a)
{
    struct span d = a->data;
    e->digest_len = 0;
    if (a->has_le) {
        return SW_LENGTH;
    }
    if (!e->env_set) {
        return SW_CONDITIONS;
    }
    const struct alg_row *alg = find_alg(e->alg);
    if (d.len < 3 || d.at[0] != 0x90 || d.at[1] != d.len - 2 || d.at[1] != alg->digest_len) {
        return SW_DATA;
    }
    memcpy(e->digest, d.at + 2, d.len - 2);
    e->digest_len = d.len - 2;
    return SW_OK;
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
    if (EVP_PKEY_CTX_set_rsa_padding(ctx, padding) <= 0 ||
        EVP_PKEY_CTX_set_signature_md(ctx, EVP_get_digestbyname(alg->hash)) <= 0) {
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
    const struct alg_row *alg = find_alg(e->alg);
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

static bool *pin_flag(struct engine *e, const struct profile_key *key)
{
    return &e->verified[folder_pin_find(&e->folder, key->pin_ref) - e->folder.pins];
}

static unsigned compute(struct engine *e, const struct apdu *a, struct buf *out)
{
    if (a->data.len > 0 || !e->env_set || find_alg(e->alg)->scheme == SCHEME_RAW) {
        return SW_CONDITIONS; /* a digest or block that comes along is of another dialect */
    }
    const struct profile_key *key = &e->folder.profile->keys[e->key];
    bool *verified = pin_flag(e, key);
    if (!*verified) {
        return SW_SECURITY;
    }
    if (e->digest_len == 0) {
        return SW_CONDITIONS;
    }
    size_t len = shapes[key->shape].signature_len;
    if (a->le < len && a->le != 256) {
        e->digest_len = 0;
        return SW_LE | (len > 0xFF ? 0 : (unsigned)len);
    }
    bool ok = sign(e, out);
    wipe(e->digest, sizeof e->digest);
    e->digest_len = 0;
    if (folder_pin_find(&e->folder, key->pin_ref)->row->signs && !e->pin2_persistent) {
        *verified = false;
    }
    return ok ? SW_OK : SW_INTERNAL;
}

unsigned signing_operate(struct engine *e, const struct apdu *a, struct buf *out)
{
    if (a->p1 == 0x90 && a->p2 == 0xA0) {
        return load_digest(e, a);
    }
    return a->p1 == 0x9E && a->p2 == 0x9A ? compute(e, a, out) : SW_P1P2;
}
