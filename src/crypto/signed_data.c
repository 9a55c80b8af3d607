#include "crypto/signed_data.h"

#include "crypto/path.h"
#include "crypto/x509_read.h"

#include <openssl/pem.h>

/* behind pem.h, without which cms.h does not declare how PEM is read */
#include <openssl/cms.h>
#include <openssl/ess.h>

#include <stdlib.h>

struct signed_data {
    CMS_ContentInfo *info;
    STACK_OF(CMS_SignerInfo) * signers; /* in info */
    STACK_OF(X509) * certs;             /* all that are inside */
};

void signed_data_free(struct signed_data **s)
{
    if (*s != NULL) {
        sk_X509_pop_free((*s)->certs, X509_free);
        CMS_ContentInfo_free((*s)->info);
        free(*s);
        *s = NULL;
    }
}

void signed_by_init(struct signed_by *by)
{
    *by = (struct signed_by){.state = SIGNED_UNREADABLE, .trust = TRUST_NO_PATH};
    buf_init(&by->cert, LIMIT_CERT);
    buf_init(&by->issuer, LIMIT_CERT);
}

void signed_by_clear(struct signed_by *by)
{
    buf_clear(&by->cert);
    buf_clear(&by->issuer);
}

/* ---- reading ---- */

static bool only_zeros(const uint8_t *at, const uint8_t *end)
{
    while (at < end && *at == 0) {
        at++;
    }
    return at == end;
}

static CMS_ContentInfo *read_info(struct span file, bool padded)
{
    const unsigned char *at = file.at;
    if (file.len == 0 || file.len > LIMIT_VERIFY) {
        return NULL;
    }
    if (!padded && file.at[0] == '-') {
        BIO *in = BIO_new_mem_buf(file.at, (int)file.len);
        CMS_ContentInfo *pem = in != NULL ? PEM_read_bio_CMS(in, NULL, NULL, NULL) : NULL;
        BIO_free(in);
        return pem;
    }
    CMS_ContentInfo *info = d2i_CMS_ContentInfo(NULL, &at, (long)file.len);
    const uint8_t *end = file.at + file.len;
    if (info != NULL && at != end && !(padded && only_zeros(at, end))) {
        CMS_ContentInfo_free(info);
        return NULL;
    }
    return info;
}

static bool is_data(CMS_ContentInfo *info)
{
    return OBJ_obj2nid(CMS_get0_type(info)) == NID_pkcs7_signed &&
           OBJ_obj2nid(CMS_get0_eContentType(info)) == NID_pkcs7_data;
}

enum err signed_data_open(struct span file, bool padded, struct signed_data **ret)
{
    struct signed_data *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return ERR_NOMEM;
    }
    s->info = read_info(file, padded);
    if (s->info != NULL && is_data(s->info)) {
        s->signers = CMS_get0_SignerInfos(s->info);
        s->certs = CMS_get1_certs(s->info);
    }
    if (sk_CMS_SignerInfo_num(s->signers) < 1 ||
        sk_CMS_SignerInfo_num(s->signers) > (int)LIMIT_VERIFY_SIGNERS) {
        signed_data_free(&s);
        return ERR_UNSUPPORTED;
    }
    (void)CMS_set1_signers_certs(s->info, NULL, 0);
    *ret = s;
    return ERR_OK;
}

struct span signed_data_content(const struct signed_data *s)
{
    ASN1_OCTET_STRING **at = CMS_get0_content(s->info);
    return at == NULL || *at == NULL
               ? span_of(NULL, 0)
               : span_of(ASN1_STRING_get0_data(*at), (size_t)ASN1_STRING_length(*at));
}

size_t signed_data_signers(const struct signed_data *s)
{
    return (size_t)sk_CMS_SignerInfo_num(s->signers);
}

/* ---- judging one signer ---- */

static bool read_hash(const X509_ALGOR *given, enum hash_alg *ret)
{
    static const int nids[HASH_COUNT] = {NID_sha224, NID_sha256, NID_sha384, NID_sha512};
    const ASN1_OBJECT *oid = NULL;
    X509_ALGOR_get0(&oid, NULL, NULL, given);
    for (int i = 0; i < HASH_COUNT; i++) {
        if (OBJ_obj2nid(oid) == nids[i]) {
            *ret = (enum hash_alg)i;
            return true;
        }
    }
    return false;
}

/* Signature algorithms as RFC 5754 and RFC 8017 name them; one that names a hash too must name
 * that of the digest. */
static bool read_algorithm(CMS_SignerInfo *signer, struct sig_alg *ret)
{
    X509_ALGOR *digest = NULL;
    X509_ALGOR *signature = NULL;
    const ASN1_OBJECT *oid = NULL;
    int hash = NID_undef;
    int key = NID_undef;
    CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest, &signature);
    if (!read_hash(digest, &ret->hash)) {
        return false;
    }
    X509_ALGOR_get0(&oid, NULL, NULL, signature);
    int nid = OBJ_obj2nid(oid);
    if (nid == NID_rsaEncryption || nid == NID_rsassaPss) {
        ret->scheme = nid == NID_rsassaPss ? SIG_RSA_PSS : SIG_RSA_PKCS1;
        return true;
    }
    const ASN1_OBJECT *named = NULL;
    X509_ALGOR_get0(&named, NULL, NULL, digest);
    if (OBJ_find_sigid_algs(nid, &hash, &key) != 1 || hash != OBJ_obj2nid(named)) {
        return false;
    }
    ret->scheme = key == NID_X9_62_id_ecPublicKey ? SIG_ECDSA : SIG_RSA_PKCS1;
    return key == NID_X9_62_id_ecPublicKey || key == NID_rsaEncryption;
}

static int64_t read_time(CMS_SignerInfo *signer)
{
    ASN1_OBJECT *oid = OBJ_nid2obj(NID_pkcs9_signingTime);
    const ASN1_TIME *t = CMS_signed_get0_data_by_OBJ(signer, oid, -3, V_ASN1_UTCTIME);
    t = t != NULL ? t : CMS_signed_get0_data_by_OBJ(signer, oid, -3, V_ASN1_GENERALIZEDTIME);
    int64_t at = 0;
    return t != NULL && x509_read_time(t, &at) == ERR_OK ? at : 0;
}

/* RFC 5035 §4: the attribute must name this certificate. *ret_has: there is one. */
static bool names_certificate(CMS_SignerInfo *signer, X509 *cert, bool *ret_has)
{
    ASN1_OBJECT *oid = OBJ_nid2obj(NID_id_smime_aa_signingCertificateV2);
    const ASN1_STRING *der = CMS_signed_get0_data_by_OBJ(signer, oid, -3, V_ASN1_SEQUENCE);
    *ret_has = CMS_signed_get_attr_by_OBJ(signer, oid, -1) >= 0;
    if (!*ret_has) {
        return true;
    }
    const unsigned char *at = der != NULL ? ASN1_STRING_get0_data(der) : NULL;
    ESS_SIGNING_CERT_V2 *named =
        at != NULL ? d2i_ESS_SIGNING_CERT_V2(NULL, &at, ASN1_STRING_length(der)) : NULL;
    STACK_OF(X509) *chain = sk_X509_new_null();
    bool ok = named != NULL && chain != NULL && sk_X509_push(chain, cert) > 0 &&
              OSSL_ESS_check_signing_certs(NULL, named, chain, 1) > 0;
    sk_X509_free(chain);
    ESS_SIGNING_CERT_V2_free(named);
    return ok;
}

/* Every part goes through the digests that the SignedData names, and no further. */
static BIO *digest_parts(struct signed_data *s, const struct span *parts, size_t n)
{
    BIO *sink = BIO_new(BIO_s_null());
    BIO *all = sink != NULL ? CMS_dataInit(s->info, sink) : NULL;
    for (size_t i = 0; all != NULL && i < n; i++) {
        /* LIMIT_VERIFY is less than INT_MAX */
        if (parts[i].len > 0 && BIO_write(all, parts[i].at, (int)parts[i].len) <= 0) {
            BIO_free_all(all);
            return NULL;
        }
    }
    if (all == NULL) {
        BIO_free(sink);
    }
    return all;
}

/* RFC 5652 §11.1: once, one value, the type of the content. */
static bool says_data(CMS_SignerInfo *signer)
{
    ASN1_OBJECT *oid = OBJ_nid2obj(NID_pkcs9_contentType);
    const ASN1_OBJECT *type = CMS_signed_get0_data_by_OBJ(signer, oid, -3, V_ASN1_OBJECT);
    return type != NULL && OBJ_obj2nid(type) == NID_pkcs7_data;
}

/* RFC 5652 §5.6: the attributes, then the content's digest among them. */
static bool verifies(struct signed_data *s, CMS_SignerInfo *signer, const struct span *parts,
                     size_t n)
{
    BIO *digests = digest_parts(s, parts, n);
    bool ok = digests != NULL && says_data(signer) && CMS_SignerInfo_verify(signer) == 1 &&
              CMS_SignerInfo_verify_content(signer, digests) == 1;
    BIO_free_all(digests);
    return ok;
}

static enum signed_trust trust_of(const struct path *path, X509 *cert, const struct cert_info *info)
{
    if (!path->is_trusted) {
        return TRUST_NO_PATH;
    }
    if ((info->key_usage & CERT_NON_REPUDIATION) == 0 || X509_check_ca(cert) == 1) {
        return TRUST_USAGE;
    }
    return path->is_early ? TRUST_NOT_YET : path->has_expired ? TRUST_EXPIRED : TRUST_FULL;
}

static enum err judge_certificate(const struct signed_data *s, X509 *cert,
                                  const struct chain_pool *pool, int64_t now, struct signed_by *ret)
{
    struct path path = {0};
    enum err e = path_find(pool, cert, s->certs, now, &path);
    if (e == ERR_OK) {
        ret->trust = trust_of(&path, cert, &ret->info);
    }
    if (e == ERR_OK && path.issuer != NULL) {
        e = x509_append_der(path.issuer, &ret->issuer);
    }
    if (e == ERR_OK && path.last != NULL) {
        x509_read_text(X509_get_subject_name(path.last), NID_commonName, ret->root);
    }
    X509_free(path.issuer);
    X509_free(path.last);
    return e;
}

enum err signed_data_judge(struct signed_data *s, size_t i, const struct span *parts,
                           size_t n_parts, const struct chain_pool *pool, int64_t now,
                           struct signed_by *ret)
{
    CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(s->signers, (int)i);
    X509 *cert = NULL;
    CMS_SignerInfo_get0_algs(signer, NULL, &cert, NULL, NULL);
    if (cert == NULL) {
        return ERR_OK;
    }
    enum err e = x509_append_der(cert, &ret->cert);
    if (e != ERR_OK) {
        return e == ERR_TOO_LARGE ? ERR_OK : e;
    }
    if (cert_parse(buf_span(&ret->cert), &ret->info) != ERR_OK ||
        !read_algorithm(signer, &ret->alg) || CMS_signed_get_attr_count(signer) < 0) {
        return ERR_OK;
    }
    ret->said_at = read_time(signer);
    ret->state =
        names_certificate(signer, cert, &ret->is_cades) && verifies(s, signer, parts, n_parts)
            ? SIGNED_HOLDS
            : SIGNED_CHANGED;
    return judge_certificate(s, cert, pool, now, ret);
}
