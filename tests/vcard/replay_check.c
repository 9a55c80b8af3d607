/* Checks of a replay that need more than comparing bytes: signatures and whole files. */
#include "replay.h"

#include "base/enc.h"
#include "folder.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdlib.h>
#include <string.h>

#define DER_MAX 256u

/* The words of a check, as its text holds them. */
struct ask {
    char kind[12];
    char file[16];
    char word[2][160];
};

static enum err load(const struct replay_card *card, const char *name, struct buf *out)
{
    char path[32];
    snprintf(path, sizeof path, "files/%s", name);
    buf_init(out, FOLDER_FILE_MAX);
    return folder_read(card->folder, path, out);
}

size_t replay_file_size(const struct replay_card *card, const char *name)
{
    struct buf content;
    size_t len = load(card, name, &content) == ERR_OK ? content.len : 0;
    buf_clear(&content);
    return len;
}

static EVP_PKEY *public_key(const struct replay_card *card, const char *name)
{
    struct buf content;
    EVP_PKEY *key = NULL;
    if (load(card, name, &content) == ERR_OK) {
        const uint8_t *at = content.at;
        X509 *cert = d2i_X509(NULL, &at, (long)content.len);
        key = cert != NULL ? X509_get_pubkey(cert) : NULL;
        X509_free(cert);
    }
    buf_clear(&content);
    return key;
}

/* r and s side by side to DER. */
static int to_der(struct span raw, uint8_t *ret_der)
{
    uint8_t *at = ret_der;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    int half = (int)(raw.len / 2);
    BIGNUM *r = BN_bin2bn(raw.at, half, NULL);
    BIGNUM *s = BN_bin2bn(raw.at + half, half, NULL);
    int len = -1;
    if (sig != NULL && ECDSA_SIG_set0(sig, r, s) == 1 && i2d_ECDSA_SIG(sig, NULL) <= (int)DER_MAX) {
        len = i2d_ECDSA_SIG(sig, &at);
    }
    ECDSA_SIG_free(sig);
    return len;
}

static bool verify_ecdsa(EVP_PKEY_CTX *ctx, struct span raw, struct span digest)
{
    uint8_t der[DER_MAX];
    int len = raw.len <= 132 && raw.len % 2 == 0 ? to_der(raw, der) : -1;
    return len > 0 && EVP_PKEY_verify(ctx, der, (size_t)len, digest.at, digest.len) == 1;
}

static bool verify_rsa(EVP_PKEY_CTX *ctx, const char *hash, bool pss, struct span sig,
                       struct span digest)
{
    int padding = pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
    const EVP_MD *md = EVP_get_digestbyname(hash);
    if (md == NULL || EVP_PKEY_CTX_set_rsa_padding(ctx, padding) <= 0 ||
        EVP_PKEY_CTX_set_signature_md(ctx, md) <= 0 ||
        (pss && EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) <= 0)) {
        return false;
    }
    return EVP_PKEY_verify(ctx, sig.at, sig.len, digest.at, digest.len) == 1;
}

static bool verify(const struct replay_card *card, const struct ask *ask, struct span data)
{
    struct buf digest;
    buf_init(&digest, 64);
    EVP_PKEY *key = public_key(card, ask->file);
    EVP_PKEY_CTX *ctx = key != NULL ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    bool ok = ctx != NULL && EVP_PKEY_verify_init(ctx) > 0 &&
              enc_hex_decode(span_str(ask->word[1]), &digest) == ERR_OK;
    if (ok && strcmp(ask->kind, "ecdsa") == 0) {
        ok = verify_ecdsa(ctx, data, buf_span(&digest));
    } else if (ok) {
        bool pss = strcmp(ask->kind, "pss") == 0;
        ok = verify_rsa(ctx, ask->word[0], pss, data, buf_span(&digest));
    }
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    buf_clear(&digest);
    return ok;
}

static const char *check_signature(const struct replay_card *card, const struct ask *ask,
                                   struct span data)
{
    return verify(card, ask, data) ? NULL : "the signature does not verify";
}

static const char *check_file(const struct replay_card *card, const struct ask *ask,
                              struct span data)
{
    struct buf content;
    bool same = load(card, ask->file, &content) == ERR_OK && span_eq(buf_span(&content), data);
    buf_clear(&content);
    return same ? NULL : "the bytes read are not the file's";
}

static const char *check_size(const struct replay_card *card, const struct ask *ask,
                              struct span data)
{
    size_t size = replay_file_size(card, ask->file);
    (void)data;
    bool in = size >= strtoul(ask->word[0], NULL, 10) && size <= strtoul(ask->word[1], NULL, 10);
    return in ? NULL : "the size is out of bounds";
}

/* Agreeing with the curve's generator gives the key's own point: its x-coordinate. */
static const char *check_agreed(const struct replay_card *card, const struct ask *ask,
                                struct span data)
{
    EVP_PKEY *key = public_key(card, ask->file);
    unsigned char *point = NULL;
    size_t len = key != NULL ? EVP_PKEY_get1_encoded_public_key(key, &point) : 0;
    bool same = len > 0 && span_eq(span_of(point + 1, len / 2), data);
    OPENSSL_free(point);
    EVP_PKEY_free(key);
    return same ? NULL : "what was agreed on is not the key's own point";
}

static const struct {
    const char *kind;
    int words;
    const char *(*run)(const struct replay_card *card, const struct ask *ask, struct span data);
} checks[] = {
    {"ecdsa", 4, check_signature}, {"pkcs1", 4, check_signature}, {"pss", 4, check_signature},
    {"agreed", 2, check_agreed},   {"file", 2, check_file},       {"size", 4, check_size},
};

const char *replay_check(const struct replay_card *card, const char *text, struct span data)
{
    struct ask ask = {.kind = ""};
    int words = sscanf(text, "%11s %15s %159s %159s", ask.kind, ask.file, ask.word[0], ask.word[1]);
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        if (strcmp(checks[i].kind, ask.kind) == 0 && checks[i].words == words) {
            return checks[i].run(card, &ask, data);
        }
    }
    return "no such check";
}
