/* DVV's organisation card and its card of social and health care (FINEID S4-2): Idemia's dialect.
 */
#include "commands.h"
#include "oid.h"
#include "profile.h"

/* ID.me and Cosmo X: TA1=96, TC1=00, TD1=80 (T=0), TD2=31 (T=1), TA3=FE, TB3=45, 13 historical
 * bytes, TCK. */
static const uint8_t atr_idme[] = {0x3B, 0xDD, 0x96, 0x00, 0x80, 0x31, 0xFE, 0x45,
                                   0x00, 0x31, 0xB8, 0x64, 0x04, 0x29, 0xEC, 0xC1,
                                   0x73, 0x94, 0x01, 0x80, 0x82, 0x48};
static const uint8_t atr_cosmo_x[] = {0x3B, 0xDD, 0x96, 0x00, 0x80, 0x31, 0xFE, 0x45,
                                      0x00, 0x31, 0xB8, 0x64, 0x04, 0x29, 0xEC, 0xC1,
                                      0x73, 0x94, 0x01, 0x80, 0x83, 0x49};

static const uint8_t aid_pkcs15[] = {0xA0, 0x00, 0x00, 0x00, 0x63, 0x50,
                                     0x4B, 0x43, 0x53, 0x2D, 0x31, 0x35};
static const uint8_t aid_esign[] = {0x45, 0x2E, 0x53, 0x49, 0x47, 0x4E}; /* "E.SIGN" */

static const struct profile_app apps[] = {
    {OID_SPAN(aid_pkcs15), "FINEID", FID_MF, true},
    {OID_SPAN(aid_esign), "E.SIGN", FID_SIGN_DF, false},
};

static const struct profile_file files[] = {
    {FID_MF, 0x2F00, SCOPE_MF, CONTENT_DIR},
    {FID_MF, 0x4333, SCOPE_MF, CONTENT_CA_CERT},
    {FID_MF, 0x4334, SCOPE_MF, CONTENT_ROOT_CERT},
    {FID_MF, 0x5031, SCOPE_APP, CONTENT_ODF},
    {FID_MF, 0x5032, SCOPE_APP, CONTENT_TOKEN_INFO},
    {FID_MF, 0x4401, SCOPE_APP, CONTENT_AODF},
    {FID_MF, 0x4402, SCOPE_APP, CONTENT_PRKDF},
    {FID_MF, 0x4403, SCOPE_APP, CONTENT_CDF},
    {FID_MF, 0x4331, SCOPE_APP, CONTENT_KEY_CERT},
    {FID_SIGN_DF, 0x4332, SCOPE_APP, CONTENT_KEY_CERT},
};

/* Digits as they are typed, no padding; all three are global. */
#define PINS(sign_min)                                                                             \
    {"PIN AUTH", "1234", 0x03, 1, 4, 8, 0, 0, 5, false, false, {0x03, 0x08}, FID_MF},              \
        {"PIN SIG", "123456", 0x04, 2, (sign_min), 8, 0, 0, 5, false, true, {0x03, 0x08}, FID_MF}, \
    {                                                                                              \
        "aktivointitunnusluku", "12345678", 0x12, 3, 8, 8, 0, 0, 5, true, false, {0x01, 0x0A},     \
            FID_MF                                                                                 \
    }

static const struct profile_pin pins_org[] = {PINS(6)};
static const struct profile_pin pins_health[] = {PINS(4)};

#define POLICY "1.2.246.517.99.10.33.1"

/* 82 is local to E.SIGN; 02 would be a global key, and there is none. */
#define KEYS(row_holder)                                                                           \
    {"todentamis- ja salausavain",                                                                 \
     0x01,                                                                                         \
     0x45,                                                                                         \
     0x03,                                                                                         \
     SHAPE_RSA3072,                                                                                \
     false,                                                                                        \
     FID_MF,                                                                                       \
     0x4331,                                                                                       \
     (row_holder),                                                                                 \
     POLICY},                                                                                      \
    {                                                                                              \
        "allekirjoitusavain", 0x82, 0x46, 0x04, SHAPE_RSA3072, true, FID_SIGN_DF, 0x4332,          \
            (row_holder), POLICY                                                                   \
    }

static const struct profile_key keys_org[] = {KEYS(HOLDER_EMPLOYEE)};
static const struct profile_key keys_health[] = {KEYS(HOLDER_HEALTH)};

static const uint8_t oid_rsa_sha256[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B};
static const uint8_t oid_rsa_sha384[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0C};
static const uint8_t oid_rsa_sha512[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0D};

static const struct profile_alg algs[] = {
    {MECH_RSA_PKCS, OID_SPAN(oid_rsa_sha256), {NULL, 0}, 0, 0x42},
    {MECH_RSA_PKCS, OID_SPAN(oid_rsa_sha384), {NULL, 0}, 0, 0x52},
    {MECH_RSA_PKCS, OID_SPAN(oid_rsa_sha512), {NULL, 0}, 0, 0x62},
    {MECH_PSS, OID_SPAN(oid_pss), OID_SPAN(oid_sha256), 32, 0x45},
    {MECH_PSS, OID_SPAN(oid_pss), OID_SPAN(oid_sha384), 48, 0x55},
    {MECH_PSS, OID_SPAN(oid_pss), OID_SPAN(oid_sha512), 64, 0x65},
};

#define DVV(row_name, row_label, row_atr, row_ca, row_pins, row_keys)                              \
    {                                                                                              \
        .name = (row_name), .token_label = (row_label), .manufacturer = "DVV (Korttisilta TEST)",  \
        .atr = OID_SPAN(row_atr), .t1 = true, .dialect = &dialect_org, .ca = (row_ca),             \
        .sw_overlong_read = 0x6700, .activations = ACTIVATION_PUK, .apps = apps,                   \
        .n_apps = PROFILE_COUNT(apps), .files = files, .n_files = PROFILE_COUNT(files),            \
        .pins = (row_pins), .n_pins = PROFILE_COUNT(row_pins), .keys = (row_keys),                 \
        .n_keys = PROFILE_COUNT(row_keys), .algs = algs, .n_algs = PROFILE_COUNT(algs)             \
    }

const struct profile profile_dvv[] = {
    DVV("dvv-org", "ORGANISAATIOKORTTI", atr_idme, CA_ORG, pins_org, keys_org),
    DVV("dvv-health", "SOTE-AMMATTIKORTTI", atr_cosmo_x, CA_HEALTH, pins_health, keys_health),
};
const size_t profile_dvv_count = PROFILE_COUNT(profile_dvv);
