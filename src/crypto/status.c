#include "crypto/status.h"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include <string.h>

/* How far the clocks may be apart, and how old an answer without nextUpdate may be. */
#define SKEW_S    300L
#define MAX_AGE_S 86400L

/* A certificate and who issued it. */
struct pair {
    X509 *cert;
    X509 *issuer;
};

static X509 *parse(struct span der)
{
    const unsigned char *at = der.at;
    X509 *cert = der.len > 0 && der.len <= LIMIT_CERT ? d2i_X509(NULL, &at, (long)der.len) : NULL;
    if (cert != NULL && at != der.at + der.len) {
        X509_free(cert);
        cert = NULL;
    }
    return cert;
}

static void pair_free(struct pair *p)
{
    X509_free(p->cert);
    X509_free(p->issuer);
}

static enum err pair_parse(struct span cert, struct span issuer, struct pair *ret)
{
    ret->cert = parse(cert);
    ret->issuer = parse(issuer);
    bool fits = ret->cert != NULL && ret->issuer != NULL &&
                X509_check_issued(ret->issuer, ret->cert) == X509_V_OK &&
                X509_verify(ret->cert, X509_get0_pubkey(ret->issuer)) == 1;
    return fits ? ERR_OK : ERR_CERT_INVALID;
}

/* ---- where ---- */

static bool take_url(const GENERAL_NAME *name, char ret[LIMIT_URL + 1])
{
    static const char scheme[] = "http://";
    const ASN1_IA5STRING *uri = name->type == GEN_URI ? name->d.uniformResourceIdentifier : NULL;
    struct span text = span_of(uri != NULL ? ASN1_STRING_get0_data(uri) : NULL,
                               uri != NULL ? (size_t)ASN1_STRING_length(uri) : 0);
    if (text.len < sizeof scheme || text.len > LIMIT_URL ||
        memcmp(text.at, scheme, sizeof scheme - 1) != 0) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] <= ' ' || text.at[i] >= 0x7F) {
            return false;
        }
    }
    memcpy(ret, text.at, text.len);
    ret[text.len] = '\0';
    return true;
}

static void find_ocsp(X509 *cert, char ret[LIMIT_URL + 1])
{
    AUTHORITY_INFO_ACCESS *all = X509_get_ext_d2i(cert, NID_info_access, NULL, NULL);
    bool found = false;
    for (int i = 0; !found && i < sk_ACCESS_DESCRIPTION_num(all); i++) {
        const ACCESS_DESCRIPTION *one = sk_ACCESS_DESCRIPTION_value(all, i);
        found = OBJ_obj2nid(one->method) == NID_ad_OCSP && take_url(one->location, ret);
    }
    AUTHORITY_INFO_ACCESS_free(all);
}

static bool find_in_point(const DIST_POINT *point, char ret[LIMIT_URL + 1])
{
    const GENERAL_NAMES *names = point->distpoint != NULL && point->distpoint->type == 0
                                     ? point->distpoint->name.fullname
                                     : NULL;
    bool found = false;
    for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
        found = take_url(sk_GENERAL_NAME_value(names, i), ret);
    }
    return found;
}

static void find_crl(X509 *cert, char ret[LIMIT_URL + 1])
{
    CRL_DIST_POINTS *all = X509_get_ext_d2i(cert, NID_crl_distribution_points, NULL, NULL);
    bool found = false;
    for (int i = 0; !found && i < sk_DIST_POINT_num(all); i++) {
        found = find_in_point(sk_DIST_POINT_value(all, i), ret);
    }
    CRL_DIST_POINTS_free(all);
}

enum err status_find_places(struct span cert, struct status_places *ret)
{
    X509 *x = parse(cert);
    *ret = (struct status_places){0};
    if (x == NULL) {
        return ERR_CERT_INVALID;
    }
    find_ocsp(x, ret->ocsp);
    find_crl(x, ret->crl);
    X509_free(x);
    return ERR_OK;
}

/* ---- OCSP ---- */

/* SHA-1 names the issuer in a request and proves nothing; it is what every responder knows (RFC
 * 5019 §2.1.1). */
static OCSP_CERTID *id_of(const struct pair *p)
{
    return OCSP_cert_to_id(EVP_sha1(), p->cert, p->issuer);
}

static enum err make_request(const struct pair *p, struct buf *ret)
{
    unsigned char *der = NULL;
    int len = 0;
    enum err e = ERR_NOMEM;
    OCSP_REQUEST *request = OCSP_REQUEST_new();
    OCSP_CERTID *id = id_of(p);
    if (request != NULL && id != NULL && OCSP_request_add0_id(request, id) != NULL) {
        id = NULL; /* the request's now */
        len = OCSP_request_add1_nonce(request, NULL, -1) == 1 ? i2d_OCSP_REQUEST(request, &der) : 0;
    }
    if (len > 0) {
        e = buf_append(ret, span_of(der, (size_t)len));
    }
    OPENSSL_free(der);
    OCSP_CERTID_free(id);
    OCSP_REQUEST_free(request);
    return e;
}

enum err status_ocsp_request(struct span cert, struct span issuer, struct buf *ret)
{
    struct pair p;
    enum err e = pair_parse(cert, issuer, &p);
    if (e == ERR_OK) {
        e = make_request(&p, ret);
    }
    pair_free(&p);
    return e;
}

static int64_t seconds_of(const ASN1_TIME *when)
{
    struct tm utc;
    int days = 0, seconds = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    bool ok = when != NULL && epoch != NULL && ASN1_TIME_to_tm(when, &utc) == 1 &&
              ASN1_TIME_diff(&days, &seconds, epoch, when) == 1;
    ASN1_TIME_free(epoch);
    return ok ? (int64_t)days * 86400 + seconds : 0;
}

/* The issuer is where trust begins: its own chain is another's question. */
static X509_STORE *store_of(const struct pair *p, unsigned long more_flags)
{
    X509_STORE *store = X509_STORE_new();
    if (store == NULL || X509_STORE_add_cert(store, p->issuer) != 1 ||
        X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | more_flags) != 1) {
        X509_STORE_free(store);
        return NULL;
    }
    return store;
}

/* -1: no nonce in the answer; 1: the same one. 2 and 3 can't be: the request has one. */
static bool has_our_nonce(const OCSP_REQUEST *request, OCSP_BASICRESP *basic)
{
    int how = request != NULL ? OCSP_check_nonce((OCSP_REQUEST *)request, basic) : 0;
    return how == 1 || how == -1;
}

static bool is_signed(const struct pair *p, OCSP_BASICRESP *basic)
{
    X509_STORE *store = store_of(p, 0);
    STACK_OF(X509) *more = sk_X509_new_null();
    bool ok = store != NULL && more != NULL && sk_X509_push(more, p->issuer) > 0 &&
              OCSP_basic_verify(basic, more, store, 0) == 1;
    sk_X509_free(more);
    X509_STORE_free(store);
    return ok;
}

static enum err judge_basic(const struct pair *p, OCSP_BASICRESP *basic, int64_t *ret_at)
{
    int status = V_OCSP_CERTSTATUS_UNKNOWN, reason = 0;
    ASN1_GENERALIZEDTIME *revoked = NULL, *from = NULL, *until = NULL;
    OCSP_CERTID *id = id_of(p);
    bool found = id != NULL &&
                 OCSP_resp_find_status(basic, id, &status, &reason, &revoked, &from, &until) == 1;
    OCSP_CERTID_free(id);
    if (!found || OCSP_check_validity(from, until, SKEW_S, until == NULL ? MAX_AGE_S : -1) != 1) {
        return ERR_CERT_UNCHECKED;
    }
    if (status == V_OCSP_CERTSTATUS_REVOKED) {
        *ret_at = seconds_of(revoked);
        return ERR_CERT_REVOKED;
    }
    return status == V_OCSP_CERTSTATUS_GOOD ? ERR_OK : ERR_CERT_UNCHECKED;
}

enum err status_judge_ocsp(struct span cert, struct span issuer, struct span request,
                           struct span answer, int64_t *ret_at)
{
    struct pair p;
    const unsigned char *asked = request.at, *told = answer.at;
    OCSP_REQUEST *req = d2i_OCSP_REQUEST(NULL, &asked, (long)request.len);
    OCSP_RESPONSE *resp = d2i_OCSP_RESPONSE(NULL, &told, (long)answer.len);
    OCSP_BASICRESP *basic =
        resp != NULL && OCSP_response_status(resp) == OCSP_RESPONSE_STATUS_SUCCESSFUL
            ? OCSP_response_get1_basic(resp)
            : NULL;
    *ret_at = 0;
    enum err e = pair_parse(cert, issuer, &p);
    if (e != ERR_OK || basic == NULL || !has_our_nonce(req, basic) || !is_signed(&p, basic)) {
        e = ERR_CERT_UNCHECKED;
    } else {
        e = judge_basic(&p, basic, ret_at);
    }
    pair_free(&p);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(resp);
    OCSP_REQUEST_free(req);
    return e;
}

/* ---- revocation lists ---- */

/* OpenSSL's path validation decides: signature, times, scope (issuingDistributionPoint), critical
 * extensions. */
static int verify_with(const struct pair *p, X509_CRL *crl)
{
    int why = X509_V_ERR_UNSPECIFIED;
    X509_STORE *store = store_of(p, X509_V_FLAG_CRL_CHECK);
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    STACK_OF(X509_CRL) *lists = sk_X509_CRL_new_null();
    if (store != NULL && ctx != NULL && lists != NULL && sk_X509_CRL_push(lists, crl) > 0 &&
        X509_STORE_CTX_init(ctx, store, p->cert, NULL) == 1) {
        X509_STORE_CTX_set0_crls(ctx, lists);
        why = X509_verify_cert(ctx) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
    }
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    sk_X509_CRL_free(lists);
    return why;
}

static int64_t when_in(X509_CRL *crl, X509 *cert)
{
    X509_REVOKED *entry = NULL;
    int found = X509_CRL_get0_by_cert(crl, &entry, cert);
    return found == 1 ? seconds_of(X509_REVOKED_get0_revocationDate(entry)) : 0;
}

enum err status_judge_crl(struct span cert, struct span issuer, struct span list, int64_t *ret_at)
{
    struct pair p;
    const unsigned char *at = list.at;
    X509_CRL *crl =
        list.len > 0 && list.len <= LIMIT_CRL ? d2i_X509_CRL(NULL, &at, (long)list.len) : NULL;
    int why = X509_V_ERR_UNSPECIFIED;
    *ret_at = 0;
    enum err e = pair_parse(cert, issuer, &p);
    if (e == ERR_OK && crl != NULL) {
        why = verify_with(&p, crl);
    }
    if (why == X509_V_ERR_CERT_REVOKED) {
        *ret_at = when_in(crl, p.cert);
        e = ERR_CERT_REVOKED;
    } else {
        e = why == X509_V_OK ? ERR_OK : ERR_CERT_UNCHECKED;
    }
    pair_free(&p);
    X509_CRL_free(crl);
    return e;
}
