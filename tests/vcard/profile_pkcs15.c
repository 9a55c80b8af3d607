/* Two made-up cards that nobody has rows for: everything about them stands in their own ISO 7816-15
 * directories. They differ from FINEID and from each other wherever the standard leaves a choice.
 */
#include "commands.h"
#include "oid.h"
#include "profile.h"

/* T=0 only (no TD1). Historical bytes: category 80, six letters of the issuer. */
static const uint8_t atr_a[] = {0x3B, 0x68, 0x00, 0x00, 0x80, 0x56,
                                0x4B, 0x53, 0x50, 0x31, 0x35, 0x41};
static const uint8_t atr_b[] = {0x3B, 0x68, 0x00, 0x00, 0x80, 0x56,
                                0x4B, 0x53, 0x50, 0x31, 0x35, 0x42};

/* a: an unregistered name (first half byte F), folder 4100, relative paths. */
static const uint8_t aid_a[] = {0xF0, 0x4B, 0x53, 0x54, 0x45, 0x53, 0x54, 0x41};
/* b: the registered name with two bytes behind it, folder 5015, paths that begin with 3F00. */
static const uint8_t aid_b[] = {0xA0, 0x00, 0x00, 0x00, 0x63, 0x50, 0x4B,
                                0x43, 0x53, 0x2D, 0x31, 0x35, 0x4B, 0x42};

#define DF_A 0x4100u
#define DF_B 0x5015u

static const struct profile_app apps_a[] = {{OID_SPAN(aid_a), "Card A", DF_A, true}};
static const struct profile_app apps_b[] = {{OID_SPAN(aid_b), "Card B", DF_B, true}};

static const struct profile_file files_a[] = {
    {FID_MF, 0x2F00, SCOPE_MF, CONTENT_DIR},      {DF_A, 0x5031, SCOPE_MF, CONTENT_ODF},
    {DF_A, 0x5032, SCOPE_MF, CONTENT_TOKEN_INFO}, {DF_A, 0x7001, SCOPE_MF, CONTENT_AODF},
    {DF_A, 0x7002, SCOPE_MF, CONTENT_PRKDF},      {DF_A, 0x7005, SCOPE_MF, CONTENT_CDF},
    {DF_A, 0x7101, SCOPE_MF, CONTENT_KEY_CERT},   {DF_A, 0x7102, SCOPE_MF, CONTENT_KEY_CERT},
    {DF_A, 0x7006, SCOPE_MF, CONTENT_CDF_CA},     {DF_A, 0x7201, SCOPE_MF, CONTENT_CA_CERT},
    {DF_A, 0x7202, SCOPE_MF, CONTENT_ROOT_CERT},
};
static const struct profile_file files_b[] = {
    {FID_MF, 0x2F00, SCOPE_MF, CONTENT_DIR},      {DF_B, 0x5031, SCOPE_MF, CONTENT_ODF},
    {DF_B, 0x5032, SCOPE_MF, CONTENT_TOKEN_INFO}, {DF_B, 0x4946, SCOPE_MF, CONTENT_AODF},
    {DF_B, 0x4B01, SCOPE_MF, CONTENT_PRKDF},      {DF_B, 0x4B04, SCOPE_MF, CONTENT_CDF},
    {DF_B, 0x4545, SCOPE_MF, CONTENT_KEY_CERT},   {DF_B, 0x4546, SCOPE_MF, CONTENT_KEY_CERT},
    {DF_B, 0x4547, SCOPE_MF, CONTENT_CA_CERT},    {DF_B, 0x4548, SCOPE_MF, CONTENT_ROOT_CERT},
};

static const struct profile_pin pins_a[] = {
    {"PIN", "1234", 0x81, 0x0A, 4, 8, 0, 0, 3, false, false, {0x03, 0x48}, 0},
    {"Signature PIN", "123456", 0x82, 0x0B, 6, 8, 0, 0, 3, false, true, {0x03, 0x48}, 0},
    {"PUK", "12345678", 0x83, 0x0C, 8, 8, 0, 0, 10, true, false, {0x01, 0x4A}, 0},
};
static const struct profile_pin pins_b[] = {
    {"PIN", "1234", 0x01, 1, 4, 8, 8, 0xFF, 5, false, false, {0x02, 0x0C}, DF_B},
    {"Signature PIN", "123456", 0x02, 2, 6, 8, 8, 0xFF, 5, false, true, {0x02, 0x0C}, DF_B},
    {"PUK", "12345678", 0x03, 3, 8, 8, 8, 0xFF, 10, true, false, {0x01, 0x0E}, DF_B},
};

#define POLICY "1.2.246.517.99.10.999.1"

static const struct profile_key keys_a[] = {
    {"Authentication key", 0x05, 0xA1, 0x81, SHAPE_P256, false, DF_A, 0x7101, HOLDER_CITIZEN,
     POLICY},
    {"Signature key", 0x06, 0xA2, 0x82, SHAPE_P256, true, DF_A, 0x7102, HOLDER_CITIZEN, POLICY},
};
static const struct profile_key keys_b[] = {
    {"Authentication key", 0x10, 0x45, 0x01, SHAPE_RSA2048, false, DF_B, 0x4545, HOLDER_CITIZEN,
     POLICY},
    {"Signature key", 0x20, 0x46, 0x02, SHAPE_RSA2048, true, DF_B, 0x4546, HOLDER_CITIZEN, POLICY},
};

static const uint8_t oid_ecdsa_sha256[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};
static const uint8_t oid_rsa[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01};
static const uint8_t oid_oaep[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x07};
static const uint8_t oid_rsa_sha256[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B};
static const uint8_t oid_rsa_sha512[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0D};

static const struct profile_alg algs_a[] = {
    {MECH_ECDSA, OID_SPAN(oid_ecdsa_sha256), {NULL, 0}, 0, 0x21},
};
/* rsaEncryption: the host brings the DigestInfo. */
static const struct profile_alg algs_b[] = {
    {MECH_RSA_PKCS, OID_SPAN(oid_rsa), {NULL, 0}, 0, 0x02},
    {MECH_RSA_PKCS, OID_SPAN(oid_rsa_sha256), {NULL, 0}, 0, 0x13},
    {MECH_RSA_PKCS, OID_SPAN(oid_rsa_sha512), {NULL, 0}, 0, 0x17},
    {MECH_PSS, OID_SPAN(oid_pss), OID_SPAN(oid_sha256), 32, 0x33},
    {MECH_PSS, OID_SPAN(oid_pss), OID_SPAN(oid_sha384), 48, 0x35},
    {MECH_PSS, OID_SPAN(oid_pss), OID_SPAN(oid_sha512), 64, 0x37},
};

static const struct profile_alg decs_b[] = {
    {MECH_RSA_PKCS, OID_SPAN(oid_rsa), {NULL, 0}, 0, 0x05},
    {MECH_OAEP, OID_SPAN(oid_oaep), OID_SPAN(oid_sha256), 0, 0x45},
};

const struct profile profile_pkcs15[] = {
    {.name = "pkcs15-a",
     .token_label = "Card A",
     .manufacturer = "Korttisilta TEST",
     .atr = OID_SPAN(atr_a),
     .dialect = &dialect_pkcs15_a,
     .ca = CA_EC,
     .sw_overlong_read = 0x6C00,
     .relative_paths = true,
     .apps = apps_a,
     .n_apps = PROFILE_COUNT(apps_a),
     .files = files_a,
     .n_files = PROFILE_COUNT(files_a),
     .pins = pins_a,
     .n_pins = PROFILE_COUNT(pins_a),
     .keys = keys_a,
     .n_keys = PROFILE_COUNT(keys_a),
     .algs = algs_a,
     .n_algs = PROFILE_COUNT(algs_a),
     .deciphers = true},
    {.name = "pkcs15-b",
     .token_label = "Card B",
     .manufacturer = "Korttisilta TEST",
     .atr = OID_SPAN(atr_b),
     .dialect = &dialect_pkcs15_b,
     .ca = CA_RSA,
     .sw_overlong_read = 0x6700,
     .cdf_has_cas = true,
     .apps = apps_b,
     .n_apps = PROFILE_COUNT(apps_b),
     .files = files_b,
     .n_files = PROFILE_COUNT(files_b),
     .pins = pins_b,
     .n_pins = PROFILE_COUNT(pins_b),
     .keys = keys_b,
     .n_keys = PROFILE_COUNT(keys_b),
     .algs = algs_b,
     .n_algs = PROFILE_COUNT(algs_b),
     .deciphers = true,
     .decs = decs_b,
     .n_decs = PROFILE_COUNT(decs_b)},
};
const size_t profile_pkcs15_count = PROFILE_COUNT(profile_pkcs15);
