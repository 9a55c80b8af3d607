/* Certificates as the Finnish ones are: names in UTF-8, serial number with check character, key
 * usage critical, policy with notice, OCSP and CA addresses, and QC statements where the key signs.
 * The others differ in whom they name. */
#include "issue.h"

#include <openssl/conf.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <string.h>

#define SERIAL_BYTES 8
#define CONF_MAX     4096u
#define CRL_MAX      512u
#define CRL_FOLDER   "http://proxy.korttisilta.invalid/crl/"

static const char *const ca_conf = "basicConstraints=critical,CA:TRUE\n"
                                   "keyUsage=critical,keyCertSign,cRLSign\n"
                                   "subjectKeyIdentifier=hash\n"
                                   "authorityKeyIdentifier=keyid\n";

/* Arguments: key usage, alternative names, CRL address, policy, OCSP and CA
 * addresses. */
static const char *const person_conf =
    "basicConstraints=critical,CA:FALSE\n"
    "subjectKeyIdentifier=hash\n"
    "authorityKeyIdentifier=keyid\n"
    "keyUsage=critical,%s\n"
    "subjectAltName=%s\n"
    "certificatePolicies=@policy\n"
    "authorityInfoAccess=@access\n"
    "crlDistributionPoints=URI:%s\n"
    "[policy]\n"
    "policyIdentifier=%s\n"
    "CPS.1=http://cps.korttisilta.invalid/cps99/\n"
    "userNotice.1=@notice\n"
    "[notice]\n"
    "explicitText=UTF8:Varmennepolitiikka on saatavilla - Certifikatpolicyn finns - Certificate "
    "policy "
    "is available http://cps.korttisilta.invalid/cps99/ Testivarmenne - Testcertifikat - Test "
    "certificate\n"
    "[access]\n"
    "OCSP;URI.0=%s\n"
    "caIssuers;URI.1=%s\n";

/* id-etsi-qcs: QcCompliance, QcSSCD, QcType with eSign (ETSI EN 319 412-5). */
static const char *const qc_conf = "qcStatements=ASN1:SEQUENCE:qcs\n"
                                   "[qcs]\n"
                                   "s1=SEQUENCE:compliance\n"
                                   "s2=SEQUENCE:sscd\n"
                                   "s3=SEQUENCE:type\n"
                                   "[compliance]\n"
                                   "id=OID:0.4.0.1862.1.1\n"
                                   "[sscd]\n"
                                   "id=OID:0.4.0.1862.1.4\n"
                                   "[type]\n"
                                   "id=OID:0.4.0.1862.1.6\n"
                                   "types=SEQUENCE:esign\n"
                                   "[esign]\n"
                                   "t1=OID:0.4.0.1862.1.6.1\n";

char issue_satu_check(const char *digits)
{
    static const char alphabet[] = "0123456789ABCDEFHJKLMNPRSTUVWXY";
    unsigned long value = 0;
    for (size_t i = 0; i < 8; i++) {
        value = value * 10 + (unsigned long)(digits[i] - '0');
    }
    return alphabet[value % 31];
}

static bool add_extensions(X509 *cert, X509 *issuer, const char *text)
{
    long line = 0;
    X509V3_CTX ctx;
    CONF *conf = NCONF_new(NULL);
    BIO *bio = BIO_new_mem_buf(text, -1);
    bool ok = conf != NULL && bio != NULL && NCONF_load_bio(conf, bio, &line) > 0;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509V3_set_nconf(&ctx, conf);
    ok = ok && X509V3_EXT_add_nconf(conf, &ctx, "default", cert) == 1;
    BIO_free(bio);
    NCONF_free(conf);
    return ok;
}

static bool add_name(X509_NAME *name, const char *field, const char *value)
{
    /* Country and serial number are PrintableString by their definition, the others UTF-8. */
    int type = strcmp(field, "C") == 0 || strcmp(field, "serialNumber") == 0
                   ? V_ASN1_PRINTABLESTRING
                   : MBSTRING_UTF8;
    return X509_NAME_add_entry_by_txt(name, field, type, (const unsigned char *)value, -1, -1, 0) ==
           1;
}

static bool name_ca(X509 *cert, const char *country, const char *common_name)
{
    X509_NAME *name = X509_get_subject_name(cert);
    return add_name(name, "C", country) &&
           add_name(name, "O", "Korttisilta – testivarmentaja TEST") &&
           add_name(name, "OU", "Testivarmenteet") && add_name(name, "CN", common_name);
}

#define SERIAL_TEXT 24u

/* What stands in serialNumber of each kind. */
static void serial_satu(const struct issue_person *who, char *ret)
{
    snprintf(ret, SERIAL_TEXT, "%s", who->satu);
}

/* HSA-id: SE, number of an organisation, "-", a local part. */
static void serial_hsa(const struct issue_person *who, char *ret)
{
    snprintf(ret, SERIAL_TEXT, "SE2321000016-T%.4s", who->satu + 4);
}

/* A Swedish personal number: born on 1912-12-12, running number, Luhn's digit over the last nine.
 */
static void serial_personal(const struct issue_person *who, char *ret)
{
    unsigned sum = 0;
    snprintf(ret, SERIAL_TEXT, "19121212%.3s", who->satu + 5);
    for (size_t i = 2; i < 11; i++) {
        unsigned twice = (unsigned)(ret[i] - '0') * (i % 2 == 0 ? 2 : 1);
        sum += twice / 10 + twice % 10;
    }
    ret[11] = (char)('0' + (10 - sum % 10) % 10);
    ret[12] = '\0';
}

/* Subjects and alternative names; NULL: not there. */
static const struct {
    const char *country;
    const char *organisation;
    const char *unit;
    const char *title;
    void (*serial)(const struct issue_person *who, char *ret);
    bool principal; /* a user principal name, for logon at the workplace */
    bool qualified; /* QC statements where the key signs */
    enum ca_family ca;
    const char *crl; /* file of the revocation list; real names where programs go by them */
} holders[] = {
    [HOLDER_CITIZEN] = {"FI", NULL, NULL, NULL, serial_satu, false, true, CA_COUNT, "kstp1c.crl"},
    [HOLDER_EMPLOYEE] = {"FI", "Testiorganisaatio Oy", "Testiyksikkö", NULL, serial_satu, true,
                         true, CA_ORG, "dvvsp5rc.crl"},
    [HOLDER_HEALTH] = {"FI", "Testihyvinvointialue", NULL, "Laillistettu lääkäri", serial_satu,
                       false, true, CA_HEALTH, "dvvshsp3rc.crl"},
    [HOLDER_HSA_ID] = {"SE", "Testregionen", NULL, NULL, serial_hsa, true, false, CA_SITHS_HSA,
                       "kshsa3.crl"},
    [HOLDER_PERSON_ID] = {"SE", NULL, NULL, NULL, serial_personal, false, false, CA_SITHS_PERSON,
                          "ksperson3.crl"},
    [HOLDER_E_LEGITIMATION] = {"SE", NULL, NULL, NULL, serial_personal, false, false,
                               CA_E_LEGITIMATION, "ksleg1.crl"},
};

enum ca_family issue_family(const struct profile *p, const struct profile_key *row)
{
    enum ca_family own = holders[row->holder].ca;
    return own == CA_COUNT ? p->ca : own;
}

static bool add_optional(X509_NAME *name, const char *field, const char *value)
{
    return value == NULL || add_name(name, field, value);
}

static bool name_person(X509 *cert, enum holder kind, const struct issue_person *who)
{
    char common[160];
    char serial[SERIAL_TEXT];
    X509_NAME *name = X509_get_subject_name(cert);
    holders[kind].serial(who, serial);
    snprintf(common, sizeof common, "%s %s %s", who->surname, who->given, serial);
    return add_name(name, "C", holders[kind].country) &&
           add_optional(name, "O", holders[kind].organisation) &&
           add_optional(name, "OU", holders[kind].unit) &&
           add_optional(name, "title", holders[kind].title) &&
           add_name(name, "serialNumber", serial) && add_name(name, "GN", who->given) &&
           add_name(name, "SN", who->surname) && add_name(name, "CN", common);
}

static bool set_serial(X509 *cert)
{
    uint8_t bytes[SERIAL_BYTES];
    if (RAND_bytes(bytes, sizeof bytes) != 1) {
        return false;
    }
    bytes[0] = (uint8_t)((bytes[0] & 0x3F) | 0x40); /* positive, always eight bytes */
    BIGNUM *bn = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool ok = bn != NULL && BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(cert)) != NULL;
    BN_free(bn);
    return ok;
}

static X509 *begin(EVP_PKEY *key, X509 *issuer)
{
    X509 *cert = X509_new();
    bool ok = cert != NULL && X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
              X509_set_pubkey(cert, key) == 1;
    if (ok && issuer != NULL) {
        ok = X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1;
    }
    if (!ok) {
        X509_free(cert);
        return NULL;
    }
    return cert;
}

/* Returns cert, or NULL after freeing it. */
static X509 *finish(X509 *take_cert, bool ok, EVP_PKEY *issuer_key)
{
    const EVP_MD *md = EVP_PKEY_is_a(issuer_key, "EC") ? EVP_sha384() : EVP_sha256();
    if (ok && X509_sign(take_cert, issuer_key, md) > 0) {
        return take_cert;
    }
    X509_free(take_cert);
    return NULL;
}

X509 *issue_cert_ca(EVP_PKEY *key, const char *name, const char *country, X509 *issuer,
                    EVP_PKEY *issuer_key)
{
    X509 *cert = begin(key, issuer);
    if (cert == NULL) {
        return NULL;
    }
    bool ok = name_ca(cert, country, name);
    if (issuer == NULL) {
        issuer = cert;
        ok = ok && X509_set_issuer_name(cert, X509_get_subject_name(cert)) == 1;
    }
    ok = ok && ASN1_TIME_set_string_X509(X509_getm_notBefore(cert), "20210506000000Z") == 1 &&
         ASN1_TIME_set_string_X509(X509_getm_notAfter(cert), "20420505235959Z") == 1;
    ok = ok && add_extensions(cert, issuer, ca_conf);
    return finish(cert, ok, issuer_key);
}

static const char *usage_of(const struct profile_key *row)
{
    if (row->signs) {
        return "nonRepudiation";
    }
    bool ec = row->shape == SHAPE_P256 || row->shape == SHAPE_P384;
    return ec ? "digitalSignature,keyAgreement"
              : "digitalSignature,keyEncipherment,dataEncipherment";
}

static bool add_person_extensions(X509 *cert, const struct issue_order *o,
                                  const struct profile_key *row, X509 *issuer)
{
    char text[CONF_MAX];
    char names[160];
    char crl[CRL_MAX];
    const char *satu = o->person.satu;
    snprintf(names, sizeof names, "email:%s@korttisilta.invalid%s%s%s", satu,
             holders[row->holder].principal ? ",otherName:1.3.6.1.4.1.311.20.2.3;UTF8:" : "",
             holders[row->holder].principal ? satu : "",
             holders[row->holder].principal ? "@ad.korttisilta.invalid" : "");
    snprintf(crl, sizeof crl, "%s%s", o->urls.crl != NULL ? o->urls.crl : CRL_FOLDER,
             o->urls.crl != NULL ? "" : holders[row->holder].crl);
    int n = snprintf(text, sizeof text, person_conf, usage_of(row), names, crl, row->policy,
                     o->urls.ocsp, o->urls.ca);
    bool ok = n > 0 && (size_t)n < sizeof text && add_extensions(cert, issuer, text);
    bool qc = row->signs && holders[row->holder].qualified;
    return ok && (!qc || add_extensions(cert, issuer, qc_conf));
}

X509 *issue_cert_person(const struct issue_order *o, const struct profile_key *row, EVP_PKEY *key,
                        const struct issue_ca *ca)
{
    X509 *cert = begin(key, ca->issuing);
    if (cert == NULL) {
        return NULL;
    }
    bool ok = name_person(cert, row->holder, &o->person) &&
              ASN1_TIME_set_string_X509(X509_getm_notBefore(cert), o->not_before) == 1 &&
              ASN1_TIME_set_string_X509(X509_getm_notAfter(cert), o->not_after) == 1 &&
              add_person_extensions(cert, o, row, ca->issuing);
    return finish(cert, ok, ca->issuing_key);
}
