#include "crypto/cms.h"

#include "crypto/algorithm.h"
#include "crypto/digest.h"
#include "crypto/ecdsa_value.h"

#include <openssl/cms.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

struct cms {
    CMS_ContentInfo *info;
    CMS_SignerInfo *signer; /* in info */
    struct sig_alg alg;
};

void cms_free(struct cms **c)
{
    if (*c != NULL) {
        CMS_ContentInfo_free((*c)->info);
        free(*c);
        *c = NULL;
    }
}

static X509 *read_certificate(struct span der)
{
    const unsigned char *at = der.at;
    X509 *x = der.len > 0 && der.len <= LIMIT_CERT ? d2i_X509(NULL, &at, (long)der.len) : NULL;
    if (x != NULL && at != der.at + der.len) {
        X509_free(x);
        x = NULL;
    }
    return x;
}

/* ---- algorithm identifiers ---- */

static X509_ALGOR *hash_identifier(enum hash_alg hash)
{
    X509_ALGOR *a = X509_ALGOR_new();
    if (a != NULL) {
        X509_ALGOR_set_md(a, algorithm_md(hash));
    }
    return a;
}

/* RSASSA-PSS-params (RFC 8017 §A.2.3): MGF1 with the same hash, salt as long as the hash. */
static ASN1_STRING *pss_parameters(enum hash_alg hash)
{
    RSA_PSS_PARAMS *p = RSA_PSS_PARAMS_new();
    X509_ALGOR *mask_hash = hash_identifier(hash);
    ASN1_STRING *packed_hash = NULL;
    ASN1_STRING *ret = NULL;
    if (p != NULL && mask_hash != NULL) {
        p->hashAlgorithm = hash_identifier(hash);
        p->maskGenAlgorithm = X509_ALGOR_new();
        p->saltLength = ASN1_INTEGER_new();
        packed_hash = ASN1_item_pack(mask_hash, ASN1_ITEM_rptr(X509_ALGOR), NULL);
    }
    if (packed_hash != NULL && p->hashAlgorithm != NULL && p->maskGenAlgorithm != NULL &&
        ASN1_INTEGER_set(p->saltLength, (long)alg_hash_len(hash)) == 1 &&
        X509_ALGOR_set0(p->maskGenAlgorithm, OBJ_nid2obj(NID_mgf1), V_ASN1_SEQUENCE, packed_hash) ==
            1) {
        packed_hash = NULL;
        ret = ASN1_item_pack(p, ASN1_ITEM_rptr(RSA_PSS_PARAMS), NULL);
    }
    ASN1_STRING_free(packed_hash);
    X509_ALGOR_free(mask_hash);
    RSA_PSS_PARAMS_free(p);
    return ret;
}

/* RFC 5754 §3: ECDSA by its hash and without parameters, RSA PKCS#1 v1.5 as rsaEncryption. */
static bool set_signature_algorithm(CMS_SignerInfo *signer, struct sig_alg alg)
{
    X509_ALGOR *to = NULL;
    int nid = NID_rsaEncryption;
    CMS_SignerInfo_get0_algs(signer, NULL, NULL, NULL, &to);
    if (alg.scheme == SIG_RSA_PKCS1) {
        return X509_ALGOR_set0(to, OBJ_nid2obj(nid), V_ASN1_NULL, NULL) == 1;
    }
    if (alg.scheme == SIG_ECDSA) {
        return OBJ_find_sigid_by_algs(&nid, EVP_MD_get_type(algorithm_md(alg.hash)),
                                      NID_X9_62_id_ecPublicKey) == 1 &&
               X509_ALGOR_set0(to, OBJ_nid2obj(nid), V_ASN1_UNDEF, NULL) == 1;
    }
    ASN1_STRING *parameters = pss_parameters(alg.hash);
    if (parameters == NULL ||
        X509_ALGOR_set0(to, OBJ_nid2obj(NID_rsassaPss), V_ASN1_SEQUENCE, parameters) != 1) {
        ASN1_STRING_free(parameters);
        return false;
    }
    return true;
}

/* ---- signed attributes ---- */

static bool add_signing_time(CMS_SignerInfo *signer, int64_t at)
{
    ASN1_TIME *t = at == 0 ? NULL : ASN1_TIME_set(NULL, (time_t)at);
    bool ok = at == 0 || (t != NULL && CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime,
                                                                   t->type, t, -1) == 1);
    ASN1_TIME_free(t);
    return ok;
}

/* OpenSSL has put signing-certificate-v2 in, and sometimes the content type. */
static bool add_attributes(CMS_SignerInfo *signer, const struct cms_spec *spec)
{
    bool has_type = CMS_signed_get_attr_by_NID(signer, NID_pkcs9_contentType, -1) >= 0;
    return (has_type || CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_contentType, V_ASN1_OBJECT,
                                                    OBJ_nid2obj(NID_pkcs7_data), -1) == 1) &&
           CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING,
                                       spec->digest.at, (int)spec->digest.len) == 1 &&
           add_signing_time(signer, spec->signing_time);
}

#define ATTRIBUTES 8

/* X.690 §11.6: ascending as bytes; no two attributes begin with the whole of another. */
static int by_bytes(const void *a, const void *b)
{
    const struct span *x = a;
    const struct span *y = b;
    int order = memcmp(x->at, y->at, x->len < y->len ? x->len : y->len);
    return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

/* RFC 5652 §5.4: what is signed is the DER of the attributes as a SET OF, not as the [0] in which
 * they are sent. */
static enum err hash_attributes(CMS_SignerInfo *signer, enum hash_alg hash,
                                uint8_t ret[LIMIT_DIGEST])
{
    struct span parts[1 + ATTRIBUTES];
    uint8_t *encoded[ATTRIBUTES] = {NULL};
    uint8_t head[6] = {0};
    int n = CMS_signed_get_attr_count(signer);
    int total = 0;
    enum err e = n > 0 && n <= ATTRIBUTES ? ERR_OK : ERR_INTERNAL;
    for (int i = 0; e == ERR_OK && i < n; i++) {
        int len = i2d_X509_ATTRIBUTE(CMS_signed_get_attr(signer, i), &encoded[i]);
        parts[1 + i] = span_of(encoded[i], len > 0 ? (size_t)len : 0);
        total += len;
        e = len > 0 ? ERR_OK : ERR_NOMEM;
    }
    if (e == ERR_OK) {
        uint8_t *at = head;
        ASN1_put_object(&at, 1, total, V_ASN1_SET, V_ASN1_UNIVERSAL);
        parts[0] = span_of(head, (size_t)(at - head));
        qsort(&parts[1], (size_t)n, sizeof parts[0], by_bytes);
        e = digest_of(hash, parts, 1 + (size_t)n, ret);
    }
    for (int i = 0; i < ATTRIBUTES; i++) {
        OPENSSL_free(encoded[i]);
    }
    return e;
}

/* ---- the whole ---- */

static enum err add_chain(CMS_ContentInfo *info, const struct cms_spec *spec)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < spec->n_chain; i++) {
        X509 *x = read_certificate(spec->chain[i]);
        e = x == NULL ? ERR_CERT_INVALID : CMS_add1_cert(info, x) == 1 ? ERR_OK : ERR_NOMEM;
        X509_free(x);
    }
    return e;
}

static bool set_content(CMS_ContentInfo *info, const struct cms_spec *spec)
{
    ASN1_OCTET_STRING **at = CMS_get0_content(info);
    if (!spec->attached) {
        return CMS_set_detached(info, 1) == 1;
    }
    *at = *at == NULL ? ASN1_OCTET_STRING_new() : *at;
    return *at != NULL && ASN1_OCTET_STRING_set(*at, spec->content.at, (int)spec->content.len) == 1;
}

/* CMS_PARTIAL: OpenSSL builds the structure with the public key alone and signs nothing. */
static enum err build(struct cms *c, const struct cms_spec *spec, X509 *cert)
{
    unsigned flags = CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP;
    c->info = CMS_sign(NULL, NULL, NULL, NULL, flags);
    if (c->info == NULL || !set_content(c->info, spec)) {
        return ERR_NOMEM;
    }
    flags |= spec->profile == CMS_PROFILE_CADES ? CMS_CADES : 0;
    c->signer =
        CMS_add1_signer(c->info, cert, X509_get0_pubkey(cert), algorithm_md(spec->alg.hash), flags);
    if (c->signer == NULL || !add_attributes(c->signer, spec) ||
        !set_signature_algorithm(c->signer, spec->alg)) {
        return ERR_CERT_INVALID;
    }
    return add_chain(c->info, spec);
}

enum err cms_prepare(const struct cms_spec *spec, struct cms **ret, uint8_t ret_tbs[LIMIT_DIGEST])
{
    if (spec->digest.len != alg_hash_len(spec->alg.hash) || spec->content.len > LIMIT_MESSAGE) {
        return ERR_ARGUMENT;
    }
    struct cms *c = calloc(1, sizeof *c);
    X509 *cert = read_certificate(spec->cert);
    enum err e = c == NULL ? ERR_NOMEM : cert == NULL ? ERR_CERT_INVALID : build(c, spec, cert);
    if (e == ERR_OK) {
        c->alg = spec->alg;
        e = hash_attributes(c->signer, spec->alg.hash, ret_tbs);
    }
    X509_free(cert);
    if (e != ERR_OK) {
        cms_free(&c);
        return e;
    }
    *ret = c;
    return ERR_OK;
}

static enum err put_value(struct cms *c, struct span value)
{
    unsigned char *der = NULL;
    enum err e = ERR_OK;
    if (c->alg.scheme == SIG_ECDSA) {
        size_t len = 0;
        e = ecdsa_value_der(value, &der, &len);
        value = span_of(der, len);
    }
    if (e == ERR_OK &&
        ASN1_STRING_set(CMS_SignerInfo_get0_signature(c->signer), value.at, (int)value.len) != 1) {
        e = ERR_NOMEM;
    }
    OPENSSL_free(der);
    return e;
}

/* Read again as a receiver would, with the certificate that is inside. The content's own digest is
 * the caller's; CMS_verify wants something in the place of a content that is elsewhere. */
static bool holds(const unsigned char *der, int len)
{
    CMS_ContentInfo *info = d2i_CMS_ContentInfo(NULL, &der, len);
    BIO *nothing = BIO_new_mem_buf("", 0);
    bool ok = info != NULL && nothing != NULL &&
              CMS_verify(info, NULL, NULL, nothing, NULL,
                         CMS_NO_SIGNER_CERT_VERIFY | CMS_NO_CONTENT_VERIFY | CMS_BINARY) == 1;
    BIO_free(nothing);
    CMS_ContentInfo_free(info);
    return ok;
}

enum err cms_complete(struct cms *c, struct span value, struct buf *out)
{
    unsigned char *der = NULL;
    enum err e = put_value(c, value);
    int len = e == ERR_OK ? i2d_CMS_ContentInfo(c->info, &der) : 0;
    if (e == ERR_OK && len <= 0) {
        e = ERR_NOMEM;
    }
    if (e == ERR_OK && !holds(der, len)) {
        e = ERR_SIGNATURE_BAD;
    }
    if (e == ERR_OK) {
        e = buf_append(out, span_of(der, (size_t)len));
    }
    OPENSSL_free(der);
    return e;
}
