/* The Finnish citizen card: FINEID S4-1 as publicly documented implementations show it. */
#include "commands.h"
#include "oid.h"
#include "profile.h"

/* Contact ATRs: T=0 only (no TD1), so without a check byte. */
static const uint8_t atr_v30[] = {0x3B, 0x7F, 0x96, 0x00, 0x00, 0x80, 0x31, 0xB8, 0x65, 0xB0,
                                  0x85, 0x03, 0x00, 0xEF, 0x12, 0x00, 0xF6, 0x82, 0x90, 0x00};
static const uint8_t atr_v31[] = {0x3B, 0x7F, 0x96, 0x00, 0x00, 0x80, 0x31, 0xB8, 0x65, 0xB0,
                                  0x85, 0x04, 0x02, 0x1B, 0x12, 0x00, 0xF6, 0x82, 0x90, 0x00};
static const uint8_t atr_v4[] = {0x3B, 0x7F, 0x96, 0x00, 0x00, 0x80, 0x31, 0xB8, 0x65, 0xB0,
                                 0x85, 0x05, 0x00, 0x11, 0x12, 0x24, 0x60, 0x82, 0x90, 0x00};
static const uint8_t atr_v41[] = {0x3B, 0x7F, 0x96, 0x00, 0x00, 0x80, 0x31, 0xB8, 0x65, 0xB0,
                                  0x85, 0x05, 0x10, 0x24, 0x12, 0x24, 0x60, 0x82, 0x90, 0x00};

static const uint8_t aid_pkcs15[] = {0xA0, 0x00, 0x00, 0x00, 0x63, 0x50,
                                     0x4B, 0x43, 0x53, 0x2D, 0x31, 0x35};
static const uint8_t aid_passport[] = {0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01};

static const struct profile_app apps[] = {
    {OID_SPAN(aid_pkcs15), "FINEID", FID_MF, true},
    {OID_SPAN(aid_passport), NULL, FID_MF, false},
};

#define COMMON_FILES                                                                               \
    {FID_MF, 0x2F00, SCOPE_MF, CONTENT_DIR}, {FID_MF, 0x011C, SCOPE_MF, CONTENT_CARD_ACCESS},      \
        {FID_MF, 0x4333, SCOPE_MF, CONTENT_CA_CERT},                                               \
        {FID_MF, 0x4334, SCOPE_MF, CONTENT_ROOT_CERT},                                             \
        {FID_MF, 0x4336, SCOPE_MF, CONTENT_CA_CERT}, {FID_MF, 0x5031, SCOPE_APP, CONTENT_ODF},     \
        {FID_MF, 0x5032, SCOPE_APP, CONTENT_TOKEN_INFO},                                           \
        {FID_MF, 0x4401, SCOPE_APP, CONTENT_AODF}, {FID_MF, 0x4402, SCOPE_APP, CONTENT_PRKDF},     \
        {FID_MF, 0x4403, SCOPE_APP, CONTENT_CDF}, {FID_MF, 0x4331, SCOPE_APP, CONTENT_KEY_CERT},   \
    {                                                                                              \
        FID_SIGN_DF, 0x4332, SCOPE_APP, CONTENT_KEY_CERT                                           \
    }

static const struct profile_file files_two_certs[] = {COMMON_FILES};
static const struct profile_file files_three_certs[] = {
    COMMON_FILES,
    {FID_SIGN_DF, 0x4335, SCOPE_APP, CONTENT_KEY_CERT},
};

static const struct profile_pin pins[] = {
    {"perustunnusluku", "1234", 0x11, 1, 4, 12, 12, 0x00, 5, false, false, {0x02, 0x0C}, FID_MF},
    {"allekirjoitustunnusluku",
     "123456",
     0x82,
     2,
     6,
     12,
     12,
     0x00,
     5,
     false,
     true,
     {0x02, 0x4C},
     FID_SIGN_DF},
    {"PUK", "12345678", 0x83, 3, 8, 12, 12, 0x00, 5, true, false, {0x01, 0x4E}, FID_MF},
};

#define POLICY_RSA "1.2.246.517.99.10.32.1"
#define POLICY_EC  "1.2.246.517.99.10.352.1"
#define AUTH_LABEL "todentamis- ja salausavain"

static const struct profile_key keys_v4[] = {
    {AUTH_LABEL, 0x01, 0x45, 0x11, SHAPE_P384, false, FID_MF, 0x4331, HOLDER_CITIZEN, POLICY_EC},
    {"allekirjoitusavain", 0x02, 0x46, 0x82, SHAPE_P384, true, FID_SIGN_DF, 0x4332, HOLDER_CITIZEN,
     POLICY_EC},
};
static const struct profile_key keys_v31[] = {
    {AUTH_LABEL, 0x01, 0x45, 0x11, SHAPE_RSA3072, false, FID_MF, 0x4331, HOLDER_CITIZEN,
     POLICY_RSA},
    {"allekirjoitusavain", 0x02, 0x46, 0x82, SHAPE_RSA3072, true, FID_SIGN_DF, 0x4332,
     HOLDER_CITIZEN, POLICY_RSA},
    {"allekirjoitusavain 2", 0x03, 0x47, 0x82, SHAPE_P256, true, FID_SIGN_DF, 0x4335,
     HOLDER_CITIZEN, POLICY_RSA},
};
static const struct profile_key keys_v30[] = {
    {AUTH_LABEL, 0x01, 0x45, 0x11, SHAPE_RSA2048, false, FID_MF, 0x4331, HOLDER_CITIZEN,
     POLICY_RSA},
    {"allekirjoitusavain", 0x02, 0x46, 0x82, SHAPE_RSA2048, true, FID_SIGN_DF, 0x4332,
     HOLDER_CITIZEN, POLICY_RSA},
    {"allekirjoitusavain 2", 0x03, 0x47, 0x82, SHAPE_P256, true, FID_SIGN_DF, 0x4335,
     HOLDER_CITIZEN, POLICY_RSA},
};

static const uint8_t oid_ecdsa_sha256[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};
static const uint8_t oid_ecdsa_sha384[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03};

/* That the parameters of PSS are a sequence is what some readers of this file stumble over. */
static const struct profile_alg algs[] = {
    {MECH_PSS, OID_SPAN(oid_pss), OID_SPAN(oid_sha256), 32, 0x45},
    {MECH_PSS, OID_SPAN(oid_pss), OID_SPAN(oid_sha384), 48, 0x55},
    {MECH_PSS, OID_SPAN(oid_pss), OID_SPAN(oid_sha512), 64, 0x65},
    {MECH_ECDSA, OID_SPAN(oid_ecdsa_sha256), {NULL, 0}, 0, 0x44},
    {MECH_ECDSA, OID_SPAN(oid_ecdsa_sha384), {NULL, 0}, 0, 0x54},
};

#define CITIZEN(row_name, row_atr, row_ca, row_overlong, row_activations, row_files, row_keys)     \
    {                                                                                              \
        .name = (row_name), .token_label = "HENKILOKORTTI",                                        \
        .manufacturer = "VRK-FINEID (Korttisilta TEST)", .atr = OID_SPAN(row_atr),                 \
        .dialect = &dialect_citizen, .ca = (row_ca), .sw_overlong_read = (row_overlong),           \
        .activations = (row_activations), .apps = apps, .n_apps = PROFILE_COUNT(apps),             \
        .files = (row_files), .n_files = PROFILE_COUNT(row_files), .pins = pins,                   \
        .n_pins = PROFILE_COUNT(pins), .keys = (row_keys), .n_keys = PROFILE_COUNT(row_keys),      \
        .algs = algs, .n_algs = PROFILE_COUNT(algs)                                                \
    }

/* Cards issued since 2026-01-13 bear the preset code; before that, the PUK activated. */
const struct profile profile_fineid[] = {
    CITIZEN("fineid-v4", atr_v4, CA_EC, 0x6C00, ACTIVATION_PUK | ACTIVATION_PRESET, files_two_certs,
            keys_v4),
    CITIZEN("fineid-v4.1", atr_v41, CA_EC, 0x6C00, ACTIVATION_PUK | ACTIVATION_PRESET,
            files_two_certs, keys_v4),
    CITIZEN("fineid-v3.1", atr_v31, CA_RSA, 0x6700, ACTIVATION_PUK, files_three_certs, keys_v31),
    CITIZEN("fineid-v3.0", atr_v30, CA_RSA, 0x6700, ACTIVATION_PUK, files_three_certs, keys_v30),
};
const size_t profile_fineid_count = PROFILE_COUNT(profile_fineid);
