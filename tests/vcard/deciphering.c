/* MSE SET (confidentiality template) and PERFORM SECURITY OPERATION: DECIPHER. RSA comes behind 81
 * and in a chain of commands, since it is longer than one holds; the other side's point behind 00.
 */
#include "commands.h"

#include "base/wipe.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>

#define INDICATOR_RSA 0x81u
#define INDICATOR_EC  0x00u
#define PLAIN_MAX     512u

static bool is_ec(const struct profile_key *key)
{
    return key->shape == SHAPE_P256 || key->shape == SHAPE_P384;
}

static const struct dec_row *find_dec(const struct engine *e, uint8_t byte)
{
    const struct dialect *d = e->folder.profile->dialect;
    for (size_t i = 0; i < d->n_decs; i++) {
        if (d->decs[i].byte == byte) {
            return &d->decs[i];
        }
    }
    return NULL;
}

/* Data is 80 01 algorithm 84 01 key with RSA, 84 01 key alone for a key agreement. */
unsigned deciphering_set_env(struct engine *e, const struct apdu *a)
{
    const struct profile *p = e->folder.profile;
    struct span d = a->data;
    const struct dec_row *dec = NULL;
    bool told = d.len == 6 && d.at[0] == 0x80 && d.at[1] == 1;
    e->dec_set = false;
    if (p->dialect->n_decs == 0 && !p->dialect->agrees) {
        return SW_P1P2;
    }
    if (told) {
        dec = find_dec(e, d.at[2]);
        d = span_sub(d, 3, d.len);
    }
    if (d.len != 3 || d.at[0] != 0x84 || d.at[1] != 1) {
        return SW_DATA;
    }
    size_t key = engine_find_key(e, d.at[2]);
    if (key == p->n_keys) {
        return SW_NO_REFERENCE;
    }
    bool ec = is_ec(&p->keys[key]);
    if (p->keys[key].signs || (ec ? told || !p->dialect->agrees : dec == NULL)) {
        return SW_DATA;
    }
    e->dec = dec;
    e->dec_key = key;
    e->dec_set = true;
    return SW_OK;
}

static bool decrypt(EVP_PKEY *key, const struct dec_row *dec, struct span in, uint8_t *ret,
                    size_t *ret_len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    const EVP_MD *md = dec->hash != NULL ? EVP_get_digestbyname(dec->hash) : NULL;
    int padding = dec->hash != NULL ? RSA_PKCS1_OAEP_PADDING : RSA_PKCS1_PADDING;
    bool ok = ctx != NULL && EVP_PKEY_decrypt_init(ctx) > 0 &&
              EVP_PKEY_CTX_set_rsa_padding(ctx, padding) > 0;
    if (ok && md != NULL) {
        ok = EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md) > 0 && EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) > 0;
    } else if (ok) {
        /* Later OpenSSLs give random bytes for a bad padding; a card says so. Older ones refuse the
         * option and the padding. */
        (void)EVP_PKEY_CTX_ctrl_str(ctx, "rsa_pkcs1_implicit_rejection", "0");
    }
    ok = ok && EVP_PKEY_decrypt(ctx, ret, ret_len, in.at, in.len) > 0;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static bool agree(EVP_PKEY *key, struct span point, uint8_t *ret, size_t *ret_len)
{
    EVP_PKEY *other = EVP_PKEY_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool ok = other != NULL && ctx != NULL && EVP_PKEY_copy_parameters(other, key) == 1 &&
              EVP_PKEY_set1_encoded_public_key(other, point.at, point.len) == 1 &&
              EVP_PKEY_derive_init(ctx) > 0 && EVP_PKEY_derive_set_peer(ctx, other) > 0 &&
              EVP_PKEY_derive(ctx, ret, ret_len) > 0;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(other);
    return ok;
}

static unsigned decipher(struct engine *e, struct span data, struct buf *out)
{
    const struct profile_key *key = &e->folder.profile->keys[e->dec_key];
    EVP_PKEY *own = e->folder.keys[e->dec_key];
    uint8_t plain[PLAIN_MAX];
    size_t len = sizeof plain;
    bool ec = is_ec(key);
    if (data.len < 2 || data.at[0] != (ec ? INDICATOR_EC : INDICATOR_RSA)) {
        return SW_DATA;
    }
    struct span in = span_sub(data, 1, data.len);
    bool ok = ec ? agree(own, in, plain, &len) : decrypt(own, e->dec, in, plain, &len);
    unsigned sw = !ok                                              ? SW_DATA
                  : buf_append(out, span_of(plain, len)) == ERR_OK ? SW_OK
                                                                   : SW_INTERNAL;
    wipe(plain, sizeof plain);
    return sw;
}

unsigned deciphering_operate(struct engine *e, const struct apdu *a, struct buf *out)
{
    if (!e->dec_set) {
        return SW_CONDITIONS;
    }
    if (!*engine_pin_flag(e, &e->folder.profile->keys[e->dec_key])) {
        return SW_SECURITY;
    }
    if (buf_append(&e->chain, a->data) != ERR_OK) {
        return SW_LENGTH;
    }
    if (a->cla == CLA_CHAINED) {
        return a->has_le || a->data.len == 0 ? SW_LENGTH : SW_OK;
    }
    return e->t1 && !a->has_le ? SW_LENGTH : decipher(e, buf_span(&e->chain), out);
}
