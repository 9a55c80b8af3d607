#include "crypto/cert.h"

#include "crypto/x509_read.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdio.h>

/* Same field size, other curve (secp256k1, brainpool): not a key of these cards. */
static bool is_nist_curve(EVP_PKEY *key)
{
    static const char *const names[] = {"prime256v1", "secp384r1", "secp521r1"};
    char name[32];
    size_t len;
    if (EVP_PKEY_get_group_name(key, name, sizeof name, &len) != 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum err key_type_of(X509 *x, struct key_type *ret)
{
    EVP_PKEY *key = X509_get0_pubkey(x);
    if (key == NULL) {
        return ERR_CERT_INVALID;
    }
    unsigned bits = (unsigned)EVP_PKEY_get_bits(key);
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        if (bits != 2048 && bits != 3072 && bits != 4096) {
            return ERR_CERT_INVALID;
        }
        *ret = (struct key_type){KEY_RSA, bits};
        return ERR_OK;
    case EVP_PKEY_EC:
        if (!is_nist_curve(key)) {
            return ERR_CERT_INVALID;
        }
        *ret = (struct key_type){KEY_EC, bits};
        return ERR_OK;
    default:
        return ERR_CERT_INVALID;
    }
}

/* OpenSSL has the first bit of KeyUsage highest in its byte, and every bit set without the
 * extension. */
static uint16_t usage_of(X509 *x)
{
    uint32_t flags = X509_get_key_usage(x);
    uint16_t usage = 0;
    if (flags == UINT32_MAX) {
        return 0;
    }
    for (unsigned bit = 0; bit < 8; bit++) {
        usage = (uint16_t)(usage | ((flags >> (7 - bit) & 1u) << bit));
    }
    return (uint16_t)(usage | ((flags & KU_DECIPHER_ONLY) != 0 ? 1u << 8 : 0));
}

/* RFC 4514 order and escapes, but texts in UTF-8 as they are. */
static void whole_name(X509_NAME *name, char *ret, size_t cap)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *text;
    ret[0] = '\0';
    if (out != NULL &&
        X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        long len = BIO_get_mem_data(out, &text);
        if (len > 0 && (size_t)len < cap && memchr(text, 0, (size_t)len) == NULL) {
            memcpy(ret, text, (size_t)len);
            ret[len] = '\0';
        }
    }
    BIO_free(out);
}

static void read_names(X509 *x, struct cert_info *info)
{
    X509_NAME *subject = X509_get_subject_name(x);
    char unit[LIMIT_CERT_TEXT];
    x509_read_text(subject, NID_commonName, info->holder);
    x509_read_text(subject, NID_serialNumber, info->person_id);
    info->id_kind = identifier_kind(span_str(info->person_id));
    x509_read_text(subject, NID_organizationName, info->employer);
    x509_read_text(subject, NID_organizationalUnitName, unit);
    size_t len = strlen(info->employer);
    if (unit[0] != '\0' && len + 2 + strlen(unit) < sizeof info->employer) {
        const char *comma = len > 0 ? ", " : "";
        snprintf(info->employer + len, sizeof info->employer - len, "%s%s", comma, unit);
    }
    x509_read_text(X509_get_issuer_name(x), NID_commonName, info->issuer);
    whole_name(X509_get_issuer_name(x), info->issuer_name, sizeof info->issuer_name);
}

static void read_policies(X509 *x, struct cert_info *info)
{
    CERTIFICATEPOLICIES *all = X509_get_ext_d2i(x, NID_certificate_policies, NULL, NULL);
    for (int i = 0; i < sk_POLICYINFO_num(all) && info->n_policies < LIMIT_POLICIES; i++) {
        char *text = info->policies[info->n_policies];
        int len = OBJ_obj2txt(text, LIMIT_OID + 1, sk_POLICYINFO_value(all, i)->policyid, 1);
        info->n_policies += len > 0 && len <= (int)LIMIT_OID ? 1 : 0;
    }
    CERTIFICATEPOLICIES_free(all);
}

enum err cert_parse(struct span der, struct cert_info *ret)
{
    struct cert_info info = {0};
    const unsigned char *at = der.at;
    enum err e = ERR_CERT_INVALID;
    if (der.len == 0 || der.len > LIMIT_CERT) {
        return ERR_CERT_INVALID;
    }
    X509 *x = d2i_X509(NULL, &at, (long)der.len);
    if (x == NULL || at != der.at + der.len) {
        goto out;
    }
    e = key_type_of(x, &info.key);
    if (e == ERR_OK) {
        e = x509_read_time(X509_get0_notBefore(x), &info.not_before);
    }
    if (e == ERR_OK) {
        e = x509_read_time(X509_get0_notAfter(x), &info.not_after);
    }
    if (e != ERR_OK) {
        goto out;
    }
    info.key_usage = usage_of(x);
    read_names(x, &info);
    read_policies(x, &info);
    *ret = info;
out:
    X509_free(x);
    return e;
}

static bool has_of_both(const struct cert_info *info, unsigned wanted)
{
    return (info->key_usage & (CERT_DIGITAL_SIGNATURE | CERT_NON_REPUDIATION)) == wanted;
}

bool cert_is_auth(const struct cert_info *info)
{
    return has_of_both(info, CERT_DIGITAL_SIGNATURE);
}

bool cert_is_sign(const struct cert_info *info)
{
    return has_of_both(info, CERT_NON_REPUDIATION);
}

bool cert_is_decrypt(const struct cert_info *info)
{
    unsigned usage = info->key.kind == KEY_EC ? CERT_KEY_AGREEMENT : CERT_ENCIPHERMENT;
    return (info->key_usage & usage) != 0;
}

/* Setting an encoded point that is not on the curve fails (openssl EC_POINT_oct2point(3)); the
 * check after it also refuses infinity. */
static enum err check_point(EVP_PKEY *own, struct span point)
{
    EVP_PKEY *other = EVP_PKEY_new();
    EVP_PKEY_CTX *ctx = NULL;
    enum err e = other == NULL ? ERR_NOMEM : ERR_DECRYPT_FAILED;
    if (e != ERR_NOMEM && EVP_PKEY_copy_parameters(other, own) == 1 &&
        EVP_PKEY_set1_encoded_public_key(other, point.at, point.len) == 1) {
        ctx = EVP_PKEY_CTX_new(other, NULL);
        e = ctx == NULL                             ? ERR_NOMEM
            : EVP_PKEY_public_check_quick(ctx) == 1 ? ERR_OK
                                                    : ERR_DECRYPT_FAILED;
    }
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(other);
    return e;
}

enum err cert_check_point(struct span der, struct span point)
{
    const unsigned char *at = der.at;
    X509 *x = der.len <= LIMIT_CERT ? d2i_X509(NULL, &at, (long)der.len) : NULL;
    EVP_PKEY *own = x != NULL && at == der.at + der.len ? X509_get0_pubkey(x) : NULL;
    enum err e = ERR_CERT_INVALID;
    if (own != NULL && EVP_PKEY_base_id(own) == EVP_PKEY_EC) {
        e = point.len > 1 && point.at[0] == 0x04 ? check_point(own, point) : ERR_DECRYPT_FAILED;
    }
    X509_free(x);
    return e;
}
